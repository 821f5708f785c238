//! One bucket: its settings and an index of every version, in step with what lies on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};
use s3s::dto::{BucketLifecycleConfiguration, ReplicationConfiguration, ServerSideEncryptionConfiguration};
use serde::{Deserialize, Serialize};

use super::record::Record;
use super::upload::Upload;
use super::{S3Error, disk};

/// What was set for a bucket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Rules {
    pub(super) region: String,
    pub(super) created: DateTime<Utc>,
    #[serde(default)]
    pub(super) versioning: Versioning,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) encryption: Option<ServerSideEncryptionConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replication: Option<ReplicationConfiguration>,
    /// Kept and reported; nothing expires by itself here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lifecycle: Option<BucketLifecycleConfiguration>,
}

/// Whether old versions stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Versioning {
    /// It was never switched on.
    #[default]
    Never,
    /// Every write makes a version.
    Enabled,
    /// It was switched off again: versions stay, new writes replace the version `null`.
    Suspended,
}

/// All versions of all keys, the newest of each first.
pub(super) type Index = BTreeMap<String, Vec<Arc<Record>>>;

/// A bucket that is being served.
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) folder: PathBuf,
    rules: RwLock<Rules>,
    index: RwLock<Index>,
    uploads: RwLock<BTreeMap<String, Arc<Upload>>>,
    /// One writer at a time decides and makes its decision last; readers do not wait for it.
    writer: Mutex<Writer>,
}

/// What only the one who writes may touch.
pub(super) struct Writer {
    /// The order of the next record.
    pub(super) next: u64,
    /// Versions that are gone but may still be read by somebody.
    pub(super) doomed: Vec<Arc<Record>>,
    /// The bucket was removed: whoever still holds it must write nothing more.
    pub(super) is_over: bool,
}

impl Bucket {
    /// Makes the folder of a new bucket.
    pub(super) fn create(folder: PathBuf, name: &str, rules: Rules) -> Result<Bucket, S3Error> {
        for sub in ["records", "data", "uploads"] {
            let path = folder.join(sub);
            std::fs::create_dir_all(&path).map_err(S3Error::file("create", &path))?;
        }
        disk::replace_json(&folder.join("bucket.json"), &rules)?;
        Ok(Bucket::with(folder, name, rules, Index::new(), BTreeMap::new()))
    }

    /// Reads a bucket from its folder and removes what a crash left unfinished.
    pub(super) fn open(folder: PathBuf, name: &str) -> Result<Bucket, S3Error> {
        let rules = disk::read_json(&folder.join("bucket.json"))?;
        let mut index = Index::new();
        let mut finished = Vec::new();
        for path in disk::files(&folder.join("records"))? {
            if path.extension().is_some_and(|extension| extension == "new") {
                disk::remove(&path)?;
                continue;
            }
            let record: Record = disk::read_json(&path)?;
            finished.extend(record.content.as_ref().and_then(|content| content.upload.clone()));
            index.entry(record.key.clone()).or_default().push(Arc::new(record));
        }
        for versions in index.values_mut() {
            versions.sort_by_key(|record| std::cmp::Reverse(record.place()));
        }
        let uploads = super::upload::load(&folder.join("uploads"), &finished)?;
        let bucket = Bucket::with(folder, name, rules, index, uploads);
        bucket.sweep()?;
        Ok(bucket)
    }

    fn with(folder: PathBuf, name: &str, rules: Rules, index: Index, uploads: BTreeMap<String, Arc<Upload>>) -> Bucket {
        let next = index.values().flatten().map(|record| record.order + 1).max().unwrap_or(1);
        Bucket {
            name: name.to_owned(),
            folder,
            rules: RwLock::new(rules),
            index: RwLock::new(index),
            uploads: RwLock::new(uploads),
            writer: Mutex::new(Writer { next, doomed: Vec::new(), is_over: false }),
        }
    }

    /// Removes every file of bytes that nothing refers to.
    fn sweep(&self) -> Result<(), S3Error> {
        let needed = self.files();
        for path in disk::files(&self.data())? {
            let known = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| needed.contains_key(name));
            if !known {
                disk::remove(&path)?;
            }
        }
        Ok(())
    }

    /// Every file of bytes that something refers to, and its size.
    pub(super) fn files(&self) -> BTreeMap<String, u64> {
        let index = self.index();
        let uploads = self.uploads();
        let of_objects = index.values().flatten().flat_map(|record| record.pieces().to_vec());
        let of_uploads = uploads.values().flat_map(|upload| upload.pieces());
        of_objects.chain(of_uploads).map(|piece| (piece.file, piece.size)).collect()
    }

    /// The folder of the bytes.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where a record lies.
    pub(super) fn record_path(&self, record: &Record) -> PathBuf {
        self.folder.join("records").join(record.file_name())
    }

    /// What is set for the bucket.
    pub(super) fn rules(&self) -> Rules {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is set for the bucket, on disk first.
    pub(super) fn set(&self, change: impl FnOnce(&mut Rules)) -> Result<(), S3Error> {
        let _turn = self.writer();
        let mut rules = self.rules();
        change(&mut rules);
        disk::replace_json(&self.folder.join("bucket.json"), &rules)?;
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
        Ok(())
    }

    /// All versions.
    pub(super) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uploads in parts that are under way.
    pub(super) fn uploads(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Upload>>> {
        self.uploads.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn to write.
    pub(super) fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the index; only with the turn to write, and after the disk.
    pub(super) fn reindex<R>(&self, change: impl FnOnce(&mut Index) -> R) -> R {
        change(&mut self.index.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the uploads; only with the turn to write, and after the disk.
    pub(super) fn change_uploads<R>(&self, change: impl FnOnce(&mut BTreeMap<String, Arc<Upload>>) -> R) -> R {
        change(&mut self.uploads.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// The version `version` of `key`, or its current one.
    pub(super) fn find(&self, key: &str, version: Option<&str>) -> Option<Arc<Record>> {
        let index = self.index();
        let versions = index.get(key)?;
        match version {
            None => versions.first().cloned(),
            Some(version) => versions.iter().find(|record| record.version == version).cloned(),
        }
    }
}

/// The folder of the bucket `name` of the endpoint in `directory`.
pub(super) fn folder(directory: &Path, name: &str) -> PathBuf {
    directory.join("buckets").join(name)
}
