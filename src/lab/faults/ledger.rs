//! Faults that are in force, and how each is undone: the file `faults.json`.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::pages::Page;
use super::{FaultError, caches, stores};
use crate::lab::context::Lab;
use crate::lab::processes::Processes;
use crate::lab::procfs::{self, Born};
use crate::lab::{LabError, Layout, ServerId, Site, files};
use crate::reach::quote;

/// A fault that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// Which.
    pub fault: String,
    /// To what, as it was named.
    pub target: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What it did.
    pub what: String,
    /// How it is undone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::lab) undo: Option<Undo>,
}

impl Applied {
    /// Whether `--undo` takes it back.
    pub fn can_be_undone(&self) -> bool {
        self.undo.is_some()
    }

    /// The fault and what it acts on, as they are named on the command line.
    pub(in crate::lab) fn named(&self) -> String {
        format!("{} {}", self.fault, self.target).trim_end().to_owned()
    }

    /// Why another one has to wait.
    pub(super) fn still_in_force(&self) -> LabError {
        let words = ["lifeboat", "lab", "fault", &self.fault, &self.target, "--undo"];
        let words = words.into_iter().filter(|word| !word.is_empty()).map(quote);
        let words: Vec<String> = words.map(|word| String::from_utf8_lossy(&word).into_owned()).collect();
        FaultError::InForce { named: self.named(), undo: words.join(" ") }.into()
    }
}

/// How a fault is undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Undo {
    Start(Vec<ServerId>),
    Thaw(Vec<(ServerId, Born)>),
    /// With the process, where a server forgets it at its end.
    AllowLogins(ServerId, Option<Born>),
    EndHelper(Born),
    Page(Page),
    PutBack {
        kept: Kept,
        restart: Option<ServerId>,
    },
    Archive,
    Replay(Born),
    Unmount(PathBuf),
    Quota(Site),
    Stale,
    Memory {
        server: ServerId,
        limit: String,
        policy: String,
        of: Born,
    },
}

impl Undo {
    /// Whether it does no harm where only a part of the fault was done.
    pub(super) fn is_safe_half_way(&self) -> bool {
        !matches!(self, Undo::PutBack { restart: Some(_), .. })
    }

    /// Whether there is nothing left to undo: what was killed runs again, or the process that was frozen or had been
    /// told something is not there any more.
    fn is_over(&self, processes: &Processes) -> bool {
        let gone = |born: &Born| procfs::alive(born).is_none();
        match self {
            Undo::Start(servers) => servers.iter().all(|server| processes.alive(*server).is_some()),
            Undo::Thaw(servers) => servers.iter().all(|(_, born)| gone(born)),
            Undo::AllowLogins(_, of) => of.as_ref().is_some_and(gone),
            Undo::EndHelper(of) | Undo::Replay(of) | Undo::Memory { of, .. } => gone(of),
            Undo::Unmount(path) => !stores::is_covered(path),
            Undo::Page(_) | Undo::PutBack { .. } | Undo::Archive | Undo::Quota(_) | Undo::Stale => false,
        }
    }
}

/// The record of faults, in memory and on disk at once.
pub(in crate::lab) struct Ledger {
    path: PathBuf,
    applied: Vec<Applied>,
}

impl Ledger {
    pub(in crate::lab) fn open(layout: &Layout) -> Result<Ledger, LabError> {
        let path = layout.faults();
        let applied = files::read_record(&path)?.unwrap_or_default();
        Ok(Ledger { path, applied })
    }

    fn save(&self) -> Result<(), LabError> {
        files::write_json(&self.path, &self.applied, 0o600, None)
    }

    pub(super) fn add(&mut self, applied: Applied) -> Result<(), LabError> {
        self.applied.push(applied);
        self.save()
    }

    pub(super) fn remove(&mut self, applied: &Applied) -> Result<(), LabError> {
        self.applied.retain(|one| one != applied);
        self.save()
    }

    pub(super) fn held(&self, fault: &str, target: &str) -> Option<&Applied> {
        self.applied.iter().find(|one| one.fault == fault && one.target == target)
    }

    /// Those that can be undone, of one name or of any, the oldest first.
    pub(super) fn reversible(&self, fault: Option<&str>) -> Vec<Applied> {
        let chosen = self.applied.iter().filter(|one| one.undo.is_some());
        chosen.filter(|one| fault.is_none_or(|name| one.fault == name)).cloned().collect()
    }

    /// Everything that is not over, the oldest first.
    pub(in crate::lab) fn in_force(self, processes: &Processes) -> Vec<Applied> {
        let over = |one: &Applied| one.undo.as_ref().is_some_and(|undo| undo.is_over(processes));
        self.applied.into_iter().filter(|one| !over(one)).collect()
    }

    /// Helpers of faults, which live until these are undone.
    pub(in crate::lab) fn helpers(&self) -> Vec<Born> {
        let of = |one: &Applied| match &one.undo {
            Some(Undo::EndHelper(born)) => Some(born.clone()),
            _ => None,
        };
        self.applied.iter().filter_map(of).collect()
    }

    /// The fault whose undo will put back what now lies at `path`.
    pub(super) fn keeper(&self, path: &Path) -> Option<&Applied> {
        self.applied.iter().find(|one| matches!(&one.undo, Some(Undo::PutBack { kept, .. }) if kept.is_of(path)))
    }

    /// The fault whose undo will put back that page.
    pub(super) fn keeper_of_page(&self, file: &Path, block: u64) -> Option<&Applied> {
        self.applied.iter().find(|one| matches!(&one.undo, Some(Undo::Page(page)) if page.is(file, block)))
    }

    /// Forgets those that are over.
    pub(in crate::lab) async fn settle(&mut self, lab: &Lab) -> Result<(), LabError> {
        let over = |one: &Applied| one.undo.as_ref().is_some_and(|undo| undo.is_over(&lab.processes));
        let (over, left): (Vec<Applied>, Vec<Applied>) = std::mem::take(&mut self.applied).into_iter().partition(over);
        self.applied = left;
        if over.is_empty() {
            return Ok(());
        }
        if over.iter().any(|one| matches!(one.undo, Some(Undo::Memory { .. }))) {
            // The limit went with the process, what it was filled with did not. Redis may well be down.
            let _ = caches::remove_ballast(lab).await;
        }
        self.save()
    }
}
