//! Where writes are decided: one at a time a bucket, on disk before in memory, in memory before the answer.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use s3s::dto::ETagCondition;
use s3s::{S3Result, s3_error};

use super::bucket::{Bucket, Versioning, Writer};
use super::record::{Content, NULL, Record, Replication};
use super::store::Store;
use super::{answer, disk};

/// On what a write depends.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition {
    pub(super) if_match: Option<ETagCondition>,
    pub(super) if_none_match: Option<ETagCondition>,
}

/// An object that is ready to appear.
pub(super) struct Draft {
    pub(super) key: String,
    pub(super) content: Content,
    pub(super) condition: Condition,
    /// Of a copy made by replication.
    pub(super) original: Option<Original>,
}

/// What a copy is a copy of.
pub(super) struct Original {
    pub(super) version: String,
    pub(super) modified: DateTime<Utc>,
    /// Its place among the writes of the other side.
    pub(super) order: u64,
}

/// What a deletion did.
pub(super) struct Removed {
    /// The version that was removed or the marker that was set; nothing where no versions are kept.
    pub(super) version: Option<String>,
    pub(super) marker: bool,
}

/// Makes an object appear, if its condition holds. A copy that comes after a later one takes its place behind it;
/// where no versions are kept, the later one is the answer.
pub(super) fn publish(store: &Store, bucket: &Bucket, draft: Draft) -> S3Result<Arc<Record>> {
    let mut turn = bucket.writer();
    if turn.is_over {
        return Err(super::store::no_bucket());
    }
    let rules = bucket.rules();
    draft.condition.holds(bucket.find(&draft.key, None).filter(|record| !record.is_marker()).as_deref())?;
    let now = store.now();
    let (key, order) = (draft.key, turn.next);
    let record = if let Some(Original { version, modified, order: of }) = draft.original {
        if let Some(later) = bucket.find(&key, Some(&version)).filter(|one| one.original > Some(of)) {
            return Ok(later);
        }
        let order = bucket.index().get(&key).map_or(order, |versions| order_of_copy(versions, of, order));
        let content = Content { replication: Some(Replication::Replica), ..draft.content };
        Record { key, version, order, original: Some(of), modified, content: Some(content) }
    } else {
        let wanted = super::rules::destination(&rules, &key).is_some();
        let content = Content { replication: wanted.then_some(Replication::Pending), ..draft.content };
        let version = new_version(rules.versioning, order, now);
        Record { key, version, order, original: None, modified: now, content: Some(content) }
    };
    add(store, bucket, &mut turn, record)
}

/// The order of a copy that comes now: `next`, or that of the oldest copy which is later in the original's order.
fn order_of_copy(versions: &[Arc<Record>], original: u64, next: u64) -> u64 {
    versions.iter().filter(|one| one.original > Some(original)).map(|one| one.order).min().unwrap_or(next)
}

/// Writes a record and puts it into the index, in place of one of the same version.
fn add(store: &Store, bucket: &Bucket, turn: &mut Writer, record: Record) -> S3Result<Arc<Record>> {
    disk::replace_json(&bucket.record_path(&record), &record).map_err(answer::ours)?;
    turn.next += 1;
    let record = Arc::new(record);
    let replaced = bucket.reindex(|index| {
        let versions = index.entry(record.key.clone()).or_default();
        let old = versions.iter().position(|one| one.version == record.version).map(|at| versions.remove(at));
        let at = versions.iter().position(|one| one.place() < record.place()).unwrap_or(versions.len());
        versions.insert(at, Arc::clone(&record));
        old
    });
    turn.doomed.extend(replaced);
    bury(store, bucket, turn);
    Ok(record)
}

/// Deletes one version, or hides the object behind a marker where versions are kept.
pub(super) fn remove(
    store: &Store,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
    condition: &Condition,
) -> S3Result<Removed> {
    let mut turn = bucket.writer();
    let versioning = bucket.rules().versioning;
    if condition.if_match.is_some() {
        condition.holds(bucket.find(key, version).filter(|record| !record.is_marker()).as_deref())?;
    }
    if let Some(version) = version {
        let marker = take_out(store, bucket, &mut turn, key, version)?;
        return Ok(Removed { version: Some(version.to_owned()), marker });
    }
    if versioning == Versioning::Never {
        take_out(store, bucket, &mut turn, key, NULL)?;
        return Ok(Removed { version: None, marker: false });
    }
    let now = store.now();
    let version = new_version(versioning, turn.next, now);
    let order = turn.next;
    let marker = Record { key: key.to_owned(), version, order, original: None, modified: now, content: None };
    let marker = add(store, bucket, &mut turn, marker)?;
    Ok(Removed { version: Some(marker.version.clone()), marker: true })
}

