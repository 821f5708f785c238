//! The record of every process that the lab started, kept so that it survives our own sudden end.
//!
//! An intention is written before a server starts, its birth after. Between the two only the tag in its
//! environment tells: [`Processes::adopt`] finds it by that.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::launch::{self, Launch};
use super::procfs::{self, Born};
use super::{LabError, ServerId, files};

/// What is known about one server's process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    /// None between the intention and the birth.
    pub(super) born: Option<Born>,
    /// Digest of the command line it was started with.
    pub(super) argv: String,
    /// The folder it works in.
    pub(super) folder: PathBuf,
    /// When it was to start.
    pub(super) since: DateTime<Utc>,
}

/// The record, in memory and on disk at once.
pub(super) struct Processes {
    path: PathBuf,
    known: Mutex<BTreeMap<ServerId, Process>>,
}

impl Processes {
    /// Reads the record; an empty one if there is none.
    pub(super) fn open(path: PathBuf) -> Result<Processes, LabError> {
        let known = files::read_json(&path)?.unwrap_or_default();
        Ok(Processes { path, known: Mutex::new(known) })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ServerId, Process>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn save(&self, known: &BTreeMap<ServerId, Process>) -> Result<(), LabError> {
        files::write_json(&self.path, known, 0o600, None)
    }

    /// Writes down that `server` is about to start.
    pub(super) fn intend(&self, server: ServerId, launch: &Launch, now: DateTime<Utc>) -> Result<(), LabError> {
        let mut known = self.lock();
        let process = Process { born: None, argv: digest(launch), folder: launch.folder.clone(), since: now };
        known.insert(server, process);
        self.save(&known)
    }

    /// Writes down which process it became.
    pub(super) fn record(&self, server: ServerId, born: Born) -> Result<(), LabError> {
        let mut known = self.lock();
        if let Some(process) = known.get_mut(&server) {
            process.born = Some(born);
        }
        self.save(&known)
    }

    /// Writes down that it was ended.
    pub(super) fn forget(&self, server: ServerId) -> Result<(), LabError> {
        let mut known = self.lock();
        known.remove(&server);
        self.save(&known)
    }

    /// What is known about a server that should be running.
    pub(super) fn get(&self, server: ServerId) -> Option<Process> {
        self.lock().get(&server).cloned()
    }

    /// The process of `server`, if it lives.
    pub(super) fn alive(&self, server: ServerId) -> Option<Born> {
        self.get(server)?.born.filter(|born| procfs::alive(born).is_some())
    }

    /// Takes servers into the record that carry the lab's tag and are not in it, and returns helpers that
    /// outlived the one who started them.
    pub(super) fn adopt(&self, lab: &str) -> Result<Vec<Born>, LabError> {
        let mut strays = Vec::new();
        for (stat, name) in procfs::tagged(lab) {
            let Some(born) = procfs::born(stat.pid).filter(|born| born.start == stat.start) else { continue };
            match name.parse::<ServerId>() {
                Ok(server) if self.alive(server).is_none() && self.get(server).is_some() => {
                    self.record(server, born)?;
                }
                Ok(server) if self.alive(server).as_ref() == Some(&born) => {}
                Err(_) if name == launch::FAULT => {}
                _ => strays.push(born),
            }
        }
        Ok(strays)
    }
}

fn digest(launch: &Launch) -> String {
    let mut hash = Sha256::new();
    hash.update(launch.program.as_os_str().as_encoded_bytes());
    for argument in &launch.arguments {
        hash.update([0]);
        hash.update(argument.as_encoded_bytes());
    }
    hash.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
