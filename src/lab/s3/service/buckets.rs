//! Buckets, and what can be set for them.

use std::sync::Arc;

use s3s::dto;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::shape;
use crate::lab::s3::answer;
use crate::lab::s3::bucket::{Rules, Versioning};
use crate::lab::s3::intake::run;
use crate::lab::s3::store::Store;

/// The region whose name the protocol leaves out.
const FIRST_REGION: &str = "us-east-1";

type Answer<T> = S3Result<S3Response<T>>;

fn rules(store: &Store, bucket: &str) -> S3Result<Rules> {
    Ok(store.bucket(bucket)?.rules())
}

async fn set(store: &Store, bucket: &str, change: impl FnOnce(&mut Rules) + Send + 'static) -> S3Result<()> {
    let bucket = store.bucket(bucket)?;
    run(move || bucket.set(change).map_err(answer::ours)).await
}

/// `ListBuckets`.
pub(super) async fn list(
    store: &Arc<Store>,
    request: S3Request<dto::ListBucketsInput>,
) -> Answer<dto::ListBucketsOutput> {
    let prefix = request.input.prefix.unwrap_or_default();
    let known = store.all();
    let buckets = known.iter().filter(|bucket| bucket.name.starts_with(&prefix)).map(|bucket| {
        let rules = bucket.rules();
        dto::Bucket {
            name: Some(bucket.name.clone()),
            creation_date: Some(shape::timestamp(rules.created)),
            bucket_region: Some(rules.region),
        }
    });
    let owner = dto::Owner { id: Some("lab".to_owned()), display_name: Some("lab".to_owned()) };
    let buckets = Some(buckets.collect());
    Ok(S3Response::new(dto::ListBucketsOutput { buckets, owner: Some(owner), ..Default::default() }))
}

/// `CreateBucket`.
pub(super) async fn create(
    store: &Arc<Store>,
    request: S3Request<dto::CreateBucketInput>,
) -> Answer<dto::CreateBucketOutput> {
    let input = request.input;
    let told = input.create_bucket_configuration.and_then(|config| config.location_constraint);
    let region = told.map_or_else(|| store.region.clone(), |region| region.as_str().to_owned());
    let (at, name) = (Arc::clone(store), input.bucket.clone());
    let made = run(move || at.create(&name, &region).map_err(answer::ours)).await?;
    made.ok_or_else(|| s3_error!(BucketAlreadyOwnedByYou, "You already own this bucket."))?;
    Ok(S3Response::new(dto::CreateBucketOutput { location: Some(format!("/{}", input.bucket)) }))
}

/// `DeleteBucket`.
pub(super) async fn delete(
    store: &Arc<Store>,
    request: S3Request<dto::DeleteBucketInput>,
) -> Answer<dto::DeleteBucketOutput> {
    let store = Arc::clone(store);
    run(move || store.delete(&request.input.bucket)).await?;
    Ok(S3Response::new(dto::DeleteBucketOutput::default()))
}

/// `HeadBucket`.
pub(super) async fn head(
    store: &Arc<Store>,
    request: S3Request<dto::HeadBucketInput>,
) -> Answer<dto::HeadBucketOutput> {
    let bucket_region = Some(rules(store, &request.input.bucket)?.region);
    Ok(S3Response::new(dto::HeadBucketOutput { bucket_region, ..Default::default() }))
}

/// `GetBucketLocation`.
pub(super) async fn location(
    store: &Arc<Store>,
    request: S3Request<dto::GetBucketLocationInput>,
) -> Answer<dto::GetBucketLocationOutput> {
    let region = Some(rules(store, &request.input.bucket)?.region).filter(|region| region != FIRST_REGION);
    Ok(S3Response::new(dto::GetBucketLocationOutput { location_constraint: region.map(Into::into) }))
}

/// `GetBucketVersioning`.
pub(super) async fn versioning(
    store: &Arc<Store>,
    request: S3Request<dto::GetBucketVersioningInput>,
) -> Answer<dto::GetBucketVersioningOutput> {
    let status = match rules(store, &request.input.bucket)?.versioning {
        Versioning::Never => None,
        Versioning::Enabled => Some(dto::BucketVersioningStatus::from_static(dto::BucketVersioningStatus::ENABLED)),
        Versioning::Suspended => Some(dto::BucketVersioningStatus::from_static(dto::BucketVersioningStatus::SUSPENDED)),
    };
    Ok(S3Response::new(dto::GetBucketVersioningOutput { status, mfa_delete: None }))
}

