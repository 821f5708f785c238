//! Looking at the stores of a plan, each by itself: one that hangs delays no other.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};

use super::cache::{Cache, Remembered};
use super::directory::{Holding, list};
use super::manifest::{LARGEST, Manifest, NotOurs};
use super::media::Media;
use super::naming::{Note, Part, named};
use super::receipt::{Receipt, Taint};
use crate::plan::Plan;
use crate::plan::types::Store;
use crate::reach::Secrets;

/// So many notes of a bucket are read at once.
const AT_ONCE: usize = 16;
/// So many notes are read by one thread at least: fewer are not worth another.
const NOTES_A_THREAD: usize = 500;

/// What lies in a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The store.
    pub store: String,
    /// Every file in it.
    pub holdings: Vec<Holding>,
    /// What the notes beside recovery points say, by their keys.
    pub notes: HashMap<String, Known>,
    /// When it was made, where that is a while ago.
    pub listed: Option<DateTime<Utc>>,
}

/// What a note says.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// What a recovery point of ours is.
    Manifest(Box<Manifest>),
    /// Something that others wrote.
    Foreign,
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// That it was begun.
    Begun,
    /// What was found about it.
    Receipt(Box<Receipt>),
    /// Since when it is not to be trusted.
    Taint(Box<Taint>),
}

/// A store of which nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The store.
    pub store: String,
    /// Why not.
    pub why: String,
}

/// Looks at the chosen stores of a plan, for so long at most.
pub async fn look(
    plan: &Plan,
    chosen: impl Fn(&Store) -> bool,
    patience: Duration,
    secrets: &Secrets,
    cache: Option<&Cache>,
) -> (Vec<Listing>, Vec<Unseen>) {
    let stores: Vec<&Store> = plan.store.iter().filter(|store| chosen(store)).collect();
    let looks = stores.iter().map(|store| tokio::time::timeout(patience, one(store, secrets, cache)));
    let (mut listings, mut unseen) = (Vec::new(), Vec::new());
    for (store, looked) in stores.iter().zip(join_all(looks).await) {
        let silent = || Err("it does not answer; its file system or the network may hang".to_owned());
        match looked.unwrap_or_else(|_| silent()) {
            Ok(listing) => listings.push(listing),
            Err(why) => unseen.push(Unseen { store: store.name.clone(), why }),
        }
    }
    (listings, unseen)
}

async fn one(store: &Store, secrets: &Secrets, cache: Option<&Cache>) -> Result<Listing, String> {
    let media = Media::open(store, secrets).await.map_err(|error| error.why)?;
    match &media {
        Media::Folder(folder) => in_folder(store, folder.path("")).await,
        Media::Bucket(bucket, _) => {
            let of = format!("{}/{}", bucket.region(), bucket.name());
            in_bucket(store, &media, &of, cache).await
        }
    }
}

