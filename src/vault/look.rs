//! Looking at the stores of a plan, each by itself: one that hangs delays no other.

mod folder;

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};

use super::cache::{Cache, Remembered};
use super::directory::Holding;
use super::log::{TAIL, Told, edges, is_ours, told_beside};
use super::manifest::{LARGEST, Manifest, NotOurs};
use super::media::{Media, MediaError, Trouble};
use super::naming::{Note, Part, is_of, named};
use super::receipt::{Receipt, Taint};
use super::thaw::Thawing;
use crate::plan::Plan;
use crate::plan::types::Store;
use crate::reach::Secrets;
use crate::text::{Clock, Span, SystemClock};
pub(super) use folder::notes_of;

/// So many notes of a bucket are read at once.
const AT_ONCE: usize = 16;
/// Notes that were read are kept from so many on, before all are.
const FIRST_KEPT: usize = 500;
const TOO_LARGE: &str = "it is too large for what it is";
/// What is told of a segment is far shorter.
const LARGEST_TOLD: u64 = 64 << 10;
const NOT_TOLD: &str = "it does not end as what is kept ends: it is cut off, or something else has put it there";

/// What notes say, by their keys, or why they cannot be read.
pub(super) type Texts = HashMap<String, Result<String, String>>;

/// What lies in a store.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    /// The store.
    pub store: String,
    /// Every file in it, and what it says where it is a note beside a recovery point.
    pub files: Vec<(Holding, Option<Known>)>,
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
    /// That its thaw was asked for.
    Thawing(Box<Thawing>),
    /// What is told of a segment of a log.
    Log(Box<Told>),
}

/// What is read of a file when its store is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    /// All of it: it is a note beside a recovery point.
    Note(Note),
    /// What is told of it: it is a segment of a log, that we have put there.
    Segment,
}

/// What of a file with this name is read; nothing of most.
fn sought(key: &str) -> Option<Sought> {
    if let Some(named) = named(key) {
        return match named.part {
            Part::Note(note) => Some(Sought::Note(note)),
            Part::Artefact(_) => None,
        };
    }
    is_ours(key).then_some(Sought::Segment)
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
        let silent = || Err(unanswered(patience));
        match looked.unwrap_or_else(|_| silent()) {
            Ok(listing) => listings.push(listing),
            Err(why) => unseen.push(Unseen { store: store.name.clone(), why }),
        }
    }
    (listings, unseen)
}

/// Why nothing is known of a store that was waited for.
pub fn unanswered(patience: Duration) -> String {
    let patience = Span::from(patience);
    format!("it has not answered within {patience}: its file system or the network may hang, or it holds too much")
}

async fn one(store: &Store, secrets: &Secrets, cache: Option<&Cache>) -> Result<Listing, String> {
    let media = Media::open(store, secrets).await.map_err(|error| error.why)?;
    match &media {
        Media::Folder(folder) => folder::look(store, folder.clone(), cache).await,
        Media::Far(far) => {
            let (holdings, texts) = (far.list().await, far.notes().await);
            let (holdings, texts) =
                (holdings.map_err(|error| error.to_string())?, texts.map_err(|error| error.to_string())?);
            Ok(Listing { store: store.name.clone(), files: read(holdings, &texts), listed: None })
        }
        Media::Bucket(bucket, _) => in_bucket(store, &media, &bucket.address(), cache).await,
    }
}

/// Lists a bucket, unless that was just done, and reads the notes that are new in it.
async fn in_bucket(store: &Store, media: &Media, of: &str, cache: Option<&Cache>) -> Result<Listing, String> {
    let now = SystemClock.now();
    let remembered = cache.and_then(|cache| cache.read(&store.name, of, now));
    if let Some((remembered, true)) = remembered {
        let Remembered { at, holdings, notes, .. } = remembered;
        return Ok(Listing { store: store.name.clone(), files: read(holdings, &notes), listed: Some(at) });
    }
    let holdings = media.list().await.map_err(|error| error.to_string())?;
    let keep = |at: DateTime<Utc>, holdings: Vec<Holding>, notes: Texts| {
        let remembered = Remembered { at, of: of.to_owned(), holdings, notes };
        if let Some(cache) = cache {
            cache.write(&store.name, &remembered);
        }
        remembered
    };
    let mut texts = remembered.map(|(remembered, _)| remembered.still(&holdings)).unwrap_or_default();
    let edges = edges(&holdings);
    let new = holdings.iter().filter_map(|holding| {
        let sought = sought(&holding.key).filter(|_| !texts.contains_key(&holding.key))?;
        (sought != Sought::Segment || edges.contains(holding.key.as_str())).then_some((holding, sought))
    });
    let fetched = stream::iter(new.collect::<Vec<_>>()).map(async |(holding, sought)| {
        let text = match sought {
            Sought::Note(_) => fetch(media, holding).await,
            Sought::Segment => tail(media, holding).await,
        };
        Ok::<_, String>((holding.key.clone(), text.map_err(|error| error.to_string())?))
    });
    let mut fetched = fetched.buffer_unordered(AT_ONCE);
    let mut next = FIRST_KEPT;
    while let Some(note) = fetched.next().await {
        texts.extend([note?]);
        if texts.len() >= next {
            // Whoever asks loses patience, and goes on from there the next time. As a listing it is worth nothing.
            keep(DateTime::UNIX_EPOCH, holdings.clone(), texts.clone());
            next = texts.len() * 2;
        }
    }
    drop(fetched);
    let Remembered { holdings, notes, .. } = keep(now, holdings, texts);
    Ok(Listing { store: store.name.clone(), files: read(holdings, &notes), listed: None })
}

