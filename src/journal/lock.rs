//! Taking turns: a lock file that the kernel frees when its holder dies, with an end to the waiting.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use super::state::Access;
use super::trouble::DiskError;
use crate::text::{Explain, Span};

const FIRST_PAUSE: Duration = Duration::from_micros(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(2);

/// The turn; given back when dropped, or by the kernel when the process dies.
#[derive(Debug)]
pub struct Turn {
    _file: File,
}

/// Why the turn did not come.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has held it all the time. A stopped process (`kill -STOP`) does that.
    #[error("{} was held for {waited} by {holder}", path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long we waited.
        waited: Span,
        /// Which process, as far as the kernel tells.
        holder: String,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl Explain for LockError {
    fn next_step(&self) -> String {
        match self {
            LockError::Busy { path, .. } => format!(
                "See what it does (`fuser -v {}`; state T in `ps` is a stopped one: `kill -CONT PID`), and try again.",
                path.display()
            ),
            LockError::Disk(error) => error.next_step(),
        }
    }
}

/// Waits for the turn, at most `patience`.
pub(super) fn take(path: &Path, access: Access, patience: Duration) -> Result<Turn, LockError> {
    let file = access.open_or_create(path).map_err(DiskError::new("open", path))?;
    let start = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(Turn { _file: file }),
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::WOULDBLOCK) if start.elapsed() < patience => {
                std::thread::sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let holder = holder(&file).unwrap_or_else(|_| "another process".to_owned());
                return Err(LockError::Busy { path: path.to_owned(), waited: patience.into(), holder });
            }
            Err(errno) => return Err(DiskError::new("lock", path)(errno.into()).into()),
        }
    }
}

/// The process that has locked the file, from the kernel's table of locks.
fn holder(file: &File) -> io::Result<String> {
    let inode = format!(":{}", file.metadata()?.ino());
    let locks = fs::read_to_string("/proc/locks")?;
    let pid = locks.lines().find_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let ours = fields.get(1) == Some(&"FLOCK") && fields.get(5)?.ends_with(&inode);
        ours.then(|| fields.get(4).copied().map(str::to_owned))?
    });
    let pid = pid.ok_or(io::ErrorKind::NotFound)?;
    let command = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    Ok(format!("process {pid} ({})", command.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_and_the_holder_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("lock");
        let turn = take(&path, Access::PRIVATE, Duration::ZERO).unwrap();
        let refused = take(&path, Access::PRIVATE, Duration::from_millis(5)).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
        drop(turn);
        take(&path, Access::PRIVATE, Duration::ZERO).unwrap();
    }
}
