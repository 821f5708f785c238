//! One change of a lab at a time.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::{FlockOperation, flock};

use super::{LabError, Layout};

/// Held while the lab is being changed; the kernel frees it however its holder ends.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock for `verb`, or says who has it.
    pub(super) fn take(layout: &Layout, verb: &str) -> Result<Lock, LabError> {
        let path = layout.lock();
        let failed = || LabError::file("lock", &path);
        let mut options = OpenOptions::new();
        let mut file =
            options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(failed())?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            let _ = file.take(200).read_to_string(&mut holder);
            let holder = if holder.is_empty() { "another process".to_owned() } else { holder };
            return Err(LabError::Busy { lab: layout.root().to_owned(), holder });
        }
        let words = format!("`lifeboat lab {verb}` (pid {})", std::process::id());
        // Only so that others can be told; on a full disk a lab must still be ended.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(words.as_bytes()));
        Ok(Lock { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first_and_may_go_once_that_one_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::at(folder.path());
        let first = Lock::take(&layout, "up").unwrap();
        let message = Lock::take(&layout, "down").err().unwrap().to_string();
        assert!(message.contains(&format!("`lifeboat lab up` (pid {})", std::process::id())), "{message}");
        drop(first);
        assert!(Lock::take(&layout, "down").is_ok());
    }
}
