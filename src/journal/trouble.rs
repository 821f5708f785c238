//! What a disk refuses, in plain words and with the way out.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::plain::InTheWay;
use crate::text::Explain;

/// A file operation that failed: what was tried, where, why.
#[derive(Clone, Debug)]
pub struct DiskError {
    doing: &'static str,
    path: PathBuf,
    source: Arc<io::Error>,
}

impl DiskError {
    /// For `map_err`, with what was being done: "write", "create".
    pub(super) fn new(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
        move |source| DiskError { doing, path: path.to_owned(), source: Arc::new(source) }
    }

    /// Whether the disk, or the user's share of it, is full.
    pub fn is_full(&self) -> bool {
        is_full(&self.source)
    }

    /// Whether the disk is mounted read-only.
    pub fn is_read_only(&self) -> bool {
        self.source.kind() == io::ErrorKind::ReadOnlyFilesystem
    }

    /// Why, without what was tried and where.
    pub(super) fn why(&self) -> String {
        match self.source.kind() {
            io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
            io::ErrorKind::NotADirectory => "it is no directory".to_owned(),
            _ => self.source.to_string(),
        }
    }

    /// What the system said.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// Where it happened.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl std::fmt::Display for DiskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (doing, path) = (self.doing, self.path.display());
        match self.source.kind() {
            io::ErrorKind::StorageFull => write!(f, "cannot {doing} {path}: the disk is full"),
            io::ErrorKind::QuotaExceeded => write!(f, "cannot {doing} {path}: the user's disk quota is used up"),
            io::ErrorKind::ReadOnlyFilesystem => write!(f, "cannot {doing} {path}: the disk is mounted read-only"),
            io::ErrorKind::PermissionDenied => write!(f, "cannot {doing} {path}: this user may not"),
            _ => write!(f, "cannot {doing} {path}: {}", self.source),
        }
    }
}

impl std::error::Error for DiskError {}

impl Explain for DiskError {
    fn next_step(&self) -> String {
        let path = self.path.display();
        if let Some(why) = self.source.get_ref()
            && why.is::<InTheWay>()
        {
            return format!(
                "See what it is (`ls -ld {path}`) and who put it there, move it out of the way, and try again."
            );
        }
        match self.source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                format!("Free some space (`df -h {path}` shows the disk), or name another place with --state DIR.")
            }
            io::ErrorKind::ReadOnlyFilesystem => format!(
                "The journal can still be read. To act, make the disk writable (`findmnt -T {path}` shows it; the \
                 kernel remounts a failing disk read-only, see `dmesg`), or name another place with --state DIR."
            ),
            io::ErrorKind::PermissionDenied => format!(
                "See who may (`ls -ld {path}`), run as that user or join the group, or name another place with \
                 --state DIR."
            ),
            _ => format!("Look at {path} and its disk (`dmesg`, `df -h`), or name another place with --state DIR."),
        }
    }
}
