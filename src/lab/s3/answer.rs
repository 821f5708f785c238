//! What a client is told when something is refused or goes wrong.

use hyper::{HeaderMap, StatusCode};
use s3s::{S3Error, S3ErrorCode, s3_error};

use super::record::Record;

/// An error by a code that the library does not name.
fn named(code: &str, status: StatusCode, message: &'static str) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut error = S3Error::with_message(code, message);
    error.set_status_code(status);
    error
}

/// The store is full; the words are those of the widespread server that has this case.
pub(super) fn full() -> S3Error {
    let message =
        "Storage backend has reached its minimum free drive threshold. Please delete a few objects to proceed.";
    named("XMinioStorageFull", StatusCode::INSUFFICIENT_STORAGE, message)
}

/// The bytes are not those that were signed.
pub(super) fn other_payload() -> S3Error {
    let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    named("XAmzContentSHA256Mismatch", StatusCode::BAD_REQUEST, message)
}

/// A source that has to be thawed before it is copied.
pub(super) fn not_active() -> S3Error {
    let message = "The source object of the COPY action is not in the active tier";
    named("ObjectNotInActiveTierError", StatusCode::FORBIDDEN, message)
}

/// A condition of a read or a write that does not hold.
pub(super) fn precondition() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

/// What is asked for is the client's already.
pub(super) fn not_modified() -> S3Error {
    S3Error::new(S3ErrorCode::NotModified)
}

/// There is no such object, or its current version is a delete marker.
pub(super) fn no_key(marker: Option<&Record>) -> S3Error {
    let mut error = s3_error!(NoSuchKey, "The specified key does not exist.");
    if let Some(marker) = marker {
        error.set_headers(marker_headers(marker));
    }
    error
}

/// The version asked for is a delete marker, which cannot be read.
pub(super) fn marker(marker: &Record) -> S3Error {
    let mut error = s3_error!(MethodNotAllowed, "The specified method is not allowed against this resource.");
    error.set_headers(marker_headers(marker));
    error
}

fn marker_headers(marker: &Record) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-delete-marker", hyper::header::HeaderValue::from_static("true"));
    if let Ok(version) = marker.version.parse() {
        headers.insert("x-amz-version-id", version);
    }
    headers
}

/// Our own folder does not do what it should. A full disk is told as such.
pub(super) fn disk(error: impl Into<std::io::Error>) -> S3Error {
    let error = error.into();
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => full(),
        _ => {
            tracing::error!(%error, "the store's own folder failed");
            s3_error!(error, InternalError, "We encountered an internal error. Please try again.")
        }
    }
}

/// The same for an error that names its path.
pub(super) fn ours(error: super::S3Error) -> S3Error {
    match error {
        super::S3Error::File { source, .. } => disk(source),
        other => disk(std::io::Error::other(other)),
    }
}

/// The stream of a request ended badly. The library's own types for that are private, their words are not.
pub(super) fn body(error: &(dyn std::error::Error + Send + Sync)) -> S3Error {
    let words = error.to_string();
    if words.contains("Sha256Mismatch") {
        other_payload()
    } else if words.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "The signature of a chunk does not match.")
    } else {
        s3_error!(IncompleteBody, "The body ended before all of it had come.")
    }
}
