//! Looking at what is under way. Nothing is read while nothing has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, Utc};

use super::{Ended, NotCalledOff, Operation, ROOM, may_end};
use crate::journal::host::{self, Alive};
use crate::plan::source::regular;
use crate::text::{Clock, SystemClock};

/// No operation has more to tell.
const LONGEST: usize = 64 << 10;
/// So many are looked at: somebody may fill the folder with others.
const MOST: usize = 200;
/// Of whom it cannot be seen whether they live, those that said nothing for so long do not.
const SILENCE: chrono::Duration = chrono::Duration::seconds(30);

/// An operation, and whether it is still under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// As it was told last.
    pub operation: Operation,
    /// How it stands.
    pub standing: Standing,
    /// Whether whoever looks could call it off.
    pub may_end: Result<(), NotCalledOff>,
}

/// How an operation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is under way.
    Running,
    /// It told how it ended.
    Ended(Ended),
    /// Its process is gone, and it told nothing: it was killed, or the machine was restarted.
    Silent,
}

/// Looks again and again.
#[derive(Debug)]
pub struct Looker {
    folder: PathBuf,
    /// When the folder was changed last.
    changed: Option<SystemTime>,
    last: Vec<Seen>,
}

impl Looker {
    /// Looks into a state folder, which need not be there.
    pub fn at(state: &Path) -> Looker {
        Looker { folder: state.join(ROOM), changed: None, last: Vec::new() }
    }

    /// All there are, the newest first; nothing where that is as it was.
    pub fn look(&mut self) -> Option<Vec<Seen>> {
        let changed = fs::metadata(&self.folder).and_then(|found| found.modified()).ok();
        let is_busy = self.last.iter().any(|seen| seen.standing == Standing::Running);
        if changed == self.changed && !is_busy {
            return None;
        }
        self.changed = changed;
        let seen = read(&self.folder, SystemClock.now());
        (seen != self.last).then(|| {
            self.last.clone_from(&seen);
            seen
        })
    }
}

fn read(folder: &Path, now: DateTime<Utc>) -> Vec<Seen> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let told = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let operations = told.filter_map(|path| Operation::read(&regular::read(&path, LONGEST).ok()?));
    let mut seen: Vec<Seen> = operations.take(MOST).map(|operation| Seen::of(operation, now)).collect();
    seen.sort_by(|one, other| {
        (other.operation.began, &other.operation.id).cmp(&(one.operation.began, &one.operation.id))
    });
    seen
}

impl Seen {
    fn of(operation: Operation, now: DateTime<Utc>) -> Seen {
        let standing = match (&operation.ended, is_alive(&operation, now)) {
            (Some(ended), _) => Standing::Ended(ended.clone()),
            (None, true) => Standing::Running,
            (None, false) => Standing::Silent,
        };
        let may_end = may_end(&operation);
        Seen { operation, standing, may_end }
    }

    /// Whether it is under way.
    pub fn is_running(&self) -> bool {
        self.standing == Standing::Running
    }

    /// When it ended, or was heard of last; nothing while it is under way.
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        match &self.standing {
            Standing::Running => None,
            Standing::Ended(ended) => Some(ended.at),
            Standing::Silent => Some(self.operation.told),
        }
    }
}

fn is_alive(operation: &Operation, now: DateTime<Utc>) -> bool {
    let by = &operation.by;
    let is_here = by.chain == host::chain() && by.boot_id == host::boot_id();
    match by.process.alive() {
        Alive::Yes if is_here => true,
        Alive::No if is_here => false,
        _ => now - operation.told < SILENCE,
    }
}
