//! Reading objects: conditions, ranges, versions, and archives that are frozen.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use hyper::StatusCode;
use hyper::header::HeaderValue;
use s3s::dto::{
    ETagCondition, GetObjectInput, GetObjectOutput, HeadObjectInput, HeadObjectOutput, Range, StreamingBlob, Timestamp,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::shape;
use crate::lab::s3::bucket::Bucket;
use crate::lab::s3::record::{Content, Record};
use crate::lab::s3::store::Store;
use crate::lab::s3::{answer, archive, outflow};

/// `GetObject`.
pub(super) async fn get(
    store: &Arc<Store>,
    request: S3Request<GetObjectInput>,
) -> S3Result<S3Response<GetObjectOutput>> {
    let input = &request.input;
    let bucket = store.bucket(&input.bucket)?;
    let record = object(&bucket, &input.key, input.version_id.as_deref())?;
    let content = record.content.as_ref().ok_or_else(|| answer::marker(&record))?;
    let if_these = (input.if_match.as_ref(), input.if_unmodified_since.as_ref());
    let unless = (input.if_none_match.as_ref(), input.if_modified_since.as_ref());
    conditions(record.modified, &content.etag, if_these, unless)?;
    archive::readable(content, store.now())?;
    let (from, to, part) = span(content, input.range, input.part_number)?;
    let whole = from == 0 && to == content.size;
    let sums = whole && input.checksum_mode.is_some();
    let mut headers = shape::facts(&record, content, &bucket.rules(), sums, store.now());
    for (name, text) in [
        ("content-type", &input.response_content_type),
        ("content-language", &input.response_content_language),
        ("cache-control", &input.response_cache_control),
        ("content-disposition", &input.response_content_disposition),
        ("content-encoding", &input.response_content_encoding),
    ] {
        if let Some(value) = text.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(name, value);
        }
    }
    let output = GetObjectOutput {
        content_length: Some(length(to - from)),
        content_range: (input.range.is_some() || part.is_some()).then(|| content_range(from, to, content.size)),
        parts_count: part,
        metadata: Some(shape::metadata(&content.traits)),
        body: Some(StreamingBlob::wrap(outflow::bytes(bucket.data(), Arc::clone(&record), from..to)?)),
        ..GetObjectOutput::default()
    };
    Ok(S3Response::with_headers(output, headers))
}

/// `HeadObject`.
pub(super) async fn head(
    store: &Arc<Store>,
    request: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let input = &request.input;
    let bucket = store.bucket(&input.bucket)?;
    let record = object(&bucket, &input.key, input.version_id.as_deref())?;
    let content = record.content.as_ref().ok_or_else(|| answer::marker(&record))?;
    let if_these = (input.if_match.as_ref(), input.if_unmodified_since.as_ref());
    let unless = (input.if_none_match.as_ref(), input.if_modified_since.as_ref());
    conditions(record.modified, &content.etag, if_these, unless)?;
    let (from, to, part) = span(content, input.range, input.part_number)?;
    let partial = input.range.is_some() || part.is_some();
    let sums = !partial && input.checksum_mode.is_some();
    let headers = shape::facts(&record, content, &bucket.rules(), sums, store.now());
    let output = HeadObjectOutput {
        content_length: Some(length(to - from)),
        content_range: partial.then(|| content_range(from, to, content.size)),
        parts_count: part,
        metadata: Some(shape::metadata(&content.traits)),
        ..HeadObjectOutput::default()
    };
    let mut response = S3Response::with_headers(output, headers);
    response.status = partial.then_some(StatusCode::PARTIAL_CONTENT);
    Ok(response)
}

/// The version that is asked for, or the answer why there is none.
pub(super) fn object(bucket: &Bucket, key: &str, version: Option<&str>) -> S3Result<Arc<Record>> {
    match (bucket.find(key, version), version) {
        (Some(record), None) if record.is_marker() => Err(answer::no_key(Some(&record))),
        (Some(record), _) => Ok(record),
        (None, None) => Err(answer::no_key(None)),
        (None, Some(_)) => Err(s3_error!(NoSuchVersion, "The specified version does not exist.")),
    }
}

/// The conditions of RFC 9110, in its order. HTTP dates know no fractions of a second.
pub(super) fn conditions(
    modified: DateTime<Utc>,
    etag: &str,
    (if_match, unmodified_since): (Option<&ETagCondition>, Option<&Timestamp>),
    (if_none_match, modified_since): (Option<&ETagCondition>, Option<&Timestamp>),
) -> S3Result<()> {
    let is = |condition: &ETagCondition| condition.as_etag().is_none_or(|wanted| wanted.value() == etag);
    let after = |since: &Timestamp| {
        shape::moment(since).is_some_and(|since| modified.signed_duration_since(since) >= TimeDelta::seconds(1))
    };
    match (if_match, unmodified_since) {
        (Some(condition), _) if !is(condition) => return Err(answer::precondition()),
        (None, Some(since)) if after(since) => return Err(answer::precondition()),
        _ => {}
    }
    match (if_none_match, modified_since) {
        (Some(condition), _) if is(condition) => Err(answer::not_modified()),
        (None, Some(since)) if !after(since) => Err(answer::not_modified()),
        _ => Ok(()),
    }
}

/// From where to where is to be read, and of how many parts if one was asked for.
fn span(content: &Content, range: Option<Range>, part: Option<i32>) -> S3Result<(u64, u64, Option<i32>)> {
    let invalid = || s3_error!(InvalidRange, "The requested range is not satisfiable");
    match (range, part) {
        (Some(_), Some(_)) => {
            Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
        }
        (Some(range), None) => {
            let range = range.check(content.size).map_err(|_| invalid())?;
            Ok((range.start, range.end, None))
        }
        (None, Some(number)) => {
            let index = usize::try_from(number - 1).map_err(|_| invalid())?;
            let piece = content.pieces.get(index).ok_or_else(invalid)?;
            let from = content.pieces.iter().take(index).map(|piece| piece.size).sum();
            Ok((from, from + piece.size, i32::try_from(content.pieces.len()).ok()))
        }
        (None, None) => Ok((0, content.size, None)),
    }
}

fn content_range(from: u64, to: u64, size: u64) -> String {
    format!("bytes {from}-{}/{size}", to.saturating_sub(1))
}

/// A size, as the protocol counts.
pub(super) fn length(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
