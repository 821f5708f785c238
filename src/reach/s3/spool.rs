//! A file that has no name: what is gathered in it costs no memory, and whatever ends the process ends it too.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use rustix::fs::fstatvfs;
use rustix::process::{Resource, getrlimit};

use super::checksum;
use super::payload::Payload;

/// So many times its size have to be free: others write to that disk, too.
const ROOM: u64 = 2;
/// So much is read at once.
const PIECE: u64 = 256 * 1024;

/// A file that is being written.
#[derive(Debug)]
pub struct Spool {
    file: File,
    size: u64,
    sum: checksum::Adding,
}

/// A file that was written. Several may read it at the same time.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    size: u64,
    sum: String,
}

impl Spool {
    /// One on the disk of a folder, if that has room for so many bytes.
    pub fn make(folder: &Path, size: u64) -> io::Result<Spool> {
        if getrlimit(Resource::Fsize).current.is_some_and(|most| most < size) {
            // Beyond it, a write would end the process.
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let file = tempfile::tempfile_in(folder)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        let disk = fstatvfs(&file)?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < size.saturating_mul(ROOM) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(Spool { file, size: 0, sum: checksum::Adding::new() })
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds some. Where that fails it is as it was before.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, self.size)?;
        self.size += bytes.len() as u64;
        self.sum.add(bytes);
        Ok(())
    }

    /// Adds all of it to what is held in memory.
    pub fn read_into(&self, held: &mut BytesMut) -> io::Result<()> {
        let begin = held.len();
        held.resize(begin + usize::try_from(self.size).map_err(io::Error::other)?, 0);
        self.file.read_exact_at(&mut held[begin..], 0)
    }

    /// There is no more of it.
    pub fn end(self) -> Payload {
        Payload::File(Arc::new(Spooled { file: self.file, size: self.size, sum: self.sum.sum() }))
    }
}

impl Spooled {
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn sum(&self) -> &str {
        &self.sum
    }

    /// A piece that begins there; an empty one at the end.
    pub(super) fn read_at(&self, at: u64) -> io::Result<Bytes> {
        let length = self.size.saturating_sub(at).min(PIECE);
        let mut piece = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact_at(&mut piece, at)?;
        Ok(piece.into())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn it_has_no_name_and_nobody_else_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::make(folder.path(), 10).unwrap();
        spool.write(b"secret").unwrap();
        let about = spool.file.metadata().unwrap();
        assert_eq!((about.len(), about.nlink(), about.mode() & 0o777), (6, 0, 0o600));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_has_no_room_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let disk = rustix::fs::statvfs(folder.path()).unwrap();
        let free = disk.f_bavail * disk.f_frsize;
        assert_eq!(Spool::make(folder.path(), free).unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(Spool::make(&folder.path().join("none"), 1).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn what_was_written_can_be_held_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::make(folder.path(), 10).unwrap();
        spool.write(b"bc").unwrap();
        spool.write(b"de").unwrap();
        let mut held = BytesMut::from(&b"a"[..]);
        spool.read_into(&mut held).unwrap();
        assert_eq!((&held[..], spool.size()), (&b"abcde"[..], 4));
    }
}
