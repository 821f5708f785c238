//! A recovery point: one thing one can restore from, and its copies.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::directory::Holding;
use super::look::Known;
use super::manifest::{File, Manifest};
use super::naming::{Note, Sort};
use super::receipt::{Receipt, Taint};
use super::taken::Precision;
use super::thaw::Thawing;
use crate::plan::types::Method;

/// One thing one can restore from.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its name, the same in every store: `postgres/backup_20241118_020000`.
    pub id: String,
    /// The component that it was taken of, where the plan tells.
    pub component: Option<String>,
    /// What it holds.
    pub sorts: BTreeSet<Sort>,
    /// When it was taken.
    pub taken: DateTime<Utc>,
    /// How exactly that is known.
    pub precision: Precision,
    /// Where it lies, in the order of the plan's stores.
    pub copies: Vec<Copied>,
}

/// A recovery point in one store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Copied {
    /// The store.
    pub store: String,
    /// What one restores from, each file by its name.
    pub artefacts: Vec<(Sort, Holding)>,
    /// What is written about it.
    pub notes: Vec<(Note, Holding, Known)>,
    /// Whether its manifest is gone: one lies beside another copy.
    pub is_bare: bool,
}

/// What is known of a recovery point, or of a copy of it: the worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It cannot be restored from: files of it are missing, empty, or of another length than they should have.
    Partial(String),
    /// It was read, and is not whole.
    Flawed(String),
    /// It is not to be trusted.
    Tainted,
    /// It is there.
    Present,
    /// It was read to its end, and is what it claims to be.
    Verified(DateTime<Utc>),
    /// It was restored.
    Proven(DateTime<Utc>),
}

impl State {
    /// The word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            State::Partial(_) => "partial",
            State::Flawed(_) => "flawed",
            State::Tainted => "tainted",
            State::Present => "present",
            State::Verified(_) => "verified",
            State::Proven(_) => "proven",
        }
    }

    /// Whether one would restore from it.
    pub const fn is_restorable(&self) -> bool {
        matches!(self, State::Present | State::Verified(_) | State::Proven(_))
    }

    /// Why it is what it is, where there is something to say.
    pub fn why(&self) -> Option<&str> {
        match self {
            State::Partial(why) | State::Flawed(why) => Some(why),
            _ => None,
        }
    }
}

impl Copied {
    /// How many bytes one restores from.
    pub fn size(&self) -> u64 {
        self.artefacts.iter().map(|(_, holding)| holding.size).sum()
    }

    /// What it is, where we took it.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.notes.iter().find_map(|(_, _, known)| match known {
            Known::Manifest(manifest) => Some(&**manifest),
            _ => None,
        })
    }

    /// What was found about it, as far as its files are still those of then.
    pub fn receipt(&self, note: Note) -> Option<&Receipt> {
        let receipt = self.notes.iter().find_map(|(of, _, known)| match known {
            Known::Receipt(receipt) if *of == note => Some(&**receipt),
            _ => None,
        });
        receipt.filter(|receipt| receipt.is_of(self.artefacts.iter().map(|(_, file)| file)))
    }

    /// Since when it, or what was taken of its component after it, is not to be trusted.
    pub fn taint(&self) -> Option<&Taint> {
        self.notes.iter().find_map(|(_, _, known)| match known {
            Known::Taint(taint) => Some(&**taint),
            _ => None,
        })
    }

    /// That its thaw was asked for.
    pub fn thawing(&self) -> Option<&Thawing> {
        self.notes.iter().find_map(|(_, _, known)| match known {
            Known::Thawing(thawing) => Some(&**thawing),
            _ => None,
        })
    }

    /// What it lacks of what there was: it could not be read, or would lie open in this store; a sentence each.
    pub fn lacks(&self) -> impl Iterator<Item = &String> {
        self.manifest().into_iter().flat_map(Manifest::lacks)
    }

    /// Whether it lacks nothing, as far as is known.
    pub fn is_full(&self) -> bool {
        self.lacks().next().is_none()
    }

    /// Whether somebody said so, even where it cannot be read what.
    pub fn is_tainted(&self) -> bool {
        let is_about_it = |known: &Known| !matches!(known, Known::Taint(taint) if taint.of_later);
        self.notes.iter().any(|(note, _, known)| *note == Note::Tainted && is_about_it(known))
    }

    /// What is known of it.
    pub fn state(&self) -> State {
        if let Some(why) = self.broken() {
            return State::Partial(why);
        }
        if self.is_tainted() {
            return State::Tainted;
        }
        let (verified, proven) = (self.receipt(Note::Verified), self.receipt(Note::Proven));
        if let Some(receipt) = [verified, proven].into_iter().flatten().find(|receipt| !receipt.whole) {
            let flawed = receipt.files.iter().filter(|file| !receipt.is_whole(file));
            let why = flawed.map(|file| file.told.as_str()).collect::<Vec<_>>().join("; ");
            return State::Flawed(why);
        }
        if let Some(receipt) = proven {
            return State::Proven(receipt.at);
        }
        verified.map_or(State::Present, |receipt| State::Verified(receipt.at))
    }

    /// Whether it was begun, and is being written or was not finished.
    pub fn is_begun(&self) -> bool {
        self.notes.iter().any(|(note, ..)| *note == Note::Begun)
    }

    /// Why there is nothing to restore from, or not all of it.
    fn broken(&self) -> Option<String> {
        if let Some(manifest) = self.manifest() {
            if manifest.files.is_empty() {
                return Some("its manifest names no file to restore from".to_owned());
            }
            return manifest.files.iter().find_map(|file| self.wrong_with(file));
        }
        let unreadable = self.notes.iter().find_map(|(note, _, known)| match known {
            Known::Unreadable(why) if *note == Note::Manifest => Some(why.clone()),
            _ => None,
        });
        match (self.artefacts.as_slice(), unreadable) {
            _ if self.is_begun() => Some("it was begun and not finished".to_owned()),
            _ if self.is_bare => Some("its manifest is missing, which lies beside another copy".to_owned()),
            ([], _) => Some("only notes, nothing to restore from".to_owned()),
            (_, Some(why)) => Some(why),
            (files, _) if files.iter().any(|(_, file)| file.size == 0) => {
                Some("an empty file, nothing to restore from".to_owned())
            }
            _ => None,
        }
    }

    fn wrong_with(&self, file: &File) -> Option<String> {
        let name = file.key.rsplit('/').next().unwrap_or_default();
        match self.artefacts.iter().find(|(_, holding)| holding.key == file.key) {
            None => Some(format!("{name} is missing")),
            Some((_, holding)) if holding.size != file.stored.bytes => {
                Some(format!("{name} has {} bytes instead of {}", holding.size, file.stored.bytes))
            }
            Some(_) => None,
        }
    }
}

