//! Where the bytes of an object lie, for faults that damage them behind the endpoint's back.

use std::path::{Path, PathBuf};

use super::record::Record;
use super::{S3Error, bucket, disk};

/// The files that hold the current version of `key`, in order; none if there is no such object.
pub fn data_files(directory: &Path, bucket: &str, key: &str) -> Result<Vec<PathBuf>, S3Error> {
    let folder = bucket::folder(directory, bucket);
    let mut newest: Option<Record> = None;
    for path in disk::files(&folder.join("records"))? {
        if path.extension().is_some_and(|extension| extension == "json") {
            let record: Record = disk::read_json(&path)?;
            if record.key == key && newest.as_ref().is_none_or(|newest| newest.place() < record.place()) {
                newest = Some(record);
            }
        }
    }
    let pieces = newest.as_ref().map(Record::pieces).unwrap_or_default();
    Ok(pieces.iter().map(|piece| folder.join("data").join(&piece.file)).collect())
}
