//! The operations of the protocol, one line each; what they do stands in the files beside.

#![allow(clippy::unused_async, reason = "operations are called in one way, whether they wait or not")]

mod buckets;
mod list;
mod list_all;
mod parts;
mod read;
mod shape;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::store::Store;

/// The store, as the protocol sees it.
pub(super) struct Endpoint {
    pub(super) store: Arc<Store>,
}

/// Each operation calls the function of the same purpose.
macro_rules! operations {
    ($($name:ident($input:ident) -> $output:ident = $function:path;)*) => {
        #[async_trait]
        impl S3 for Endpoint {
            $(async fn $name(&self, request: S3Request<s3s::dto::$input>) -> S3Result<S3Response<s3s::dto::$output>> {
                $function(&self.store, request).await
            })*
        }
    };
}

operations! {
    list_buckets(ListBucketsInput) -> ListBucketsOutput = buckets::list;
    create_bucket(CreateBucketInput) -> CreateBucketOutput = buckets::create;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = buckets::delete;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = buckets::head;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = buckets::location;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = buckets::versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = buckets::set_versioning;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput = buckets::encryption;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput = buckets::set_encryption;
    delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput = buckets::unset_encryption;
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput = buckets::replication;
    put_bucket_replication(PutBucketReplicationInput) -> PutBucketReplicationOutput = buckets::set_replication;
    delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput =
        buckets::unset_replication;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput) -> GetBucketLifecycleConfigurationOutput =
        buckets::lifecycle;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput) -> PutBucketLifecycleConfigurationOutput =
        buckets::set_lifecycle;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput = buckets::unset_lifecycle;
    get_object(GetObjectInput) -> GetObjectOutput = read::get;
    head_object(HeadObjectInput) -> HeadObjectOutput = read::head;
    list_objects(ListObjectsInput) -> ListObjectsOutput = list::objects;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = list::objects_v2;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = list_all::versions;
    put_object(PutObjectInput) -> PutObjectOutput = write::put;
    copy_object(CopyObjectInput) -> CopyObjectOutput = write::copy;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = write::delete;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = write::delete_many;
    restore_object(RestoreObjectInput) -> RestoreObjectOutput = write::restore;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput = parts::begin;
    upload_part(UploadPartInput) -> UploadPartOutput = parts::add;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = parts::add_copy;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput = parts::complete;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput = parts::abort;
    list_parts(ListPartsInput) -> ListPartsOutput = parts::list;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput = list_all::uploads;
}