impl Point {
    /// How many bytes one restores from; of the largest copy, where they differ.
    pub fn size(&self) -> u64 {
        self.copies.iter().map(Copied::size).max().unwrap_or(0)
    }

    /// What is known of it: of its best copy, unless it is not to be trusted.
    pub fn state(&self) -> State {
        self.state_of(&self.copies.iter().map(Copied::state).collect::<Vec<_>>())
    }

    /// The same, where it is known how each copy stands.
    pub fn state_of(&self, copies: &[State]) -> State {
        if self.copies.iter().any(Copied::is_tainted) {
            return State::Tainted;
        }
        copies.iter().max().cloned().unwrap_or_else(|| State::Partial("it lies nowhere".to_owned()))
    }

    /// Whether some copy that one would restore from lacks nothing, as far as is known.
    pub fn is_full(&self) -> bool {
        self.copies.iter().any(|copied| copied.is_full() && copied.state().is_restorable())
    }

    /// Whether one can restore from it, and does not get all there was.
    pub fn is_incomplete(&self) -> bool {
        self.state().is_restorable() && !self.is_full()
    }

    /// What it is, where we took it.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.copies.iter().find_map(Copied::manifest)
    }

    /// How it was taken: as its manifest says, else as what it holds tells.
    pub fn method(&self) -> Option<Method> {
        let told = self.manifest().map(|manifest| manifest.taking.method);
        told.or_else(|| {
            self.sorts.iter().find_map(|sort| match sort {
                Sort::Dump => Some(Method::Dump),
                Sort::Sql => Some(Method::Sql),
                Sort::Base => Some(Method::Base),
                Sort::Snapshot => Some(Method::Snapshot),
                Sort::Appendonly => Some(Method::Aof),
                Sort::Definitions => Some(Method::Definitions),
                Sort::Queues => Some(Method::Queues),
                Sort::Messages => Some(Method::Messages),
                Sort::Files => Some(Method::Files),
                Sort::Export => Some(Method::Export),
                Sort::Roles | Sort::Settings | Sort::Archive => None,
            })
        })
    }

    /// Whether copies of the same file differ in size: then one of them is not whole.
    pub fn differs(&self) -> bool {
        let name = |holding: &Holding| holding.key.rsplit('/').next().unwrap_or_default().to_owned();
        let mut sizes = std::collections::BTreeMap::new();
        let all = self.copies.iter().flat_map(|copied| copied.artefacts.iter().map(|(_, holding)| holding));
        all.into_iter().any(|holding| *sizes.entry(name(holding)).or_insert(holding.size) != holding.size)
    }
}
