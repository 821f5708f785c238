//! Writing, copying, deleting and thawing objects.

use std::sync::Arc;

use futures_util::StreamExt as _;
use hyper::{HeaderMap, StatusCode};
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput, DeleteObjectOutput,
    DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETagCondition, Error, MetadataDirective, ObjectIdentifier,
    PutObjectInput, PutObjectOutput, RestoreObjectInput, RestoreObjectOutput,
};
use s3s::{S3Request, S3Response, S3Result, StdError, s3_error};

use super::{read, shape};
use crate::lab::s3::announce::Announced;
use crate::lab::s3::bucket::{Bucket, Versioning};
use crate::lab::s3::commit::{self, Condition, Draft, Original, Removed};
use crate::lab::s3::digest::Algorithm;
use crate::lab::s3::intake::{self, Taken, run};
use crate::lab::s3::record::{Content, NULL, Record, Traits, is_version_id};
use crate::lab::s3::store::Store;
use crate::lab::s3::{answer, archive, outflow, replicate};
use crate::text::hex;

const MOST_AT_ONCE: usize = 1_000;

/// `PutObject`.
pub(super) async fn put(
    store: &Arc<Store>,
    request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let S3Request { mut input, headers, trailing_headers, .. } = request;
    let bucket = store.bucket(&input.bucket)?;
    let traits = shape::traits_of!(input, &bucket.rules());
    let announced = Announced::read(&headers, input.content_length, trailing_headers)?;
    let body = input.body.take().ok_or_else(|| s3_error!(IncompleteBody, "The body is missing."))?;
    let taken = intake::take(store, &bucket, body, &announced).await?;
    let mut content = content(&taken, traits);
    let original = original(&headers, &bucket);
    if original.is_some()
        && let Some(etag) = text(&headers, replicate::ETAG)
    {
        content.etag = etag.to_owned();
    }
    let condition = Condition { if_match: input.if_match, if_none_match: input.if_none_match };
    let draft = Draft { key: input.key, content, condition, original };
    let record = publish(store, &bucket, draft, taken).await?;
    let content = record.content.as_ref().ok_or_else(|| answer::marker(&record))?;
    let mut told = HeaderMap::new();
    if let Some(sum) = &content.sum {
        sum.put_into(&mut told);
    }
    let output = PutObjectOutput {
        e_tag: Some(shape::etag(&content.etag)),
        version_id: shape::version(&record, &bucket.rules()),
        server_side_encryption: content.traits.encryption.as_ref().map(|(name, _)| name.clone().into()),
        ssekms_key_id: content.traits.encryption.as_ref().and_then(|(_, key)| key.clone()),
        ..PutObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, told))
}

/// What came in as one body, as an object.
fn content(taken: &Taken, traits: Traits) -> Content {
    Content {
        size: taken.digest.size,
        etag: hex(&taken.digest.md5),
        pieces: vec![taken.piece()],
        upload: None,
        sum: Some(taken.digest.sum.clone()),
        traits,
        thaw: None,
        replication: None,
    }
}

/// Makes it appear, and queues it for the other region.
async fn publish(store: &Arc<Store>, bucket: &Arc<Bucket>, draft: Draft, taken: Taken) -> S3Result<Arc<Record>> {
    let (store, bucket) = (Arc::clone(store), Arc::clone(bucket));
    run(move || {
        let record = commit::publish(&store, &bucket, draft)?;
        if record.pieces().contains(&taken.piece()) {
            taken.keep();
        }
        store.queue.push(&bucket, &record);
        Ok(record)
    })
    .await
}

