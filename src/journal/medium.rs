//! The few file operations a chain is written with, so that a trial can put a disk under it that
//! forgets what was not synced.

use std::any::Any;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ballast;
use super::lock::{self, LockError};
use super::state::Access;
use super::{ChainId, Head, heads, plain};

/// What a chain is written on.
pub trait Medium: Send + Sync {
    /// Waits for this process's turn at the directory; dropping the answer gives it back.
    fn turn(&self, directory: &Path) -> Result<Box<dyn Any>, LockError>;
    /// The names in a directory; none if there is no such directory.
    fn names(&self, directory: &Path) -> io::Result<Vec<String>>;
    /// All of a file, which may be closed to writing.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// The last bytes of a file, at most so many.
    fn read_end(&self, path: &Path, most: u64) -> io::Result<Vec<u8>>;
    /// A file that exists, to be written on.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Sheet>>;
    /// A file that does not exist yet. Its name lasts once the directory is synced.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Sheet>>;
    /// Makes names last.
    fn sync_names(&self, directory: &Path) -> io::Result<()>;
    /// Gives up the space kept for a full disk; false if there is none to give.
    fn free_ballast(&self, directory: &Path) -> io::Result<bool>;
    /// Keeps that space again if there is room; true if it was missing and is kept now.
    fn keep_ballast(&self, directory: &Path) -> io::Result<bool>;
    /// Keeps how far a chain has come, beside the chains; it need not last.
    fn keep_head(&self, _journal: &Path, _chain: &ChainId, _head: Head) -> io::Result<()> {
        Ok(())
    }
    /// How far a chain had come, as it was kept.
    fn kept_head(&self, _journal: &Path, _chain: &ChainId) -> Option<Head> {
        None
    }
}

/// A file of a medium.
pub trait Sheet: Send {
    /// Its length now, with what others appended.
    fn size(&self) -> io::Result<u64>;
    /// Everything from `offset` to the end.
    fn read_from(&self, offset: u64) -> io::Result<Vec<u8>>;
    /// Writes all of it at `offset`.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts it.
    fn truncate(&self, size: u64) -> io::Result<()>;
    /// Returns once everything written lasts.
    fn sync(&self) -> io::Result<()>;
    /// Nobody is to write to it any more.
    fn seal(&self) -> io::Result<()>;
}

/// The real disk.
#[derive(Clone, Debug)]
pub struct Disk {
    /// Who may read and write the files.
    pub access: Access,
    /// How long to wait for other processes.
    pub patience: Duration,
    /// How many bytes to keep for a full disk.
    pub ballast: u64,
}

struct DiskSheet {
    file: File,
    access: Access,
}

impl Medium for Disk {
    fn turn(&self, directory: &Path) -> Result<Box<dyn Any>, LockError> {
        Ok(Box::new(lock::take(&directory.join("lock"), self.access, self.patience)?))
    }

    fn names(&self, directory: &Path) -> io::Result<Vec<String>> {
        plain::names(directory)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        plain::read(path, plain::LONGEST)
    }

    fn read_end(&self, path: &Path, most: u64) -> io::Result<Vec<u8>> {
        let mut file = plain::open(path)?;
        let start = file.metadata()?.size().saturating_sub(most);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        let file = match plain::open_to_write(path) {
            // One that is sealed is opened to be synced, not to be written to.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied && is_sealed(path)? => plain::open(path),
            opened => opened,
        }?;
        Ok(Box::new(DiskSheet { file, access: self.access }))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Sheet>> {
        Ok(Box::new(DiskSheet { file: self.access.create(path)?, access: self.access }))
    }

    fn sync_names(&self, directory: &Path) -> io::Result<()> {
        File::open(directory)?.sync_all()
    }

    fn free_ballast(&self, directory: &Path) -> io::Result<bool> {
        ballast::free(&ballast_in(directory))
    }

    fn keep_ballast(&self, directory: &Path) -> io::Result<bool> {
        ballast::keep(&ballast_in(directory), self.ballast, self.access)
    }

    fn keep_head(&self, journal: &Path, chain: &ChainId, head: Head) -> io::Result<()> {
        heads::keep(journal, chain, head, self.access)
    }

    fn kept_head(&self, journal: &Path, chain: &ChainId) -> Option<Head> {
        heads::kept(journal, chain)
    }
}

fn is_sealed(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().readonly())
}

fn ballast_in(directory: &Path) -> PathBuf {
    directory.join("ballast")
}

impl Sheet for DiskSheet {
    fn size(&self) -> io::Result<u64> {
        let metadata = self.file.metadata()?;
        // Written to a file without a name, an event would be acknowledged and gone.
        if metadata.nlink() == 0 { Err(io::ErrorKind::NotFound.into()) } else { Ok(metadata.size()) }
    }

    fn read_from(&self, offset: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(self.size()?.saturating_sub(offset)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn truncate(&self, size: u64) -> io::Result<()> {
        self.file.set_len(size)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn seal(&self) -> io::Result<()> {
        self.file.set_permissions(Permissions::from_mode(self.access.sealed_mode()))
    }
}