/// Takes a version out of the bucket, and says whether it was a delete marker.
fn take_out(store: &Store, bucket: &Bucket, turn: &mut Writer, key: &str, version: &str) -> S3Result<bool> {
    let Some(record) = bucket.find(key, Some(version)) else { return Ok(false) };
    let path = bucket.record_path(&record);
    disk::remove(&path).map_err(answer::ours)?;
    path.parent().map_or(Ok(()), disk::sync_folder).map_err(answer::ours)?;
    bucket.reindex(|index| {
        if let Some(versions) = index.get_mut(key) {
            versions.retain(|one| one.version != version);
            if versions.is_empty() {
                index.remove(key);
            }
        }
    });
    let marker = record.is_marker();
    turn.doomed.push(record);
    bury(store, bucket, turn);
    Ok(marker)
}

/// Changes what is remembered of a version. Its bytes and its place stay as they are.
pub(super) fn amend(
    bucket: &Bucket,
    key: &str,
    version: &str,
    change: impl FnOnce(&mut Content) -> S3Result<()>,
) -> S3Result<()> {
    let _turn = bucket.writer();
    let found = bucket.find(key, Some(version)).ok_or_else(|| answer::no_key(None))?;
    let mut record = Record::clone(&found);
    change(record.content.as_mut().ok_or_else(|| answer::marker(&found))?)?;
    disk::replace_json(&bucket.record_path(&record), &record).map_err(answer::ours)?;
    let record = Arc::new(record);
    bucket.reindex(|index| {
        let versions = index.get_mut(key).into_iter().flatten();
        for one in versions.filter(|one| one.version == version) {
            *one = Arc::clone(&record);
        }
    });
    Ok(())
}

/// Removes the bytes of versions that are gone and that nobody reads any more. What cannot be removed
/// now is swept away at the next start.
fn bury(store: &Store, bucket: &Bucket, turn: &mut Writer) {
    let (ready, read): (Vec<_>, Vec<_>) =
        std::mem::take(&mut turn.doomed).into_iter().partition(|record| Arc::strong_count(record) == 1);
    turn.doomed = read;
    for piece in ready.iter().flat_map(|record| record.pieces()) {
        match disk::remove(&bucket.data().join(&piece.file)) {
            Ok(()) => store.release(piece.size),
            Err(error) => tracing::warn!(%error, "the bytes of a deleted version stay until the next start"),
        }
    }
}

fn new_version(versioning: Versioning, order: u64, now: DateTime<Utc>) -> String {
    match versioning {
        Versioning::Enabled => format!("{order:012x}{:016x}", now.timestamp_nanos_opt().unwrap_or_default()),
        Versioning::Never | Versioning::Suspended => NULL.to_owned(),
    }
}

impl Condition {
    /// Holds the condition against the current object.
    fn holds(&self, current: Option<&Record>) -> S3Result<()> {
        let etag = current.and_then(|record| record.content.as_ref()).map(|content| content.etag.as_str());
        match (&self.if_none_match, etag) {
            (Some(ETagCondition::Any), Some(_)) => return Err(answer::precondition()),
            (Some(ETagCondition::ETag(_)), _) => {
                return Err(s3_error!(NotImplemented, "If-None-Match of a write knows only the value *"));
            }
            _ => {}
        }
        match (&self.if_match, etag) {
            (None, _) | (Some(ETagCondition::Any), Some(_)) => Ok(()),
            (Some(_), None) => Err(answer::no_key(None)),
            (Some(ETagCondition::ETag(wanted)), Some(etag)) if wanted.value() == etag => Ok(()),
            (Some(ETagCondition::ETag(_)), Some(_)) => Err(answer::precondition()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_come_in_any_order_stand_in_that_of_their_originals() {
        for coming in [[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3], [3, 1, 4, 2]] {
            let mut versions: Vec<Arc<Record>> = Vec::new();
            for (next, original) in (10..).zip(coming) {
                let order = order_of_copy(&versions, original, next);
                let (key, version) = ("key".to_owned(), original.to_string());
                let modified = DateTime::UNIX_EPOCH;
                versions.push(Arc::new(Record {
                    key,
                    version,
                    order,
                    original: Some(original),
                    modified,
                    content: None,
                }));
                versions.sort_by_key(|one| std::cmp::Reverse(one.place()));
            }
            let order: Vec<Option<u64>> = versions.iter().map(|one| one.original).collect();
            assert_eq!(order, [Some(4), Some(3), Some(2), Some(1)], "{coming:?}");
        }
    }
}