/// `PutBucketVersioning`.
pub(super) async fn set_versioning(
    store: &Arc<Store>,
    request: S3Request<dto::PutBucketVersioningInput>,
) -> Answer<dto::PutBucketVersioningOutput> {
    let input = request.input;
    let status = input.versioning_configuration.status;
    let versioning = match status.as_ref().map(dto::BucketVersioningStatus::as_str) {
        Some(dto::BucketVersioningStatus::ENABLED) => Versioning::Enabled,
        Some(dto::BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
        _ => return Err(s3_error!(MalformedXML, "The status must be Enabled or Suspended.")),
    };
    if versioning == Versioning::Suspended && rules(store, &input.bucket)?.replication.is_some() {
        return Err(s3_error!(InvalidBucketState, "A replication configuration is present on this bucket."));
    }
    set(store, &input.bucket, move |rules| rules.versioning = versioning).await?;
    Ok(S3Response::new(dto::PutBucketVersioningOutput::default()))
}

/// `GetBucketEncryption`.
pub(super) async fn encryption(
    store: &Arc<Store>,
    request: S3Request<dto::GetBucketEncryptionInput>,
) -> Answer<dto::GetBucketEncryptionOutput> {
    let kept = rules(store, &request.input.bucket)?.encryption;
    let kept = kept.ok_or_else(|| {
        s3_error!(
            ServerSideEncryptionConfigurationNotFoundError,
            "The server side encryption configuration was not found"
        )
    })?;
    Ok(S3Response::new(dto::GetBucketEncryptionOutput { server_side_encryption_configuration: Some(kept) }))
}

/// `PutBucketEncryption`.
pub(super) async fn set_encryption(
    store: &Arc<Store>,
    request: S3Request<dto::PutBucketEncryptionInput>,
) -> Answer<dto::PutBucketEncryptionOutput> {
    let input = request.input;
    let told = input.server_side_encryption_configuration;
    set(store, &input.bucket, move |rules| rules.encryption = Some(told)).await?;
    Ok(S3Response::new(dto::PutBucketEncryptionOutput::default()))
}

/// `DeleteBucketEncryption`.
pub(super) async fn unset_encryption(
    store: &Arc<Store>,
    request: S3Request<dto::DeleteBucketEncryptionInput>,
) -> Answer<dto::DeleteBucketEncryptionOutput> {
    set(store, &request.input.bucket, |rules| rules.encryption = None).await?;
    Ok(S3Response::new(dto::DeleteBucketEncryptionOutput::default()))
}

/// `GetBucketReplication`.
pub(super) async fn replication(
    store: &Arc<Store>,
    request: S3Request<dto::GetBucketReplicationInput>,
) -> Answer<dto::GetBucketReplicationOutput> {
    let kept = rules(store, &request.input.bucket)?.replication;
    let kept = kept.ok_or_else(|| {
        s3_error!(ReplicationConfigurationNotFoundError, "The replication configuration was not found")
    })?;
    Ok(S3Response::new(dto::GetBucketReplicationOutput { replication_configuration: Some(kept) }))
}

/// `PutBucketReplication`.
pub(super) async fn set_replication(
    store: &Arc<Store>,
    request: S3Request<dto::PutBucketReplicationInput>,
) -> Answer<dto::PutBucketReplicationOutput> {
    let input = request.input;
    if rules(store, &input.bucket)?.versioning != Versioning::Enabled {
        return Err(s3_error!(InvalidRequest, "Versioning must be 'Enabled' on the bucket to apply a replication"));
    }
    let told = input.replication_configuration;
    set(store, &input.bucket, move |rules| rules.replication = Some(told)).await?;
    Ok(S3Response::new(dto::PutBucketReplicationOutput::default()))
}

/// `DeleteBucketReplication`.
pub(super) async fn unset_replication(
    store: &Arc<Store>,
    request: S3Request<dto::DeleteBucketReplicationInput>,
) -> Answer<dto::DeleteBucketReplicationOutput> {
    set(store, &request.input.bucket, |rules| rules.replication = None).await?;
    Ok(S3Response::new(dto::DeleteBucketReplicationOutput::default()))
}

/// `GetBucketLifecycleConfiguration`.
pub(super) async fn lifecycle(
    store: &Arc<Store>,
    request: S3Request<dto::GetBucketLifecycleConfigurationInput>,
) -> Answer<dto::GetBucketLifecycleConfigurationOutput> {
    let kept = rules(store, &request.input.bucket)?.lifecycle;
    let kept =
        kept.ok_or_else(|| s3_error!(NoSuchLifecycleConfiguration, "The lifecycle configuration does not exist"))?;
    Ok(S3Response::new(dto::GetBucketLifecycleConfigurationOutput { rules: Some(kept.rules), ..Default::default() }))
}

/// `PutBucketLifecycleConfiguration`.
pub(super) async fn set_lifecycle(
    store: &Arc<Store>,
    request: S3Request<dto::PutBucketLifecycleConfigurationInput>,
) -> Answer<dto::PutBucketLifecycleConfigurationOutput> {
    let input = request.input;
    let told = input.lifecycle_configuration;
    set(store, &input.bucket, move |rules| rules.lifecycle = told).await?;
    Ok(S3Response::new(dto::PutBucketLifecycleConfigurationOutput::default()))
}

/// `DeleteBucketLifecycle`.
pub(super) async fn unset_lifecycle(
    store: &Arc<Store>,
    request: S3Request<dto::DeleteBucketLifecycleInput>,
) -> Answer<dto::DeleteBucketLifecycleOutput> {
    set(store, &request.input.bucket, |rules| rules.lifecycle = None).await?;
    Ok(S3Response::new(dto::DeleteBucketLifecycleOutput::default()))
}
