//! Uploads in parts, from the first to the moment they become one object.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CopyPartResult, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ListPartsInput, ListPartsOutput, Range, UploadPartCopyInput, UploadPartCopyOutput,
    UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{read, shape, write};
use crate::lab::s3::announce::Announced;
use crate::lab::s3::assemble::{self, Wanted};
use crate::lab::s3::bucket::Bucket;
use crate::lab::s3::commit::Condition;
use crate::lab::s3::digest::Algorithm;
use crate::lab::s3::intake::{self, Taken, run};
use crate::lab::s3::store::Store;
use crate::lab::s3::upload::{Part, Upload};
use crate::lab::s3::{answer, disk};

const MOST_PARTS: i32 = 10_000;

/// `CreateMultipartUpload`.
pub(super) async fn begin(
    store: &Arc<Store>,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let begun = store.now();
    let nanos = begun.timestamp_nanos_opt().unwrap_or_default();
    let algorithm = input.checksum_algorithm.as_ref().and_then(|name| Algorithm::named(name.as_str()));
    let told = input.checksum_type.as_ref().map(|kind| kind.as_str() == ChecksumType::FULL_OBJECT);
    let whole = told.unwrap_or(matches!(algorithm, None | Some(Algorithm::Crc64nvme)));
    if whole && matches!(algorithm, Some(Algorithm::Sha1 | Algorithm::Sha256)) {
        return Err(s3_error!(InvalidRequest, "The FULL_OBJECT checksum type cannot be used with the SHA algorithms."));
    }
    let upload = Upload {
        id: format!("{nanos:016x}{:08x}{:08x}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)),
        key: input.key.clone(),
        begun,
        algorithm,
        whole,
        traits: shape::traits_of!(input, &bucket.rules()),
        parts: BTreeMap::new(),
    };
    let id = upload.id.clone();
    run(move || {
        let folder = Upload::folder(&bucket.folder, &upload.id);
        std::fs::create_dir(&folder).map_err(answer::disk)?;
        disk::replace_json(&folder.join("upload.json"), &upload).map_err(answer::ours)?;
        disk::sync_folder(&bucket.folder.join("uploads")).map_err(answer::ours)?;
        bucket.change_uploads(|uploads| uploads.insert(upload.id.clone(), Arc::new(upload)));
        Ok(())
    })
    .await?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        checksum_algorithm: algorithm.map(|one| ChecksumAlgorithm::from_static(one.name())),
        checksum_type: algorithm.map(|_| {
            ChecksumType::from_static(if whole { ChecksumType::FULL_OBJECT } else { ChecksumType::COMPOSITE })
        }),
        ..CreateMultipartUploadOutput::default()
    }))
}

/// `UploadPart`.
pub(super) async fn add(
    store: &Arc<Store>,
    request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let S3Request { mut input, headers, trailing_headers, .. } = request;
    let bucket = store.bucket(&input.bucket)?;
    let upload = find(&bucket, &input.key, &input.upload_id)?;
    let announced = Announced::read(&headers, input.content_length, trailing_headers)?.or_else(upload.algorithm);
    if upload.algorithm.is_some_and(|expected| announced.algorithm() != Some(expected)) {
        return Err(s3_error!(InvalidRequest, "Checksum Type mismatch: the upload was begun with another algorithm."));
    }
    let body = input.body.take().ok_or_else(|| s3_error!(IncompleteBody, "The body is missing."))?;
    check_number(input.part_number)?;
    let taken = intake::take(store, &bucket, body, &announced).await?;
    let part = keep(store, &bucket, &input.upload_id, input.part_number, taken).await?;
    let mut told = hyper::HeaderMap::new();
    part.sum.put_into(&mut told);
    told.remove("x-amz-checksum-type");
    let e_tag = Some(shape::etag(&part.etag()));
    Ok(S3Response::with_headers(UploadPartOutput { e_tag, ..UploadPartOutput::default() }, told))
}

/// `UploadPartCopy`.
pub(super) async fn add_copy(
    store: &Arc<Store>,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let upload = find(&bucket, &input.key, &input.upload_id)?;
    check_number(input.part_number)?;
    let (from, record) = write::source(store, &input.copy_source)?;
    let size = record.content.as_ref().map_or(0, |content| content.size);
    let invalid = || s3_error!(InvalidArgument, "The x-amz-copy-source-range value must be within the source.");
    let range = match &input.copy_source_range {
        Some(text) => Range::parse(text).map_err(|_| invalid())?.check(size).map_err(|_| invalid())?,
        None => 0..size,
    };
    let taken = write::take_again(store, (&from, &record), range, &bucket, upload.algorithm).await?;
    let part = keep(store, &bucket, &input.upload_id, input.part_number, taken).await?;
    let result = CopyPartResult {
        e_tag: Some(shape::etag(&part.etag())),
        last_modified: Some(shape::timestamp(part.modified)),
        ..CopyPartResult::default()
    };
    Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() }))
}

fn check_number(number: i32) -> S3Result<()> {
    if (1..=MOST_PARTS).contains(&number) {
        return Ok(());
    }
    Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"))
}

