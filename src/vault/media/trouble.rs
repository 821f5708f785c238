//! Why a store does not take or give something.

use std::io;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::text::{Explain, with_causes};

/// A store did not do what it was asked.
#[derive(Clone, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{}{why}", place(at))]
pub struct MediaError {
    /// Where: the store's name, or a file in it.
    pub at: String,
    /// What sort of trouble it is.
    pub trouble: Trouble,
    /// What it said.
    pub why: String,
    /// What to do, where the store itself knows better.
    pub next: Option<String>,
}

fn place(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!("{at}: ") }
}

/// What sort of trouble a store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// There is no room left.
    Full,
    /// It is not there, or not any more.
    Gone,
    /// It does not let us.
    Refused,
    /// There is something of that name, which is never overwritten.
    Exists,
    /// It has to be thawed before it is read.
    Archived,
    /// It took nothing for too long.
    Stalled,
    /// This version cannot work with it from here.
    NotOffered,
    /// Anything else.
    Other,
}

impl MediaError {
    /// Trouble in words.
    pub fn new(at: impl Into<String>, trouble: Trouble, why: impl Into<String>) -> MediaError {
        MediaError { at: at.into(), trouble, why: why.into(), next: None }
    }

    /// What a file system said.
    pub(super) fn disk(at: impl Into<String>, error: &io::Error) -> MediaError {
        let is = |errno: Errno| error.raw_os_error() == Some(errno.raw_os_error());
        let trouble = match error.kind() {
            _ if is(Errno::NOSPC) || is(Errno::DQUOT) => Trouble::Full,
            _ if is(Errno::STALE) || is(Errno::NODEV) || is(Errno::NXIO) => Trouble::Gone,
            io::ErrorKind::NotFound => Trouble::Gone,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Trouble::Refused,
            io::ErrorKind::AlreadyExists => Trouble::Exists,
            _ => Trouble::Other,
        };
        MediaError::new(at, trouble, with_causes(error))
    }
}

impl Explain for MediaError {
    fn next_step(&self) -> String {
        if let Some(next) = &self.next {
            return next.clone();
        }
        match self.trouble {
            Trouble::Full => "Make room there, or let `lifeboat expire` do it; nothing half-written was left.",
            Trouble::Gone => "Is it mounted, and does its folder exist? A store's own folder is never made for it.",
            Trouble::Refused => "Let this user write there, or run as one who may.",
            Trouble::Exists => "Nothing existing is overwritten; `lifeboat points` shows what lies there.",
            Trouble::Stalled => "Look at the network and the service; what is missing there is copied later.",
            Trouble::Archived => "`lifeboat verify --thaw` asks for its thaw; or take a copy from another store.",
            Trouble::NotOffered => "Name another store with --to.",
            Trouble::Other => "Look at that store.",
        }
        .to_owned()
    }
}
