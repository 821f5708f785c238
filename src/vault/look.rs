//! Looking at the stores of a plan, each by itself: one that hangs delays no other.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::directory::{Holding, list};
use super::manifest::{LARGEST, Manifest, NotOurs};
use super::naming::{Note, Part, named};
use super::receipt::{Receipt, Taint};
use crate::plan::Plan;
use crate::plan::types::{Store, StoreKind};

/// What a look at a folder gives.
type Looked = io::Result<(Vec<Holding>, HashMap<String, Known>)>;

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
pub fn look(plan: &Plan, chosen: impl Fn(&Store) -> bool, patience: Duration) -> (Vec<Listing>, Vec<Unseen>) {
    let begun: Vec<(&Store, Result<Receiver<Looked>, String>)> =
        plan.store.iter().filter(|store| chosen(store)).map(|store| (store, begin(store))).collect();
    let end = Instant::now() + patience;
    let (mut listings, mut unseen) = (Vec::new(), Vec::new());
    for (store, answer) in begun {
        match answer.and_then(|answer| taken(&answer, end)) {
            Ok((holdings, notes)) => listings.push(Listing { store: store.name.clone(), holdings, notes }),
            Err(why) => unseen.push(Unseen { store: store.name.clone(), why }),
        }
    }
    (listings, unseen)
}

fn begin(store: &Store) -> Result<Receiver<Looked>, String> {
    let is_folder = matches!(store.kind, StoreKind::Directory | StoreKind::Archive);
    let Some(path) = store.path.clone().filter(|_| is_folder) else {
        return Err(match store.kind {
            StoreKind::S3 => "this version lists no buckets".to_owned(),
            StoreKind::Archive => "this version lists no vaults".to_owned(),
            StoreKind::Git => "what git keeps are no recovery points".to_owned(),
            StoreKind::Directory => "the plan gives it no path".to_owned(),
        });
    };
    if let Some(place) = store.reach.as_ref().filter(|place| !place.is_here()) {
        return Err(format!("it lies at {place}, where this version does not look"));
    }
    let (tell, told) = sync_channel(1);
    let look = move || {
        let holdings =
            list(&path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())));
        let looked = holdings.map(|holdings| {
            let notes = read_notes(&path, &holdings);
            (holdings, notes)
        });
        // Whoever asked may have lost patience.
        let _ = tell.send(looked);
    };
    std::thread::Builder::new().spawn(look).map_err(|error| error.to_string())?;
    Ok(told)
}

fn taken<T>(answer: &Receiver<io::Result<T>>, end: Instant) -> Result<T, String> {
    match answer.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(listed) => listed.map_err(|error| error.to_string()),
        Err(RecvTimeoutError::Timeout) => Err("it does not answer; its file system may hang".to_owned()),
        Err(RecvTimeoutError::Disconnected) => Err("looking at it came to an unexpected end".to_owned()),
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
