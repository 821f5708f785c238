//! Folding all events into a value, and the snapshot that spares reading them all again.
//!
//! A snapshot is disposable: it is ignored and made anew when it does not fit, is damaged, or is of
//! another version.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::read::{Position, Reader};
use super::state::Access;
use super::{Digest, Event, JournalError, beside, plain};

/// Reading this many events takes about two milliseconds; fewer are no reason to write a snapshot.
const WORTH_A_SNAPSHOT: u64 = 2_000;
/// A snapshot that is longer is none of ours.
const LONGEST: u64 = 64 << 20;

/// What all events together mean for someone. It must be a pure function of them.
pub trait Fold: Default + Serialize + DeserializeOwned {
    /// The name of its snapshot.
    const NAME: &'static str;
    /// To be raised whenever `apply` or the form changes.
    const VERSION: u32;

    /// Takes in the next event; one of an unknown kind is to be passed over.
    fn apply(&mut self, event: &Event<'_>);
}

/// A fold and how far it has read.
pub struct Folded<F> {
    /// The value.
    pub value: F,
    /// The reader that goes on from there.
    pub reader: Reader,
    /// How many events had to be read to open it.
    pub fresh: u64,
}

#[derive(Serialize, Deserialize)]
struct Snapshot<F> {
    version: u32,
    position: Position,
    value: F,
}

impl<F: Fold> Folded<F> {
    /// The fold of all events up to now; from the snapshot on if there is one that fits.
    pub fn open(journal: &Path) -> Result<Folded<F>, JournalError> {
        let mut folded = match Self::from_snapshot(journal)? {
            Some(folded) => folded,
            None => Folded { value: F::default(), reader: Reader::start(journal)?, fresh: 0 },
        };
        folded.fresh = folded.catch_up()?;
        // What could not be read now may be readable later, or by another.
        if folded.fresh >= WORTH_A_SNAPSHOT && !folded.reader.is_blocked() {
            // Who may only read gets the same answer, a little later.
            let _ = folded.save();
        }
        Ok(folded)
    }

    /// Takes in what was appended since; how many events that were. If some that it had taken in were
    /// withdrawn, it is made anew of all there are.
    pub fn catch_up(&mut self) -> Result<u64, JournalError> {
        loop {
            let withdrawn = self.reader.withdrawn();
            let count = self.reader.each(|event| self.value.apply(event))?;
            if self.reader.withdrawn() == withdrawn {
                return Ok(count);
            }
            (self.value, self.reader) = (F::default(), Reader::start(self.reader.journal())?);
        }
    }

    fn from_snapshot(journal: &Path) -> Result<Option<Folded<F>>, JournalError> {
        let Some(snapshot) = load::<F>(journal).filter(|snapshot| snapshot.version == F::VERSION) else {
            return Ok(None);
        };
        let reader = Reader::resume(journal, snapshot.position)?;
        Ok(reader.map(|reader| Folded { value: snapshot.value, reader, fresh: 0 }))
    }

    fn save(&self) -> std::io::Result<()> {
        let journal = self.reader.journal();
        let snapshot = Snapshot { version: F::VERSION, position: self.reader.position(), value: &self.value };
        let content = serde_json::to_vec(&snapshot)?;
        let access = Access::of(journal)?;
        let path = path_of::<F>(journal);
        let digest = format!("{}\n", Digest::of(&content));
        beside::replace(&path, access, &[digest.as_bytes(), &content])
    }
}

/// How far the snapshot had read: what it knows of the chains can be held against them.
pub(super) fn position<F: Fold>(journal: &Path) -> Option<Position> {
    load::<F>(journal).map(|snapshot| snapshot.position)
}

fn path_of<F: Fold>(journal: &Path) -> PathBuf {
    journal.join("snapshots").join(format!("{}.json", F::NAME))
}

fn load<F: Fold>(journal: &Path) -> Option<Snapshot<F>> {
    let content = plain::read(&path_of::<F>(journal), LONGEST).ok()?;
    let (digest, content) = content.split_at_checked(65)?;
    let digest: Digest = std::str::from_utf8(&digest[..64]).ok()?.parse().ok()?;
    if Digest::of(content) != digest {
        return None;
    }
    serde_json::from_slice(content).ok()
}
