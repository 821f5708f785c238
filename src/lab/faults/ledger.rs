//! Faults that are in force, and how each is undone: the file `faults.json`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::kept::Kept;
use super::pages::Page;
use crate::lab::context::Lab;
use crate::lab::procfs::Born;
use crate::lab::{LabError, Layout, ServerId, Site, files};

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
}

/// How a fault is undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::lab) enum Undo {
    Start(Vec<ServerId>),
    Thaw(Vec<ServerId>),
    AllowLogins(ServerId),
    EndHelper(Born),
    Page(Page),
    PutBack { kept: Kept, restart: Option<ServerId> },
    Archive,
    Replay,
    Unmount(PathBuf),
    Quota(Site),
    Memory { limit: String, policy: String },
}

/// The record of faults, in memory and on disk at once.
pub(in crate::lab) struct Ledger {
    path: PathBuf,
    applied: Vec<Applied>,
}

impl Ledger {
    pub(in crate::lab) fn open(layout: &Layout) -> Result<Ledger, LabError> {
        let path = layout.faults();
        let applied = files::read_json(&path)?.unwrap_or_default();
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

    pub(super) fn holds(&self, fault: &str, target: &str) -> bool {
        self.applied.iter().any(|one| one.fault == fault && one.target == target)
    }

    /// Those that can be undone, of one name or of any, the oldest first.
    pub(super) fn reversible(&self, fault: Option<&str>) -> Vec<Applied> {
        let chosen = self.applied.iter().filter(|one| one.undo.is_some());
        chosen.filter(|one| fault.is_none_or(|name| one.fault == name)).cloned().collect()
    }

    /// Everything, the oldest first.
    pub(in crate::lab) fn all(self) -> Vec<Applied> {
        self.applied
    }

    /// Forgets those that are over because `up` started again what they had killed.
    pub(in crate::lab) fn settle(&mut self, lab: &Lab) -> Result<(), LabError> {
        let before = self.applied.len();
        self.applied.retain(|one| match &one.undo {
            Some(Undo::Start(servers)) => servers.iter().any(|server| lab.processes.alive(*server).is_none()),
            _ => true,
        });
        if self.applied.len() == before { Ok(()) } else { self.save() }
    }
}
