//! All buckets of one endpoint, and what they share: the clock, the settings, the room that is left.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use rustix::fs::{FlockOperation, flock};
use s3s::{S3Result, s3_error};

use super::bucket::{self, Bucket, Rules, Versioning};
use super::options::{Options, Peer, Settings};
use super::replicate::Queue;
use super::{S3Error, answer, disk};
use crate::text::Clock;

/// What tells one file of settings from the next: each is a file of its own, renamed into place.
type Seen = (SystemTime, u64);

/// Everything one endpoint serves.
pub(super) struct Store {
    pub(super) directory: PathBuf,
    pub(super) region: String,
    pub(super) peers: Vec<Peer>,
    pub(super) queue: Queue,
    buckets: RwLock<BTreeMap<String, Arc<Bucket>>>,
    settings: Mutex<(Option<Seen>, Settings)>,
    used: AtomicU64,
    clock: Arc<dyn Clock>,
    /// Held as long as we serve, so that no second process does.
    _lock: File,
}

impl Store {
    /// Opens the folder of an endpoint, alone, and makes the buckets it is to have.
    pub(super) fn open(options: &Options, clock: Arc<dyn Clock>, queue: Queue) -> Result<Store, S3Error> {
        let directory = options.directory.clone();
        let folder = directory.join("buckets");
        std::fs::create_dir_all(&folder).map_err(S3Error::file("create", &folder))?;
        let lock = lock(&directory)?;
        let mut buckets = BTreeMap::new();
        for path in disk::files(&folder)? {
            let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
            if path.join("bucket.json").is_file() {
                let bucket = Bucket::open(path, &name)?;
                buckets.insert(name, Arc::new(bucket));
            } else {
                disk::remove_all(&path)?;
            }
        }
        let used = buckets.values().flat_map(|bucket| bucket.files().into_values()).sum();
        let store = Store {
            directory,
            region: options.region.clone(),
            peers: options.peers.clone(),
            queue,
            buckets: RwLock::new(buckets),
            settings: Mutex::new((None, Settings::default())),
            used: AtomicU64::new(used),
            clock,
            _lock: lock,
        };
        for wanted in &options.buckets {
            if let Some(bucket) = store.create(&wanted.name, &options.region)? {
                bucket.set(|rules| super::rules::at_first(rules, wanted))?;
            }
        }
        Ok(store)
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The settings in force. A file that cannot be read leaves the last ones in force, and is logged.
    pub(super) fn settings(&self) -> Settings {
        let seen = |meta: std::fs::Metadata| Ok((meta.modified()?, meta.ino()));
        let changed = std::fs::metadata(Settings::path(&self.directory)).and_then(seen).ok();
        let mut held = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 != changed {
            match Settings::load(&self.directory) {
                Ok(settings) => *held = (changed, settings),
                Err(error) => tracing::error!(%error, "the settings of the store stay as they were"),
            }
        }
        held.1.clone()
    }

    /// Makes a bucket, unless there is one of that name.
    pub(super) fn create(&self, name: &str, region: &str) -> Result<Option<Arc<Bucket>>, S3Error> {
        let rules = Rules {
            region: region.to_owned(),
            created: self.now(),
            versioning: Versioning::Never,
            encryption: None,
            replication: None,
            lifecycle: None,
        };
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        if buckets.contains_key(name) {
            return Ok(None);
        }
        let bucket = Arc::new(Bucket::create(bucket::folder(&self.directory, name), name, rules)?);
        buckets.insert(name.to_owned(), Arc::clone(&bucket));
        Ok(Some(bucket))
    }

    /// Removes a bucket that holds nothing. Its name is free only once its folder is gone.
    pub(super) fn delete(&self, name: &str) -> S3Result<()> {
        let bucket = self.bucket(name)?;
        let mut turn = bucket.writer();
        if turn.is_over {
            return Err(no_bucket());
        }
        if !bucket.index().is_empty() || !bucket.uploads().is_empty() {
            return Err(s3_error!(BucketNotEmpty, "The bucket you tried to delete is not empty"));
        }
        let mut buckets = self.buckets.write().unwrap_or_else(PoisonError::into_inner);
        disk::remove(&bucket.folder.join("bucket.json")).map_err(answer::ours)?;
        turn.is_over = true;
        buckets.remove(name);
        disk::remove_all(&bucket.folder).map_err(answer::ours)
    }

    /// The bucket of that name, if there is one.
    pub(super) fn known(&self, name: &str) -> Option<Arc<Bucket>> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The bucket of that name, or the answer that there is none.
    pub(super) fn bucket(&self, name: &str) -> S3Result<Arc<Bucket>> {
        self.known(name).ok_or_else(no_bucket)
    }

    /// All buckets, by name.
    pub(super) fn all(&self) -> Vec<Arc<Bucket>> {
        self.buckets.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Takes room for `bytes`, or says that the store is full.
    pub(super) fn reserve(&self, bytes: u64, quota: Option<u64>) -> S3Result<()> {
        let before = self.used.fetch_add(bytes, Ordering::SeqCst);
        if quota.is_some_and(|quota| before.saturating_add(bytes) > quota) {
            self.release(bytes);
            return Err(answer::full());
        }
        Ok(())
    }

    /// Gives room back.
    pub(super) fn release(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::SeqCst);
    }

    /// Whether `bytes` more would fit.
    pub(super) fn has_room(&self, bytes: u64, quota: Option<u64>) -> bool {
        quota.is_none_or(|quota| self.used.load(Ordering::SeqCst).saturating_add(bytes) <= quota)
    }
}

/// The answer that there is no such bucket.
pub(super) fn no_bucket() -> s3s::S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

fn lock(directory: &Path) -> Result<File, S3Error> {
    let path = directory.join("lock");
    let file = File::create(&path).map_err(S3Error::file("create", &path))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(S3Error::Busy { path: directory.to_owned() }),
        Err(error) => Err(S3Error::file("lock", path)(error.into())),
    }
}