/// Of which version of another region this is the copy.
fn original(headers: &HeaderMap, bucket: &Bucket) -> Option<Original> {
    let version = text(headers, replicate::VERSION).filter(|id| is_version_id(id))?;
    let modified = text(headers, replicate::MODIFIED)?.parse().ok()?;
    let keeps = bucket.rules().versioning == Versioning::Enabled;
    let order = text(headers, replicate::ORDER)?.parse().ok()?;
    Some(Original { version: if keeps { version } else { NULL }.to_owned(), modified, order })
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The object a copy is made of.
pub(super) fn source(store: &Store, source: &CopySource) -> S3Result<(Arc<Bucket>, Arc<Record>)> {
    let CopySource::Bucket { bucket, key, version_id } = source else {
        return Err(s3_error!(NotImplemented, "Access points are not known here."));
    };
    let bucket = store.bucket(bucket)?;
    let record = read::object(&bucket, key, version_id.as_deref())?;
    let content = record.content.as_ref().ok_or_else(|| answer::marker(&record))?;
    archive::readable(content, store.now()).map_err(|_| answer::not_active())?;
    Ok((bucket, record))
}

/// Takes in a stretch of an object that is here already.
pub(super) async fn take_again(
    store: &Arc<Store>,
    (from, record): (&Bucket, &Arc<Record>),
    range: std::ops::Range<u64>,
    to: &Bucket,
    algorithm: Option<Algorithm>,
) -> S3Result<Taken> {
    let announced = Announced::nothing(range.end - range.start, algorithm);
    let bytes = outflow::bytes(from.data(), Arc::clone(record), range)?;
    let bytes = bytes.map(|chunk| chunk.map_err(|error| Box::new(error) as StdError));
    intake::take(store, to, bytes, &announced).await
}

/// `CopyObject`.
pub(super) async fn copy(
    store: &Arc<Store>,
    request: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let (from, record) = source(store, &input.copy_source)?;
    let original = record.content.as_ref().ok_or_else(|| answer::marker(&record))?;
    let if_these = (input.copy_source_if_match.as_ref(), input.copy_source_if_unmodified_since.as_ref());
    let unless = (input.copy_source_if_none_match.as_ref(), input.copy_source_if_modified_since.as_ref());
    read::conditions(record.modified, &original.etag, if_these, unless).map_err(|_| answer::precondition())?;
    let mut traits = shape::traits_of!(input, &bucket.rules());
    let replace = input.metadata_directive.as_ref().is_some_and(|one| one.as_str() == MetadataDirective::REPLACE);
    if !replace {
        let told = (traits.class.take(), traits.encryption.take());
        traits = Traits { class: told.0, encryption: told.1, ..original.traits.clone() };
    }
    let algorithm = input.checksum_algorithm.as_ref().and_then(|name| Algorithm::named(name.as_str()));
    let algorithm = algorithm.or(original.sum.as_ref().map(|sum| sum.algorithm));
    let taken = take_again(store, (&from, &record), 0..original.size, &bucket, algorithm).await?;
    let content = content(&taken, traits);
    let draft = Draft { key: input.key, content, condition: Condition::default(), original: None };
    let copied = publish(store, &bucket, draft, taken).await?;
    let content = copied.content.as_ref().ok_or_else(|| answer::marker(&copied))?;
    let sums = content.sum.as_ref().map(super::super::digest::Sum::to_wire).unwrap_or_default();
    let result = CopyObjectResult {
        e_tag: Some(shape::etag(&content.etag)),
        last_modified: Some(shape::timestamp(copied.modified)),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
    };
    Ok(S3Response::new(CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: shape::version(&record, &from.rules()),
        version_id: shape::version(&copied, &bucket.rules()),
        ..CopyObjectOutput::default()
    }))
}

async fn remove(
    store: &Arc<Store>,
    bucket: &Arc<Bucket>,
    key: String,
    version: Option<String>,
    if_match: Option<ETagCondition>,
) -> S3Result<Removed> {
    let (store, bucket) = (Arc::clone(store), Arc::clone(bucket));
    let condition = Condition { if_match, if_none_match: None };
    run(move || commit::remove(&store, &bucket, &key, version.as_deref(), &condition)).await
}

/// `DeleteObject`.
pub(super) async fn delete(
    store: &Arc<Store>,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let removed = remove(store, &bucket, input.key, input.version_id, input.if_match).await?;
    Ok(S3Response::new(DeleteObjectOutput {
        delete_marker: removed.marker.then_some(true),
        version_id: removed.version,
        ..DeleteObjectOutput::default()
    }))
}

/// `DeleteObjects`.
pub(super) async fn delete_many(
    store: &Arc<Store>,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    if input.delete.objects.len() > MOST_AT_ONCE {
        return Err(s3_error!(MalformedXML, "The XML you provided names more than 1000 objects."));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        let ObjectIdentifier { key, version_id, e_tag, .. } = object;
        let if_match = e_tag.map(ETagCondition::ETag);
        match remove(store, &bucket, key.clone(), version_id.clone(), if_match).await {
            Ok(_) if quiet => {}
            Ok(removed) => deleted.push(DeletedObject {
                key: Some(key),
                delete_marker: removed.marker.then_some(true),
                delete_marker_version_id: removed.version.filter(|_| removed.marker),
                version_id,
            }),
            Err(error) => errors.push(Error {
                code: Some(error.code().as_str().to_owned()),
                message: error.message().map(str::to_owned),
                key: Some(key),
                version_id,
            }),
        }
    }
    let (deleted, errors) = (Some(deleted), Some(errors));
    Ok(S3Response::new(DeleteObjectsOutput { deleted, errors, ..DeleteObjectsOutput::default() }))
}

/// `RestoreObject`: starts the thaw, or prolongs one that is done.
pub(super) async fn restore(
    store: &Arc<Store>,
    request: S3Request<RestoreObjectInput>,
) -> S3Result<S3Response<RestoreObjectOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let record = read::object(&bucket, &input.key, input.version_id.as_deref())?;
    let days = input.restore_request.as_ref().and_then(|request| request.days);
    let days = days.ok_or_else(|| s3_error!(MalformedXML, "The XML you provided does not name the days."))?;
    let (delay, now) = (store.settings().thaw, store.now());
    let prolonged = run(move || {
        let mut prolonged = false;
        commit::amend(&bucket, &record.key, &record.version, |content| {
            let (thaw, again) = archive::ask(content, days, delay, now)?;
            content.thaw = Some(thaw);
            prolonged = again;
            Ok(())
        })?;
        Ok(prolonged)
    })
    .await?;
    let status = if prolonged { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(S3Response::with_status(RestoreObjectOutput::default(), status))
}