fn find(bucket: &Bucket, key: &str, id: &str) -> S3Result<Arc<Upload>> {
    let found = bucket.uploads().get(id).filter(|upload| upload.key == key).cloned();
    found.ok_or_else(|| {
        s3_error!(NoSuchUpload, "The specified upload does not exist. It may have been aborted or completed.")
    })
}

/// Remembers a part that has come, in place of one of the same number.
async fn keep(store: &Arc<Store>, bucket: &Arc<Bucket>, id: &str, number: i32, taken: Taken) -> S3Result<Part> {
    let part = Part {
        number,
        piece: taken.piece(),
        md5: taken.digest.md5,
        sum: taken.digest.sum.clone(),
        modified: store.now(),
    };
    let (store, bucket, id, kept) = (Arc::clone(store), Arc::clone(bucket), id.to_owned(), part.clone());
    run(move || {
        let _turn = bucket.writer();
        let mut upload = bucket.uploads().get(&id).map(|upload| Upload::clone(upload)).ok_or_else(|| {
            s3_error!(NoSuchUpload, "The specified upload does not exist. It may have been aborted or completed.")
        })?;
        let folder = Upload::folder(&bucket.folder, &id);
        disk::replace_json(&folder.join(format!("part-{number:05}.json")), &kept).map_err(answer::ours)?;
        taken.keep();
        if let Some(old) = upload.parts.insert(number, kept) {
            disk::remove(&bucket.data().join(&old.piece.file)).map_err(answer::ours)?;
            store.release(old.piece.size);
        }
        bucket.change_uploads(|uploads| uploads.insert(id, Arc::new(upload)));
        Ok(())
    })
    .await?;
    Ok(part)
}

/// `CompleteMultipartUpload`.
pub(super) async fn complete(
    store: &Arc<Store>,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let S3Request { input, headers, .. } = request;
    let bucket = store.bucket(&input.bucket)?;
    find(&bucket, &input.key, &input.upload_id)?;
    let parts = input.multipart_upload.and_then(|upload| upload.parts).unwrap_or_default();
    let wanted = Wanted {
        parts: parts.into_iter().map(|part| (part.part_number.unwrap_or(0), part.e_tag)).collect(),
        size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
        sum: Announced::read(&headers, None, None)?,
        condition: Condition { if_match: input.if_match, if_none_match: input.if_none_match },
    };
    let (at, of, id) = (Arc::clone(store), Arc::clone(&bucket), input.upload_id);
    let record = run(move || assemble::finish(&at, &of, &id, &wanted)).await?;
    let content = record.content.as_ref().ok_or_else(|| answer::marker(&record))?;
    let sums = content.sum.as_ref().map(super::super::digest::Sum::to_wire).unwrap_or_default();
    Ok(S3Response::new(CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(shape::etag(&content.etag)),
        version_id: shape::version(&record, &bucket.rules()),
        checksum_crc32: sums.checksum_crc32,
        checksum_crc32c: sums.checksum_crc32c,
        checksum_crc64nvme: sums.checksum_crc64nvme,
        checksum_sha1: sums.checksum_sha1,
        checksum_sha256: sums.checksum_sha256,
        checksum_type: sums.checksum_type,
        server_side_encryption: content.traits.encryption.as_ref().map(|(name, _)| name.clone().into()),
        ..CompleteMultipartUploadOutput::default()
    }))
}

/// `AbortMultipartUpload`.
pub(super) async fn abort(
    store: &Arc<Store>,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    find(&bucket, &input.key, &input.upload_id)?;
    let store = Arc::clone(store);
    run(move || assemble::give_up(&store, &bucket, &input.upload_id)).await?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

/// `ListParts`.
pub(super) async fn list(
    store: &Arc<Store>,
    request: S3Request<ListPartsInput>,
) -> S3Result<S3Response<ListPartsOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let upload = find(&bucket, &input.key, &input.upload_id)?;
    let after = input.part_number_marker.unwrap_or(0);
    let most = usize::try_from(input.max_parts.unwrap_or(1_000)).unwrap_or(0).min(1_000);
    let rest: Vec<&Part> = upload.parts.values().filter(|part| part.number > after).collect();
    let parts = rest.iter().take(most).map(|part| {
        let sums = part.sum.to_wire();
        s3s::dto::Part {
            part_number: Some(part.number),
            e_tag: Some(shape::etag(&part.etag())),
            size: Some(read::length(part.piece.size)),
            last_modified: Some(shape::timestamp(part.modified)),
            checksum_crc32: sums.checksum_crc32,
            checksum_crc32c: sums.checksum_crc32c,
            checksum_crc64nvme: sums.checksum_crc64nvme,
            checksum_sha1: sums.checksum_sha1,
            checksum_sha256: sums.checksum_sha256,
        }
    });
    let truncated = rest.len() > most;
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        part_number_marker: Some(after),
        next_part_number_marker: rest.iter().take(most).next_back().filter(|_| truncated).map(|part| part.number),
        max_parts: i32::try_from(most).ok(),
        is_truncated: Some(truncated),
        parts: Some(parts.collect()),
        storage_class: Some(upload.traits.class().to_owned().into()),
        checksum_algorithm: upload.algorithm.map(|one| ChecksumAlgorithm::from_static(one.name())),
        ..ListPartsOutput::default()
    }))
}