/// What a note of a bucket says, or why that one is not read. An error is one of the whole store.
async fn fetch(media: &Media, holding: &Holding) -> Result<Result<String, String>, MediaError> {
    if holding.size > LARGEST {
        return Ok(Err(TOO_LARGE.to_owned()));
    }
    match media.get(&holding.key, LARGEST).await {
        Ok(Some(bytes)) => Ok(Ok(String::from_utf8_lossy(&bytes).into_owned())),
        Ok(None) => Ok(Err("it is gone".to_owned())),
        // Who does not answer has told nothing of any of them.
        Err(error) if error.trouble == Trouble::Stalled => Err(error),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// What is told of a segment of a bucket.
async fn tail(media: &Media, holding: &Holding) -> Result<Result<String, String>, MediaError> {
    let told = match told_beside(&holding.key) {
        Some(note) => media.get(&note, LARGEST_TOLD).await,
        None => media.get_end(&holding.key, holding.size, TAIL).await.map(Some),
    };
    match told {
        Ok(Some(bytes)) => Ok(text_of(&holding.key, &bytes)),
        Ok(None) => Ok(Err("what is told of it is gone".to_owned())),
        Err(error) if error.trouble == Trouble::Stalled => Err(error),
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// What is told of a segment, out of the bytes that were read for that: its end, or the note beside it.
fn text_of(key: &str, bytes: &[u8]) -> Result<String, String> {
    let text = if told_beside(key).is_some() { Some(bytes) } else { Told::text_at_end(bytes) };
    text.map(|text| String::from_utf8_lossy(text).into_owned()).ok_or_else(|| NOT_TOLD.to_owned())
}

/// Files, and what those of them say of which something was read.
fn read(holdings: Vec<Holding>, texts: &Texts) -> Vec<(Holding, Option<Known>)> {
    let known = |key: &str| {
        let sought = sought(key)?;
        let text = texts.get(key)?.as_ref();
        Some(Known::sought(sought, key, text.map(String::as_bytes).map_err(String::as_str)))
    };
    let filed = |holding: Holding| {
        let known = known(&holding.key);
        (holding, known)
    };
    holdings.into_iter().map(filed).collect()
}

impl Known {
    /// What was read of a file, or why nothing was.
    fn sought(sought: Sought, key: &str, bytes: Result<&[u8], &str>) -> Known {
        match sought {
            Sought::Note(note) => Known::told(note, bytes).beside(key),
            Sought::Segment => match bytes.map(Told::read) {
                Ok(Some(told)) => Known::Log(Box::new(told)),
                Ok(None) => Known::Unreadable("what is told of it is not in a form that this version knows".to_owned()),
                Err(why) => Known::Unreadable(why.to_owned()),
            },
        }
    }

    /// What a note says, or why it is not known: that it is there tells something all the same.
    pub(super) fn told(note: Note, bytes: Result<&[u8], &str>) -> Known {
        match bytes {
            _ if note == Note::Begun => Known::Begun,
            Ok(bytes) => Known::of(note, bytes),
            Err(why) => Known::Unreadable(why.to_owned()),
        }
    }

    /// The same, unless it is the manifest of another recovery point than the one that it lies beside.
    fn beside(self, key: &str) -> Known {
        match self {
            Known::Manifest(manifest) if !is_of(key, &manifest.point) => {
                Known::Unreadable("its manifest is that of another recovery point".to_owned())
            }
            known => known,
        }
    }

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
            Note::Thawing => Thawing::read(bytes).map_or_else(strange, |thawing| Known::Thawing(Box::new(thawing))),
            Note::Tainted => {
                serde_json::from_slice(bytes).map_or_else(|_| strange(), |taint| Known::Taint(Box::new(taint)))
            }
        }
    }
}
