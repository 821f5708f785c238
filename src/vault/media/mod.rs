//! A store as something that takes and gives files.

mod bucket;
pub mod far;
mod folder;
mod pump;
mod staged;
mod sweep;
mod tickets;
mod trouble;

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use tokio::sync::mpsc::Receiver;
use tokio::task::spawn_blocking;
use tokio_util::io::ReaderStream;

pub use bucket::Sending;
pub use staged::Staged;
pub use tickets::{GIVEN_UP_AFTER, Tickets};
pub use trouble::{MediaError, Trouble};

use super::directory::{Holding, OURS};
use super::pass::Chunk;
use super::piece::Source;
use crate::plan::types::{Store, StoreKind};
use crate::reach::Secrets;
use crate::reach::s3::{self, Bucket, Keys, LifecycleRule, Options, Thaw, Tier};
use crate::text::instant::stamp;
use crate::text::{Explain, with_causes};
use far::Far;
pub(super) use folder::Folder;
pub use folder::is_below;

/// A bucket with more than this is no store of recovery points.
const MOST: usize = 2_000_000;
/// How much is read at once.
const PIECE: usize = 256 * 1024;

/// A store that takes and gives files.
#[derive(Clone, Debug)]
pub enum Media {
    /// A folder of this machine.
    Folder(Folder),
    /// A folder of another machine.
    Far(Far),
    /// A bucket, and how files are sent to it.
    Bucket(Bucket, Sending),
}

impl Media {
    /// The store of a plan, as far as it can be worked with from here.
    pub async fn open(store: &Store, secrets: &Secrets) -> Result<Media, MediaError> {
        let refused = |why: &str| Err(MediaError::new(&store.name, Trouble::NotOffered, why));
        if let Some(folder) = store.folder_here() {
            return Ok(Media::Folder(Folder::at(folder).on(store.mount.clone())));
        }
        match (store.kind, &store.path) {
            (StoreKind::Directory | StoreKind::Archive, Some(folder)) => {
                let place = store.reach.clone().unwrap_or_default();
                Far::open(store, &place, folder.clone(), secrets).await.map(Media::Far)
            }
            (StoreKind::Directory, None) => refused("the plan gives it no path"),
            (StoreKind::S3 | StoreKind::Archive, _) if store.bucket.is_some() => in_bucket(store, secrets).await,
            (StoreKind::S3, _) => refused("the plan gives it no bucket"),
            (StoreKind::Archive, _) => refused("the plan gives it neither a bucket nor a path"),
            (StoreKind::Git, _) => refused("what git keeps are no recovery points"),
        }
    }

    /// The same store, where it is kept what is on its way there. With `is_gone_on_with` what breaks off is left for whoever
    /// writes the same again.
    #[must_use]
    pub fn keeping(self, tickets: &Tickets, is_gone_on_with: bool) -> Media {
        match self {
            Media::Bucket(bucket, sending) => {
                Media::Bucket(bucket, Sending { tickets: Some(tickets.clone()), is_gone_on_with, ..sending })
            }
            folder @ (Media::Folder(_) | Media::Far(_)) => folder,
        }
    }

    /// Gives up what was begun here with these tickets, and that nobody has gone on with for long.
    pub async fn sweep(&self, tickets: &Tickets, now: DateTime<Utc>) -> usize {
        match self {
            Media::Bucket(bucket, _) => tickets.sweep(bucket, now).await,
            Media::Folder(_) | Media::Far(_) => 0,
        }
    }

    /// Counts the bytes that move there beyond what it takes in; a folder takes in no more than it writes.
    pub fn moved(&self) -> Arc<AtomicU64> {
        match self {
            Media::Bucket(bucket, _) => bucket.moved(),
            Media::Folder(_) | Media::Far(_) => Arc::default(),
        }
    }

    /// Writes what comes, to its end, and leaves it without a name.
    pub async fn write(self, key: String, mut input: Receiver<Chunk>) -> Result<Staged, MediaError> {
        let folder = match self {
            Media::Bucket(bucket, sending) => {
                return bucket::write(bucket, sending, key, input).await.map(Staged::Object);
            }
            Media::Far(far) => return far.write(key, input).await.map(|staged| Staged::Far(Box::new(staged))),
            Media::Folder(folder) => folder,
        };
        blocking(key.clone(), move || {
            let mut writing = folder.begin(&key)?;
            loop {
                match input.blocking_recv() {
                    Some(Chunk::Bytes(bytes)) => writing.write(&bytes)?,
                    Some(Chunk::End) => return writing.finish().map(Staged::File),
                    None => return Err(MediaError::new(key, Trouble::Other, "what was to be kept broke off")),
                }
            }
        })
        .await
    }

