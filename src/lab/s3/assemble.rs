//! The end of an upload in parts: one object that refers to the files of its parts, or nothing.

use std::fs::File;
use std::io::Read as _;
use std::sync::Arc;

use s3s::dto::ETag;
use s3s::{S3Error, S3Result, s3_error};

use super::announce::Announced;
use super::bucket::Bucket;
use super::commit::{self, Condition, Draft};
use super::digest::{self, Sum};
use super::record::{Content, Record};
use super::store::Store;
use super::upload::{Part, Upload};
use super::{answer, disk};

/// The least a part may hold, but for the last.
const SMALLEST_PART: u64 = 5 << 20;
const BUFFER: usize = 1 << 20;

/// What the client says the object consists of.
pub(super) struct Wanted {
    pub(super) parts: Vec<(i32, Option<ETag>)>,
    pub(super) size: Option<u64>,
    pub(super) sum: Announced,
    pub(super) condition: Condition,
}

/// Makes the object of an upload appear. No byte is copied. Until it is decided nobody else finds the upload.
pub(super) fn finish(store: &Store, bucket: &Bucket, id: &str, wanted: &Wanted) -> S3Result<Arc<Record>> {
    let upload = take_out(bucket, id)?;
    match draft(bucket, &upload, wanted).and_then(|draft| commit::publish(store, bucket, draft)) {
        Ok(record) => {
            store.queue.push(bucket, &record);
            let left = upload.parts.values().filter(|part| !record.pieces().contains(&part.piece));
            tidy(store, bucket, id, left);
            Ok(record)
        }
        Err(error) => {
            bucket.change_uploads(|uploads| uploads.insert(id.to_owned(), upload));
            Err(error)
        }
    }
}

fn take_out(bucket: &Bucket, id: &str) -> S3Result<Arc<Upload>> {
    let _turn = bucket.writer();
    bucket.change_uploads(|uploads| uploads.remove(id)).ok_or_else(gone)
}

fn draft(bucket: &Bucket, upload: &Upload, wanted: &Wanted) -> S3Result<Draft> {
    let parts = chosen(upload, &wanted.parts)?;
    let size = parts.iter().map(|part| part.piece.size).sum();
    if wanted.size.is_some_and(|told| told != size) {
        return Err(s3_error!(InvalidRequest, "The provided 'x-amz-mp-object-size' header does not match."));
    }
    let md5s: Vec<[u8; 16]> = parts.iter().map(|part| part.md5).collect();
    let content = Content {
        size,
        etag: digest::etag_of_parts(&md5s),
        pieces: parts.iter().map(|part| part.piece.clone()).collect(),
        upload: Some(upload.id.clone()),
        sum: sum(bucket, upload, &parts, &wanted.sum)?,
        traits: upload.traits.clone(),
        thaw: None,
        replication: None,
    };
    Ok(Draft { key: upload.key.clone(), content, condition: wanted.condition.clone(), original: None })
}

/// Gives an upload up, with everything that has come.
pub(super) fn give_up(store: &Store, bucket: &Bucket, id: &str) -> S3Result<()> {
    let upload = take_out(bucket, id)?;
    tidy(store, bucket, id, upload.parts.values());
    Ok(())
}

/// Removes what is left of an upload. What cannot be removed now is swept away at the next start.
fn tidy<'p>(store: &Store, bucket: &Bucket, id: &str, parts: impl Iterator<Item = &'p Part>) {
    let folder = disk::remove_all(&Upload::folder(&bucket.folder, id));
    for part in parts {
        store.release(part.piece.size);
        if let Err(error) = disk::remove(&bucket.data().join(&part.piece.file)) {
            tracing::warn!(%error, "a part that is not needed stays until the next start");
        }
    }
    if let Err(error) = folder {
        tracing::warn!(%error, "the folder of a finished upload stays until the next start");
    }
}

fn gone() -> S3Error {
    s3_error!(NoSuchUpload, "The specified upload does not exist. It may have been aborted or completed.")
}

/// The parts the client names, in its order, which has to be that of their numbers.
fn chosen(upload: &Upload, named: &[(i32, Option<ETag>)]) -> S3Result<Vec<Part>> {
    if named.is_empty() {
        return Err(s3_error!(MalformedXML, "You must specify at least one part"));
    }
    if !named.windows(2).all(|pair| pair[0].0 < pair[1].0) {
        return Err(s3_error!(InvalidPartOrder, "The list of parts was not in ascending order."));
    }
    let mut parts = Vec::with_capacity(named.len());
    for (number, etag) in named {
        let found = upload.parts.get(number);
        let same = |part: &&Part| etag.as_ref().is_none_or(|etag| etag.value() == part.etag());
        let part = found.filter(same).ok_or_else(|| {
            s3_error!(InvalidPart, "One or more of the specified parts could not be found or has another ETag.")
        })?;
        parts.push(part.clone());
    }
    let short = |part: &Part| part.piece.size < SMALLEST_PART;
    if parts.iter().rev().skip(1).any(short) {
        return Err(s3_error!(EntityTooSmall, "Your proposed upload is smaller than the minimum allowed size"));
    }
    Ok(parts)
}

/// The checksum of the object, held against what the client says it is.
fn sum(bucket: &Bucket, upload: &Upload, parts: &[Part], told: &Announced) -> S3Result<Option<Sum>> {
    let algorithm = upload.algorithm.or(told.algorithm());
    if upload.whole && algorithm.is_some() {
        let announced = Announced::nothing_but(told, algorithm);
        let mut digester = announced.digester();
        let mut buffer = vec![0; BUFFER];
        for part in parts {
            let mut file = File::open(bucket.data().join(&part.piece.file)).map_err(answer::disk)?;
            loop {
                let read = file.read(&mut buffer).map_err(answer::disk)?;
                if read == 0 {
                    break;
                }
                digester.update(&buffer[..read]);
            }
        }
        return announced.check(digester).map(|digest| Some(digest.sum));
    }
    let Some(algorithm) = upload.algorithm else { return Ok(None) };
    let values: Vec<&str> = parts.iter().map(|part| part.sum.value.as_str()).collect();
    let sum = digest::composite(algorithm, &values);
    match (told.value(), &sum) {
        (Some(told), Some(sum)) if told != sum.value && Some(told) != sum.value.split('-').next() => {
            Err(s3_error!(BadDigest, "The checksum you specified did not match the checksum of the parts."))
        }
        _ => Ok(sum),
    }
}
