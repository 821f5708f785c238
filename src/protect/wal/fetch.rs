//! What a server asks for that is being restored, or that follows: out of the first store that has it whole.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::LogOf;
use crate::plan::types::Store;
use crate::protect::unlock::keys;
use crate::systems::{Contact, wal};
use crate::text::{Exit, Explain, with_causes};
use crate::vault::log::{LogFile, LogKey};
use crate::vault::{Keys, Media};

/// How long a store may take to give a file.
const PATIENCE: Duration = Duration::from_mins(2);

/// What was given.
#[derive(Debug)]
pub struct Fetched {
    /// Out of which store.
    pub store: String,
    /// The stores that could not give it before, and why.
    pub passed_over: Vec<(String, String)>,
}

/// Why a file was not given.
#[derive(Debug, thiserror::Error)]
pub enum NotFetched {
    /// Its name is none of a file of a log.
    #[error("{0:?} is no name of a file of a log")]
    Name(String),
    /// No store has it: the log ends before it.
    #[error("no store has {0}")]
    NotThere(String),
    /// Some store may have it, or has it and it is not whole.
    #[error("nobody can tell whether {name} can be had: {why}")]
    Unsure {
        /// Its name.
        name: String,
        /// What each store said.
        why: String,
    },
    /// It cannot be written where it was wanted.
    #[error("{path} cannot be written: {why}", path = path.display())]
    Unwritable {
        /// Where.
        path: PathBuf,
        /// Why not.
        why: String,
    },
}

impl Explain for NotFetched {
    fn next_step(&self) -> String {
        match self {
            NotFetched::Name(_) => {
                "The restore command is given %f and %p: restore_command = 'lifeboat wal fetch %f %p'."
            }
            NotFetched::NotThere(_) => {
                "At the end of a log, and for timelines that never were, that is as it should be."
            }
            NotFetched::Unsure { .. } => {
                "A server that took this for the end of the log would come up without what is behind it: recovery is \
                 stopped. Mend the store, or name another with --in; then start the server again."
            }
            NotFetched::Unwritable { .. } => "Look at the disk of the server.",
        }
        .to_owned()
    }

    fn exit(&self) -> Exit {
        match self {
            NotFetched::NotThere(_) => Exit::Failed,
            // What recovery would not stop at, it takes for the end of the log.
            NotFetched::Name(_) | NotFetched::Unsure { .. } | NotFetched::Unwritable { .. } => Exit::Unsure,
        }
    }
}

/// Writes a file of a log to a path, under another name until it is whole.
pub async fn fetch(
    log: &LogOf<'_>,
    name: &str,
    to: &Path,
    chosen: impl Fn(&Store) -> bool,
    with: &Contact<'_>,
) -> Result<Fetched, NotFetched> {
    let file = LogFile::of(name).ok_or_else(|| NotFetched::Name(name.to_owned()))?;
    let key = LogKey::of(&log.folder, name).ok_or_else(|| NotFetched::Name(name.to_owned()))?;
    let mut stores: Vec<&Store> = log.everywhere().filter(|store| chosen(store)).collect();
    // What is here is there at once.
    stores.sort_by_key(|store| store.folder_here().is_none());
    let mut passed_over = Vec::new();
    for store in stores {
        let given = tokio::time::timeout(PATIENCE, from(store, &key, file, with)).await;
        match given.unwrap_or_else(|_| Err("it does not answer".to_owned())) {
            Ok(Some(plain)) => {
                write(to, plain).await?;
                return Ok(Fetched { store: store.name.clone(), passed_over });
            }
            Ok(None) => {}
            Err(why) => passed_over.push((store.name.clone(), why)),
        }
    }
    if passed_over.is_empty() {
        return Err(NotFetched::NotThere(name.to_owned()));
    }
    let why: Vec<String> = passed_over.iter().map(|(store, why)| format!("{store}: {why}")).collect();
    Err(NotFetched::Unsure { name: name.to_owned(), why: why.join("; ") })
}

/// Out of one store, whole; nothing where it is not there.
async fn from(store: &Store, key: &LogKey, file: LogFile, with: &Contact<'_>) -> Result<Option<Vec<u8>>, String> {
    let media = Media::open(store, with.secrets).await.map_err(|error| error.to_string())?;
    let keys = keys(store, with).await?;
    out_of(&media, keys.as_ref(), key, file).await
}

/// The same out of a store that is open.
pub(super) async fn out_of(
    media: &Media,
    keys: Option<&Keys>,
    key: &LogKey,
    file: LogFile,
) -> Result<Option<Vec<u8>>, String> {
    let plain = key.fetch(media, keys).await.map_err(|error| error.to_string())?;
    let Some(plain) = plain else { return Ok(None) };
    let LogFile::Segment(name) = file else { return Ok(Some(plain)) };
    let looked = tokio::task::spawn_blocking(move || (wal::read(plain.as_slice()), plain)).await;
    let (read, plain) = looked.map_err(|error| with_causes(&error))?;
    match read {
        Ok(segment) if name.begins(segment.size) == Some(segment.start.0) => Ok(Some(plain)),
        Ok(segment) => Err(format!("{} holds the segment that begins at {}", key.name(), segment.start)),
        Err(damage) => Err(format!("{}: {damage}", key.name())),
    }
}

async fn write(to: &Path, plain: Vec<u8>) -> Result<(), NotFetched> {
    let unwritable = |error: std::io::Error| NotFetched::Unwritable { path: to.to_owned(), why: with_causes(&error) };
    let mut part = to.as_os_str().to_owned();
    part.push(".lifeboat");
    tokio::fs::write(&part, &plain).await.map_err(unwritable)?;
    tokio::fs::rename(&part, to).await.map_err(unwritable)
}
