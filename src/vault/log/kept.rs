//! Keeping the files of a log in a store: packed, each under its own name, never in place of another.

use std::io::{self, Cursor, Read};

use serde::{Deserialize, Serialize};

use super::name::LogFile;
use super::told::Told;
use crate::plan::types::Store;
use crate::text::with_causes;
use crate::vault::directory::OURS;
use crate::vault::media::{Media, MediaError, Trouble};
use crate::vault::open::{Contents, Keys, open};
use crate::vault::pass::{Seal, SealError};

/// The largest segment that a server can be told to write.
pub const LARGEST: u64 = 1 << 30;
/// What packing and sealing may add to what cannot be packed.
const MORE: u64 = 16 << 20;
const LARGEST_NOTE: u64 = 64 << 10;

/// A file of a log in the stores: the folder of its database, and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    folder: String,
    name: String,
}

/// What became of a file in one store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was written there, and is on the disk.
    Written,
    /// The same lay there already.
    WasThere,
}

/// Why a file is not in a store, or cannot be had from there.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The store refuses, or is away.
    #[error(transparent)]
    Media(#[from] MediaError),
    /// Something else lies there under its name.
    #[error("{0} is another one of the same name, and stays as it is")]
    Different(String),
    /// It cannot be encrypted.
    #[error("`encrypt_to`: {0}")]
    Unsealed(#[from] SealError),
    /// It lies there, and cannot be read.
    #[error("{key} cannot be read: {why}")]
    Unreadable {
        /// Its name there.
        key: String,
        /// Why not.
        why: String,
    },
}

/// A file of a log that is to be kept.
pub struct Keeping<'a> {
    /// What it is called.
    pub key: &'a LogKey,
    /// Its contents.
    pub plain: &'a [u8],
    /// The same packed, with what is told of it at the end.
    pub packed: &'a [u8],
    /// What is told of it.
    pub told: &'a Told,
}

impl LogKey {
    /// A file of the database with this folder; nothing where no log has a file of this name.
    pub fn of(folder: &str, name: &str) -> Option<LogKey> {
        LogFile::of(name)?;
        Some(LogKey { folder: folder.to_owned(), name: name.to_owned() })
    }

    /// Its name without folders.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where we keep it.
    pub fn lies(&self, is_sealed: bool) -> String {
        let sealed = if is_sealed { ".age" } else { "" };
        format!("{}/wal/{}.zst{sealed}", self.folder, self.name)
    }

    /// Where it may lie, ours first: scripts leave it as it is, or pack it with gzip.
    fn may_lie(&self) -> impl Iterator<Item = String> {
        [".zst", ".zst.age", "", ".gz", ".gz.age"]
            .into_iter()
            .map(|ending| format!("{}/wal/{}{ending}", self.folder, self.name))
    }

    /// Where it is noted what a sealed one holds.
    pub fn note(&self) -> String {
        format!("{OURS}/wal/{}/{}.json", self.folder, self.name)
    }

    /// Its contents, from one store; nothing where it does not lie there.
    pub async fn fetch(&self, media: &Media, keys: Option<&Keys>) -> Result<Option<Vec<u8>>, LogError> {
        for key in self.may_lie() {
            if let Some(kept) = media.get(&key, LARGEST + MORE).await? {
                return unpacked(key, kept, keys.cloned()).await.map(Some);
            }
        }
        Ok(None)
    }
}

impl Keeping<'_> {
    /// Puts it into a store, on the disk when this is done. That the same lies there already is as good.
    pub async fn put(&self, store: &Store, media: &Media, keys: Option<&Keys>) -> Result<Outcome, LogError> {
        let seal = Seal::to(&store.encrypt_to)?;
        let key = self.key.lies(seal.is_some());
        let Some(seal) = seal else {
            return match media.put_new(&key, self.packed.to_vec()).await {
                Ok(()) => Ok(Outcome::Written),
                Err(error) if error.trouble == Trouble::Exists => self.compare(media, key, keys).await,
                Err(error) => Err(error.into()),
            };
        };
        // Noted before: whoever finds a sealed one can tell what it is, without being able to read it.
        let note = self.key.note();
        let said = serde_json::to_vec(self.told).map_err(io::Error::other);
        let said = said.map_err(|error| LogError::Unreadable { key: note.clone(), why: with_causes(&error) })?;
        match media.put_new(&note, said).await {
            Err(error) if error.trouble == Trouble::Exists => {
                let known = media.get(&note, LARGEST_NOTE).await?.and_then(|said| serde_json::from_slice(&said).ok());
                let is_same = known.is_some_and(|known: Told| known.is_like(self.told));
                if !is_same {
                    return Err(LogError::Different(key));
                }
            }
            noted => noted?,
        }
        match media.put_new(&key, seal.bytes(self.packed)?).await {
            Ok(()) => Ok(Outcome::Written),
            Err(error) if error.trouble == Trouble::Exists => Ok(Outcome::WasThere),
            Err(error) => Err(error.into()),
        }
    }

    async fn compare(&self, media: &Media, key: String, keys: Option<&Keys>) -> Result<Outcome, LogError> {
        let kept = media.get(&key, LARGEST + MORE).await?.unwrap_or_default();
        let there = unpacked(key.clone(), kept, keys.cloned()).await?;
        if there == self.plain { Ok(Outcome::WasThere) } else { Err(LogError::Different(key)) }
    }
}

/// What is in a file as it lies in a store; an error where it is not what was put there.
async fn unpacked(key: String, kept: Vec<u8>, keys: Option<Keys>) -> Result<Vec<u8>, LogError> {
    let unreadable = |why: String| LogError::Unreadable { key: key.clone(), why };
    let name = key.clone();
    let read = tokio::task::spawn_blocking(move || unpack(&name, kept, keys.as_ref())).await;
    read.map_err(|error| unreadable(with_causes(&error)))?.map_err(unreadable)
}

fn unpack(key: &str, kept: Vec<u8>, keys: Option<&Keys>) -> Result<Vec<u8>, String> {
    let told = Told::at_end(&kept);
    let opened = open(Box::new(Cursor::new(kept)), key, keys).map_err(|error| error.to_string())?;
    let Contents::Plain(contents) = opened.contents else {
        return Err("it is encrypted, and the plan names no `decrypt_with`".to_owned());
    };
    let mut plain = Vec::new();
    contents.take(LARGEST + 1).read_to_end(&mut plain).map_err(|error| with_causes(&error))?;
    match told {
        _ if plain.len() as u64 > LARGEST => Err("it is larger than any segment".to_owned()),
        Some(told) if !told.is_of(&plain) => Err("it is not what was put there: its hash differs".to_owned()),
        _ => Ok(plain),
    }
}