async fn in_folder(store: &Store, path: PathBuf) -> Result<Listing, String> {
    let looked = move || {
        let holdings = list(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let notes = read_notes(&path, &holdings);
        Ok((holdings, notes))
    };
    let looked: Result<_, String> = tokio::task::spawn_blocking(looked).await.map_err(|error| error.to_string())?;
    let (holdings, notes) = looked?;
    Ok(Listing { store: store.name.clone(), holdings, notes, listed: None })
}

/// Lists a bucket, unless that was just done, and reads the notes that are new in it.
async fn in_bucket(store: &Store, media: &Media, of: &str, cache: Option<&Cache>) -> Result<Listing, String> {
    let now = Utc::now();
    let remembered = cache.and_then(|cache| cache.read(&store.name, of, now));
    if let Some((remembered, true)) = remembered {
        let notes = remembered.notes.iter().filter_map(|(key, text)| known(key, text.as_bytes())).collect();
        let Remembered { at, holdings, .. } = remembered;
        return Ok(Listing { store: store.name.clone(), holdings, notes, listed: Some(at) });
    }
    let holdings = media.list().await.map_err(|error| error.to_string())?;
    let mut texts = remembered.map(|(remembered, _)| remembered.still(&holdings)).unwrap_or_default();
    let is_new =
        |holding: &&Holding| is_note(&holding.key) && holding.size <= LARGEST && !texts.contains_key(&holding.key);
    let new: Vec<&Holding> = holdings.iter().filter(is_new).collect();
    let read = stream::iter(new).map(async |holding| {
        let bytes = media.get(&holding.key, LARGEST).await.map_err(|error| error.to_string())?;
        Ok::<_, String>(bytes.map(|bytes| (holding.key.clone(), String::from_utf8_lossy(&bytes).into_owned())))
    });
    let read: Vec<_> = read.buffer_unordered(AT_ONCE).collect().await;
    for note in read {
        texts.extend(note?);
    }
    let notes = texts.iter().filter_map(|(key, text)| known(key, text.as_bytes())).collect();
    if let Some(cache) = cache {
        let notes = texts.into_iter().collect();
        let remembered = Remembered { at: now, of: of.to_owned(), holdings: holdings.clone(), notes };
        cache.write(&store.name, &remembered);
    }
    Ok(Listing { store: store.name.clone(), holdings, notes, listed: None })
}

fn is_note(key: &str) -> bool {
    named(key).is_some_and(|named| matches!(named.part, Part::Note(_)))
}

fn known(key: &str, text: &[u8]) -> Option<(String, Known)> {
    match named(key)?.part {
        Part::Note(note) => Some((key.to_owned(), Known::of(note, text))),
        Part::Artefact(_) => None,
    }
}

/// Reads every note of a folder, on two threads where there are many.
fn read_notes(store: &Path, holdings: &[Holding]) -> HashMap<String, Known> {
    let note = |holding: &Holding| match named(&holding.key)?.part {
        Part::Note(note) => Some((holding.key.clone(), note, holding.size)),
        Part::Artefact(_) => None,
    };
    let notes: Vec<(String, Note, u64)> = holdings.iter().filter_map(note).collect();
    let read = |notes: &[(String, Note, u64)]| -> Vec<(String, Known)> {
        notes.iter().map(|(key, note, size)| (key.clone(), read(&store.join(key), *note, *size))).collect()
    };
    if notes.len() < NOTES_A_THREAD {
        return read(&notes).into_iter().collect();
    }
    let (one, other) = notes.split_at(notes.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| read(other));
        let mut all: HashMap<String, Known> = read(one).into_iter().collect();
        all.extend(other.join().unwrap_or_default());
        all
    })
}

fn read(path: &Path, note: Note, size: u64) -> Known {
    if note == Note::Begun {
        return Known::Begun;
    }
    if size > LARGEST {
        return Known::Unreadable("it is too large for what it is".to_owned());
    }
    match std::fs::read(path) {
        Ok(bytes) => Known::of(note, &bytes),
        Err(error) => Known::Unreadable(error.to_string()),
    }
}

impl Known {
    /// What a note says.
    pub fn of(note: Note, bytes: &[u8]) -> Known {
        let strange = || Known::Unreadable("it is not in a form that this version knows".to_owned());
        match note {
            Note::Begun => Known::Begun,
            Note::Manifest => match Manifest::read(bytes) {
                Ok(manifest) => Known::Manifest(Box::new(manifest)),
                Err(NotOurs::Foreign) => Known::Foreign,
                Err(error) => Known::Unreadable(error.to_string()),
            },
            Note::Verified | Note::Proven => {
                Receipt::read(bytes).map_or_else(strange, |receipt| Known::Receipt(Box::new(receipt)))
            }
            Note::Tainted => {
                serde_json::from_slice(bytes).map_or_else(|_| strange(), |taint| Known::Taint(Box::new(taint)))
            }
        }
    }
}
