//! Listings of objects, a page at a time.

use std::ops::Bound;
use std::sync::Arc;

use s3s::dto::{
    CommonPrefix, EncodingType, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, Object,
    RestoreStatus,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{read, shape};
use crate::lab::s3::archive::{self, State};
use crate::lab::s3::bucket::Bucket;
use crate::lab::s3::listing::{Page, Query, page, url_encoded};
use crate::lab::s3::record::{Content, Record};
use crate::lab::s3::store::Store;
use crate::text::hex;

const MOST: i32 = 1_000;

/// How names are written in this answer.
#[derive(Clone, Copy)]
pub(super) struct Names {
    encoded: bool,
}

impl Names {
    /// As the request asks for.
    pub(super) fn of(encoding: Option<&EncodingType>) -> Names {
        Names { encoded: encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL) }
    }

    /// One name.
    pub(super) fn write(self, name: &str) -> String {
        if self.encoded { url_encoded(name) } else { name.to_owned() }
    }

    /// Rolled-up names.
    pub(super) fn prefixes(self, prefixes: &[String]) -> Vec<CommonPrefix> {
        prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.write(prefix)) }).collect()
    }
}

/// How many entries a page may have.
pub(super) fn most(asked: Option<i32>) -> S3Result<i32> {
    match asked.unwrap_or(MOST) {
        negative if negative < 0 => Err(s3_error!(InvalidArgument, "max-keys cannot be negative")),
        asked => Ok(asked.min(MOST)),
    }
}

/// The current objects after `after`.
fn current(bucket: &Bucket, prefix: &str, delimiter: Option<&str>, after: &str, most: i32) -> Page<Arc<Record>> {
    let index = bucket.index();
    let start = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
    let items = index
        .range::<str, _>((start, Bound::Unbounded))
        .take_while(|(key, _)| key.starts_with(prefix))
        .filter_map(|(key, versions)| Some((key.as_str(), versions.first().filter(|one| !one.is_marker())?.clone())));
    page(items, &Query { prefix, delimiter, after, most: usize::try_from(most).unwrap_or(0) })
}

/// One object of a listing.
pub(super) fn object(store: &Store, names: Names, record: &Record, content: &Content) -> Object {
    Object {
        key: Some(names.write(&record.key)),
        size: Some(read::length(content.size)),
        e_tag: Some(shape::etag(&content.etag)),
        last_modified: Some(shape::timestamp(record.modified)),
        storage_class: Some(content.traits.class().to_owned().into()),
        restore_status: match archive::state(content, store.now()) {
            State::Never | State::Frozen => None,
            State::Thawing => Some(RestoreStatus { is_restore_in_progress: Some(true), restore_expiry_date: None }),
            State::Thawed(until) => Some(RestoreStatus {
                is_restore_in_progress: Some(false),
                restore_expiry_date: Some(shape::timestamp(until)),
            }),
        },
        ..Object::default()
    }
}

fn contents(store: &Store, names: Names, page: &Page<Arc<Record>>) -> Vec<Object> {
    let filled = page.entries.iter().filter_map(|record| Some((record, record.content.as_ref()?)));
    filled.map(|(record, content)| object(store, names, record, content)).collect()
}

/// `ListObjectsV2`.
pub(super) async fn objects_v2(
    store: &Arc<Store>,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let names = Names::of(input.encoding_type.as_ref());
    let most = most(input.max_keys)?;
    let after = match &input.continuation_token {
        Some(token) => name_of(token).ok_or_else(|| s3_error!(InvalidArgument, "The continuation token is wrong"))?,
        None => input.start_after.clone().unwrap_or_default(),
    };
    let prefix = input.prefix.clone().unwrap_or_default();
    let page = current(&bucket, &prefix, input.delimiter.as_deref(), &after, most);
    let contents = contents(store, names, &page);
    Ok(S3Response::new(ListObjectsV2Output {
        key_count: i32::try_from(contents.len() + page.prefixes.len()).ok(),
        common_prefixes: Some(names.prefixes(&page.prefixes)),
        next_continuation_token: page.last.as_deref().filter(|_| page.truncated).map(token_of),
        is_truncated: Some(page.truncated),
        contents: Some(contents),
        name: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        delimiter: input.delimiter.as_deref().map(|delimiter| names.write(delimiter)),
        start_after: input.start_after.as_deref().map(|after| names.write(after)),
        continuation_token: input.continuation_token,
        max_keys: Some(most),
        encoding_type: input.encoding_type,
        ..ListObjectsV2Output::default()
    }))
}

/// A token that hides the name, which may hold anything.
fn token_of(name: &str) -> String {
    hex(name.as_bytes())
}

fn name_of(token: &str) -> Option<String> {
    let pairs = token.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
}

/// `ListObjects`, the first version, still used by old tools.
pub(super) async fn objects(
    store: &Arc<Store>,
    request: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let names = Names::of(input.encoding_type.as_ref());
    let most = most(input.max_keys)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let marker = input.marker.clone().unwrap_or_default();
    let page = current(&bucket, &prefix, input.delimiter.as_deref(), &marker, most);
    Ok(S3Response::new(ListObjectsOutput {
        contents: Some(contents(store, names, &page)),
        common_prefixes: Some(names.prefixes(&page.prefixes)),
        next_marker: page.last.as_deref().filter(|_| page.truncated).map(|last| names.write(last)),
        is_truncated: Some(page.truncated),
        name: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        marker: Some(names.write(&marker)),
        delimiter: input.delimiter.as_deref().map(|delimiter| names.write(delimiter)),
        max_keys: Some(most),
        encoding_type: input.encoding_type,
        ..ListObjectsOutput::default()
    }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tokens_hold_any_name(name in any::<String>()) {
            prop_assert_eq!(name_of(&token_of(&name)), Some(name));
        }

        #[test]
        fn any_token_is_read_or_refused(token in any::<String>()) {
            let _ = name_of(&token);
        }
    }
}
