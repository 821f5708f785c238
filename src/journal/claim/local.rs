//! Claims in files: for the users and processes of one host.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Claim, ClaimError, ClaimName, ClaimStore, Tag};
use crate::journal::lock::{self, Turn};
use crate::journal::state::{Access, State};
use crate::journal::trouble::{DiskError, is_full};
use crate::journal::{Digest, ballast, beside, host, plain};

/// No claim is nearly as long.
const LONGEST: u64 = 1 << 20;
const PATIENCE: Duration = Duration::from_secs(10);

/// The claims of a state directory.
#[derive(Debug)]
pub struct LocalClaims {
    directory: PathBuf,
    access: Access,
    /// What the journal keeps for a full disk: taking a claim is the first step of freeing one.
    ballast: PathBuf,
}

/// How a state of a claim gets into its place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where nothing lies: the file system lets one of several win, also one that several hosts share, where a lock
    /// may hold for one of them only.
    New,
    /// Over the state before.
    Over,
}

/// A claim as it lies in a state folder, which may not be writable, nor be there; nothing where it cannot be read.
pub fn peek(state: &Path, name: &ClaimName) -> Option<Claim> {
    let content = plain::read(&state.join("claims").join(format!("{name}.json")), LONGEST).ok()?;
    serde_json::from_slice(&content).ok()
}

impl LocalClaims {
    /// The claims below this state directory.
    pub fn open(state: &State) -> Result<LocalClaims, ClaimError> {
        LocalClaims::open_room(state, "claims")
    }

    /// Those of another room of it: of a folder that several hosts share, where each slot of a job is claimed once.
    pub fn open_room(state: &State, room: &str) -> Result<LocalClaims, ClaimError> {
        let directory = state.room(room)?;
        beside::sweep(&directory);
        state.settle()?;
        let ballast = state.path().join("journal").join(host::chain().as_str()).join("ballast");
        Ok(LocalClaims { directory, access: state.access(), ballast })
    }

    /// Those in a folder that is only looked at, and need not be there.
    pub fn to_look_at(directory: PathBuf) -> LocalClaims {
        LocalClaims { directory, access: Access::PRIVATE, ballast: PathBuf::new() }
    }

    fn path(&self, name: &ClaimName) -> PathBuf {
        self.directory.join(format!("{name}.json"))
    }

    fn turn(&self) -> Result<Turn, ClaimError> {
        Ok(lock::take(&self.directory.join(".lock"), self.access, PATIENCE)?)
    }

    /// Puts the new state in place whole, so that a crash leaves the old one or the new one.
    fn put(&self, name: &ClaimName, claim: &Claim, place: Place) -> Result<Option<Tag>, ClaimError> {
        let path = self.path(name);
        let content = serde_json::to_vec_pretty(claim).map_err(|error| unreadable(&path, &error))?;
        let put = || {
            let (draft, mut file) = beside::make(&path, |draft| self.access.create(draft))?;
            let written = file.write_all(&content).and_then(|()| file.sync_all());
            let put = written.and_then(|()| match place {
                Place::Over => fs::rename(&draft, &path),
                Place::New => fs::hard_link(&draft, &path),
            });
            if put.is_err() || place == Place::New {
                let _ = fs::remove_file(&draft);
            }
            put
        };
        let put = match put() {
            Err(error) if is_full(&error) && ballast::free(&self.ballast).unwrap_or(false) => put(),
            other => other,
        };
        match put {
            Err(error) if place == Place::New && error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            put => put.map_err(DiskError::new("write", &path))?,
        }
        beside::sync_directory(&self.directory)?;
        Ok(Some(tag(&content)))
    }
}

impl ClaimStore for LocalClaims {
    fn read(&self, name: &ClaimName) -> Result<Option<(Claim, Tag)>, ClaimError> {
        let path = self.path(name);
        let content = match plain::read(&path, LONGEST) {
            Ok(content) => content,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(DiskError::new("read", &path)(error).into()),
        };
        let claim = serde_json::from_slice(&content).map_err(|error| unreadable(&path, &error))?;
        Ok(Some((claim, tag(&content))))
    }

    fn create(&self, name: &ClaimName, claim: &Claim) -> Result<Option<Tag>, ClaimError> {
        let _turn = self.turn()?;
        if self.path(name).symlink_metadata().is_ok() {
            return Ok(None);
        }
        self.put(name, claim, Place::New)
    }

    fn replace(&self, name: &ClaimName, expected: &Tag, claim: &Claim) -> Result<Option<Tag>, ClaimError> {
        let _turn = self.turn()?;
        match self.read(name)? {
            Some((_, present)) if present == *expected => self.put(name, claim, Place::Over),
            _ => Ok(None),
        }
    }

    fn names(&self) -> Result<Vec<ClaimName>, ClaimError> {
        let names = plain::names(&self.directory).map_err(DiskError::new("read", &self.directory))?;
        Ok(names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect())
    }

    fn forget(&self, name: &ClaimName, expected: &Tag) -> Result<(), ClaimError> {
        let _turn = self.turn()?;
        let path = self.path(name);
        match self.read(name)? {
            Some((_, present)) if present == *expected => {
                Ok(fs::remove_file(&path).map_err(DiskError::new("remove", &path))?)
            }
            _ => Ok(()),
        }
    }
}

fn tag(content: &[u8]) -> Tag {
    Tag(Digest::of(content).to_string())
}

fn unreadable(path: &Path, error: &serde_json::Error) -> ClaimError {
    ClaimError::Unreadable { path: path.to_owned(), why: error.to_string() }
}
