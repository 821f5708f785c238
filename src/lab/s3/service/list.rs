//! Listings of objects, versions and uploads, a page at a time.

use std::ops::Bound;
use std::sync::Arc;

use s3s::dto::{
    CommonPrefix, DeleteMarkerEntry, EncodingType, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput, ListObjectsV2Input,
    ListObjectsV2Output, MultipartUpload, Object, ObjectVersion, RestoreStatus,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{read, shape};
use crate::lab::s3::archive::{self, State};
use crate::lab::s3::bucket::Bucket;
use crate::lab::s3::digest::hex;
use crate::lab::s3::listing::{Page, Query, page, url_encoded};
use crate::lab::s3::record::{Content, NULL, Record};
use crate::lab::s3::store::Store;

const MOST: i32 = 1_000;

/// How names are written in this answer.
#[derive(Clone, Copy)]
struct Names {
    encoded: bool,
}

impl Names {
    fn of(encoding: Option<&EncodingType>) -> Names {
        Names { encoded: encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL) }
    }

    fn write(self, name: &str) -> String {
        if self.encoded { url_encoded(name) } else { name.to_owned() }
    }

    fn prefixes(self, prefixes: &[String]) -> Vec<CommonPrefix> {
        prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.write(prefix)) }).collect()
    }
}

fn most(asked: Option<i32>) -> S3Result<i32> {
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

fn object(store: &Store, names: Names, record: &Record, content: &Content) -> Object {
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

/// `ListObjectVersions`.
pub(super) async fn versions(
    store: &Arc<Store>,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let names = Names::of(input.encoding_type.as_ref());
    let most = most(input.max_keys)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = input.key_marker.clone().unwrap_or_default();
    let page = {
        let index = bucket.index();
        let items = index
            .range::<str, _>((Bound::Included(after.as_str()), Bound::Unbounded))
            .flat_map(|(key, all)| all.iter().enumerate().map(move |(at, one)| (key.as_str(), (at == 0, one))))
            .skip_while(|(key, (_, one))| *key == after && !begins(&index, one, input.version_id_marker.as_deref()))
            .map(|(key, (latest, one))| (key, (latest, Arc::clone(one))));
        let delimiter = input.delimiter.as_deref();
        page(items, &Query { prefix: &prefix, delimiter, after: &after, most: usize::try_from(most).unwrap_or(0) })
    };
    let last = page.entries.last().filter(|(_, one)| Some(&one.key) == page.last.as_ref());
    let mut output = ListObjectVersionsOutput {
        next_version_id_marker: last.filter(|_| page.truncated).map(|(_, one)| one.version.clone()),
        next_key_marker: page.last.as_deref().filter(|_| page.truncated).map(|last| names.write(last)),
        is_truncated: Some(page.truncated),
        common_prefixes: Some(names.prefixes(&page.prefixes)),
        name: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        delimiter: input.delimiter.as_deref().map(|delimiter| names.write(delimiter)),
        key_marker: Some(names.write(&after)),
        version_id_marker: input.version_id_marker,
        max_keys: Some(most),
        encoding_type: input.encoding_type,
        ..ListObjectVersionsOutput::default()
    };
    for (latest, record) in &page.entries {
        match &record.content {
            Some(content) => {
                let one = version(object(store, names, record, content), record, *latest);
                output.versions.get_or_insert_default().push(one);
            }
            None => output.delete_markers.get_or_insert_default().push(DeleteMarkerEntry {
                key: Some(names.write(&record.key)),
                version_id: Some(record.version.clone()),
                is_latest: Some(*latest),
                last_modified: Some(shape::timestamp(record.modified)),
                ..DeleteMarkerEntry::default()
            }),
        }
    }
    Ok(S3Response::new(output))
}

/// Whether the page after `marker` begins with this version of the key the marker is of: it is the next
/// older one. A marker that is gone meanwhile begins the key anew; without a marker the key is done.
fn begins(index: &crate::lab::s3::bucket::Index, record: &Record, marker: Option<&str>) -> bool {
    let Some(marker) = marker else { return false };
    let versions = index.get(&record.key).map(Vec::as_slice).unwrap_or_default();
    match versions.iter().find(|one| one.version == marker) {
        Some(shown) => record.order < shown.order,
        None => true,
    }
}

fn version(object: Object, record: &Record, latest: bool) -> ObjectVersion {
    ObjectVersion {
        key: object.key,
        version_id: Some(if record.version == NULL { NULL.to_owned() } else { record.version.clone() }),
        is_latest: Some(latest),
        size: object.size,
        e_tag: object.e_tag,
        last_modified: object.last_modified,
        restore_status: object.restore_status,
        storage_class: object.storage_class.map(|class| class.as_str().to_owned().into()),
        ..ObjectVersion::default()
    }
}

/// `ListMultipartUploads`.
pub(super) async fn uploads(
    store: &Arc<Store>,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let names = Names::of(input.encoding_type.as_ref());
    let most = most(input.max_uploads)?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let after = (input.key_marker.clone().unwrap_or_default(), input.upload_id_marker.clone());
    let mut all: Vec<_> = bucket.uploads().values().cloned().collect();
    all.retain(|upload| match &after.1 {
        Some(id) => (&upload.key, &upload.id) > (&after.0, id),
        None => after.0.is_empty() || upload.key > after.0,
    });
    all.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
    let query = Query {
        prefix: &prefix,
        delimiter: input.delimiter.as_deref(),
        after: &after.0,
        most: usize::try_from(most).unwrap_or(0),
    };
    let page = page(all.iter().map(|upload| (upload.key.as_str(), upload)), &query);
    let shown = page.entries.iter().map(|upload| MultipartUpload {
        key: Some(names.write(&upload.key)),
        upload_id: Some(upload.id.clone()),
        initiated: Some(shape::timestamp(upload.begun)),
        storage_class: Some(upload.traits.class().to_owned().into()),
        ..MultipartUpload::default()
    });
    Ok(S3Response::new(ListMultipartUploadsOutput {
        uploads: Some(shown.collect()),
        common_prefixes: Some(names.prefixes(&page.prefixes)),
        next_key_marker: page.last.as_deref().filter(|_| page.truncated).map(|last| names.write(last)),
        next_upload_id_marker: page.entries.last().filter(|_| page.truncated).map(|upload| upload.id.clone()),
        is_truncated: Some(page.truncated),
        bucket: Some(input.bucket),
        prefix: Some(names.write(&prefix)),
        delimiter: input.delimiter.as_deref().map(|delimiter| names.write(delimiter)),
        key_marker: input.key_marker,
        upload_id_marker: input.upload_id_marker,
        max_uploads: Some(most),
        encoding_type: input.encoding_type,
        ..ListMultipartUploadsOutput::default()
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
