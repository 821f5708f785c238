//! Listings of everything there is beside current objects: all versions, and uploads under way.

use std::ops::Bound;
use std::sync::Arc;

use s3s::dto::{
    DeleteMarkerEntry, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectVersionsInput,
    ListObjectVersionsOutput, MultipartUpload, Object, ObjectVersion,
};
use s3s::{S3Request, S3Response, S3Result};

use super::list::{Names, most, object};
use super::shape;
use crate::lab::s3::bucket::Index;
use crate::lab::s3::listing::{Query, page};
use crate::lab::s3::record::Record;
use crate::lab::s3::store::Store;

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
fn begins(index: &Index, record: &Record, marker: Option<&str>) -> bool {
    let Some(marker) = marker else { return false };
    let versions = index.get(&record.key).map(Vec::as_slice).unwrap_or_default();
    match versions.iter().find(|one| one.version == marker) {
        Some(shown) => record.place() < shown.place(),
        None => true,
    }
}

fn version(object: Object, record: &Record, latest: bool) -> ObjectVersion {
    ObjectVersion {
        key: object.key,
        version_id: Some(record.version.clone()),
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