    /// Writes a small file, if there is none of its name.
    pub async fn put_new(&self, key: &str, bytes: Vec<u8>) -> Result<(), MediaError> {
        match self {
            Media::Folder(folder) => {
                let (folder, key) = (folder.clone(), key.to_owned());
                blocking(key.clone(), move || folder.put_new(&key, &bytes)).await
            }
            Media::Far(far) => far.put(key, bytes, true).await,
            Media::Bucket(bucket, _) => match bucket.put_new(key, bytes.into(), &Options::default()).await {
                Ok(Some(_)) => Ok(()),
                Ok(None) => Err(MediaError::new(key, Trouble::Exists, "it is there already")),
                Err(error) => Err(bucket::trouble(&error)),
            },
        }
    }

    /// Writes a small file in place of what may be there.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), MediaError> {
        match self {
            Media::Folder(folder) => {
                let (folder, key) = (folder.clone(), key.to_owned());
                blocking(key.clone(), move || folder.put(&key, &bytes)).await
            }
            Media::Far(far) => far.put(key, bytes, false).await,
            Media::Bucket(bucket, _) => {
                let written = bucket.put(key, Bytes::from(bytes), &Options::default()).await;
                written.map(drop).map_err(|error| bucket::trouble(&error))
            }
        }
    }

    /// Whether there is a file of this name.
    pub async fn has(&self, key: &str) -> Result<bool, MediaError> {
        match self {
            Media::Folder(folder) => {
                let (folder, key) = (folder.clone(), key.to_owned());
                blocking(key.clone(), move || folder.has(&key)).await
            }
            Media::Far(far) => far.has(key).await,
            Media::Bucket(bucket, _) => match bucket.head(key).await {
                Ok(_) => Ok(true),
                Err(error) if error.is_not_found() => Ok(false),
                Err(error) => Err(bucket::trouble(&error)),
            },
        }
    }

    /// What a small file says; nothing if there is none.
    pub async fn get(&self, key: &str, at_most: u64) -> Result<Option<Vec<u8>>, MediaError> {
        match self {
            Media::Folder(folder) => {
                let (folder, key) = (folder.clone(), key.to_owned());
                blocking(key.clone(), move || folder.get(&key, at_most)).await
            }
            Media::Far(far) => far.get(key, at_most).await,
            Media::Bucket(bucket, _) => match bucket.get(key, ..).await {
                Ok(download) => pump::all(download, key, at_most).await.map(Some),
                Err(error) if error.is_not_found() => Ok(None),
                Err(error) => Err(bucket::trouble(&error)),
            },
        }
    }

    /// The last bytes of a file of this size, so many at most.
    pub async fn get_end(&self, key: &str, size: u64, at_most: u64) -> Result<Vec<u8>, MediaError> {
        let from = size.saturating_sub(at_most);
        match self {
            Media::Bucket(bucket, _) => {
                let download = bucket.get(key, from..size).await.map_err(|error| bucket::trouble(&error))?;
                pump::all(download, key, at_most).await
            }
            Media::Folder(_) | Media::Far(_) => {
                let all = self.get(key, size).await?.unwrap_or_default();
                Ok(all.get(usize::try_from(from).unwrap_or(usize::MAX)..).unwrap_or_default().to_vec())
            }
        }
    }

    /// A file, to be read where blocking does no harm.
    pub async fn read(&self, key: &str) -> Result<Box<dyn Read + Send>, MediaError> {
        match self {
            Media::Folder(folder) => {
                let path = folder.path(key);
                let shown = path.display().to_string();
                let opened =
                    blocking(shown.clone(), move || File::open(&path).map_err(|error| MediaError::disk(shown, &error)));
                Ok(Box::new(opened.await?))
            }
            Media::Far(_) | Media::Bucket(..) => Ok(Box::new(pump::reader(self.stream(key).await?))),
        }
    }

    /// A file, as bytes on their way.
    pub async fn stream(&self, key: &str) -> Result<Source, MediaError> {
        match self {
            Media::Folder(folder) => {
                let path = folder.path(key);
                let file = tokio::fs::File::open(&path).await;
                let file = file.map_err(|error| MediaError::disk(path.display().to_string(), &error))?;
                Ok(Box::pin(ReaderStream::with_capacity(file, PIECE)))
            }
            Media::Far(far) => far.stream(key).await,
            Media::Bucket(bucket, _) => {
                let download = bucket.get(key, ..).await.map_err(|error| bucket::trouble(&error))?;
                Ok(Box::pin(download.bytes.map(|piece| piece.map_err(std::io::Error::other))))
            }
        }
    }

    /// Removes a file; that it is gone already is as good.
    pub async fn remove(&self, key: &str) -> Result<(), MediaError> {
        match self {
            Media::Folder(folder) => {
                let (folder, key) = (folder.clone(), key.to_owned());
                blocking(key.clone(), move || folder.remove(&key)).await
            }
            Media::Far(far) => far.remove(key).await,
            Media::Bucket(bucket, _) => bucket.delete(key).await.map(drop).map_err(|error| bucket::trouble(&error)),
        }
    }

    /// Every file there is, in no order.
    pub async fn list(&self) -> Result<Vec<Holding>, MediaError> {
        match self {
            Media::Folder(folder) => {
                let (folder, shown) = (folder.clone(), folder.path("").display().to_string());
                blocking(shown, move || folder.list()).await
            }
            Media::Far(far) => far.list().await,
            Media::Bucket(bucket, _) => {
                let listed = bucket.list("", MOST).await.map_err(|error| bucket::trouble(&error))?;
                // What is not seen may be the notes of what is.
                if listed.is_cut {
                    let why = format!("more than {MOST} objects lie there: give recovery points a prefix of their own");
                    return Err(MediaError::new(bucket.name(), Trouble::Other, why));
                }
                let holding = |entry: s3::Entry| Holding { key: entry.key, size: entry.size, written: entry.written };
                let is_ours = |entry: &s3::Entry| entry.key.split('/').next() == Some(OURS);
                Ok(listed.entries.into_iter().filter(|entry| !is_ours(entry)).map(holding).collect())
            }
        }
    }

    /// Until when, or because of what, nobody may remove a file; nothing where that is allowed.
    pub async fn locked(&self, key: &str, now: DateTime<Utc>) -> Result<Option<String>, MediaError> {
        let Media::Bucket(bucket, _) = self else { return Ok(None) };
        match bucket.head(key).await {
            Ok(about) if about.is_held => Ok(Some("the bucket holds it by a legal hold".to_owned())),
            Ok(about) => {
                let until = about.locked_until.filter(|until| *until > now);
                Ok(until.map(|until| format!("the bucket locks it until {}", stamp(until))))
            }
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(bucket::trouble(&error)),
        }
    }

    /// Whether a file can be read, and its storage class.
    pub async fn thaw(&self, key: &str) -> Result<(Thaw, Option<String>), MediaError> {
        let Media::Bucket(bucket, _) = self else { return Ok((Thaw::NotNeeded, None)) };
        let about = bucket.head(key).await.map_err(|error| bucket::trouble(&error))?;
        Ok((about.thaw, about.class))
    }

    /// Asks that an archived file be thawed, and stay so for some days.
    pub async fn request_thaw(&self, key: &str, days: u32, tier: Tier) -> Result<(), MediaError> {
        match self {
            Media::Folder(_) | Media::Far(_) => Ok(()),
            Media::Bucket(bucket, _) => {
                let asked = bucket.request_thaw(key, days, tier).await;
                asked.map(drop).map_err(|error| bucket::trouble(&error))
            }
        }
    }

    /// For how long nobody may remove what is written to the store; nothing where that is not said, or may not be asked.
    pub async fn locks(&self) -> Option<s3::Retention> {
        match self {
            Media::Folder(_) | Media::Far(_) => None,
            Media::Bucket(bucket, _) => bucket.object_lock().await.ok()??.default,
        }
    }

    /// What the store does by itself with what ages in it.
    pub async fn lifecycle(&self) -> Result<Vec<LifecycleRule>, MediaError> {
        match self {
            Media::Folder(_) | Media::Far(_) => Ok(Vec::new()),
            Media::Bucket(bucket, _) => bucket.lifecycle().await.map_err(|error| bucket::trouble(&error)),
        }
    }
}

async fn in_bucket(store: &Store, secrets: &Secrets) -> Result<Media, MediaError> {
    let no_secret = |error: crate::reach::SecretError| MediaError {
        next: Some(error.next_step()),
        ..MediaError::new(&store.name, Trouble::Refused, error.to_string())
    };
    let keys = match (&store.access_key, &store.secret_key) {
        (Some(access), Some(secret)) => {
            let access = secrets.resolve_name(access).await.map_err(no_secret)?;
            let access = access.expose_str().unwrap_or_default().to_owned();
            Some(Keys::new(access, secrets.resolve(secret).await.map_err(no_secret)?, None))
        }
        _ => None,
    };
    let settings = s3::Settings { redactor: secrets.redactor().clone(), ..s3::Settings::default() };
    let bucket = Bucket::open(store, keys, settings).await.map_err(|error| bucket::trouble(&error))?;
    Ok(Media::Bucket(bucket, Sending::default()))
}

async fn blocking<T: Send + 'static>(
    at: String,
    work: impl FnOnce() -> Result<T, MediaError> + Send + 'static,
) -> Result<T, MediaError> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(MediaError::new(at, Trouble::Other, with_causes(&error))))
}
