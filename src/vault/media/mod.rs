//! A store as something that takes and gives files.

mod folder;
mod trouble;

use std::path::PathBuf;

use tokio::sync::mpsc::Receiver;
use tokio::task::spawn_blocking;

pub use trouble::{MediaError, Trouble};

use super::pass::Chunk;
use crate::plan::Place;
use crate::plan::types::{Store, StoreKind};
use crate::text::with_causes;
use folder::Folder;

/// A store that takes and gives files.
#[derive(Clone, Debug)]
pub enum Media {
    /// A folder of this machine.
    Folder(Folder),
}

/// A file that a store has all of, and that has no name yet. Dropped, it is gone.
#[derive(Debug)]
pub enum Staged {
    /// In a folder.
    File(folder::Staged),
}

impl Media {
    /// The store of a plan, as far as it can be worked with from here.
    pub fn of(store: &Store) -> Result<Media, MediaError> {
        let refused = |why: &str| Err(MediaError::new(&store.name, Trouble::NotOffered, why));
        let is_here = store.reach.as_ref().is_none_or(Place::is_here);
        match (store.kind, &store.path) {
            (StoreKind::Directory | StoreKind::Archive, Some(path)) if is_here => Ok(Media::Folder(Folder::at(path))),
            (StoreKind::Directory, Some(_)) => refused("it lies elsewhere, and this version writes to folders here"),
            (StoreKind::Directory, None) => refused("the plan gives it no path"),
            (StoreKind::S3 | StoreKind::Archive, _) => refused("this version writes to folders only"),
            (StoreKind::Git, _) => refused("what git keeps are no recovery points"),
        }
    }

    /// Writes what comes, to its end, and leaves it without a name.
    pub async fn write(self, key: String, mut input: Receiver<Chunk>) -> Result<Staged, MediaError> {
        let Media::Folder(folder) = self;
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
        let (Media::Folder(folder), key) = (self.clone(), key.to_owned());
        blocking(key.clone(), move || folder.put_new(&key, &bytes)).await
    }

    /// Writes a small file in place of what may be there.
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), MediaError> {
        let (Media::Folder(folder), key) = (self.clone(), key.to_owned());
        blocking(key.clone(), move || folder.put(&key, &bytes)).await
    }

    /// Whether there is a file of this name.
    pub async fn has(&self, key: &str) -> Result<bool, MediaError> {
        let (Media::Folder(folder), key) = (self.clone(), key.to_owned());
        blocking(key.clone(), move || Ok(folder.path(&key).exists())).await
    }

    /// What a small file says; nothing if there is none.
    pub async fn get(&self, key: &str, at_most: u64) -> Result<Option<Vec<u8>>, MediaError> {
        let (Media::Folder(folder), key) = (self.clone(), key.to_owned());
        blocking(key.clone(), move || folder.get(&key, at_most)).await
    }

    /// Removes a file; that it is gone already is as good.
    pub async fn remove(&self, key: &str) -> Result<(), MediaError> {
        let (Media::Folder(folder), key) = (self.clone(), key.to_owned());
        blocking(key.clone(), move || folder.remove(&key)).await
    }

    /// Where a file lies for the programs of this machine.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        let Media::Folder(folder) = self;
        Some(folder.path(key))
    }
}

impl Staged {
    /// Gives it its name, if nothing has it.
    pub async fn publish(self) -> Result<(), MediaError> {
        let Staged::File(staged) = self;
        blocking(String::new(), move || staged.publish()).await
    }
}

async fn blocking<T: Send + 'static>(
    at: String,
    work: impl FnOnce() -> Result<T, MediaError> + Send + 'static,
) -> Result<T, MediaError> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(MediaError::new(at, Trouble::Other, with_causes(&error))))
}
