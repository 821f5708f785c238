//! A little space kept for a full disk, because a full disk is when one restores.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use super::digest::Digest;
use super::state::Access;

/// Ballast is only taken where at least this many times as much is free.
const ROOM: u64 = 4;

/// Gives the space back to the disk.
pub(super) fn free(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes the space if it is missing and there is room; whether it did.
pub(super) fn keep(path: &Path, size: u64, access: Access) -> io::Result<bool> {
    if size == 0 || path.symlink_metadata().is_ok() {
        return Ok(false);
    }
    let disk = statvfs(path.parent().unwrap_or(path))?;
    if disk.f_bavail.saturating_mul(disk.f_frsize) < size.saturating_mul(ROOM) {
        return Ok(false);
    }
    match access.create(path).and_then(|file| fill(&file, size)) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => {
            free(path)?;
            Err(error)
        }
    }
}

fn fill(file: &File, size: u64) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, size) {
        Err(rustix::io::Errno::OPNOTSUPP) => fill_by_hand(file, size),
        other => Ok(other?),
    }
}

/// Where space cannot be reserved, it is written; with bytes that no disk can compress away.
fn fill_by_hand(mut file: &File, size: u64) -> io::Result<()> {
    let mut block = Digest::of(b"ballast");
    for _ in 0..size.div_ceil(32) {
        block = Digest::of(block.bytes());
        file.write_all(block.bytes())?;
    }
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn the_space_is_really_taken_and_given_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ballast");
        assert!(keep(&path, 1 << 20, Access::PRIVATE).unwrap());
        assert!(fs::metadata(&path).unwrap().blocks() * 512 >= 1 << 20, "a hole keeps nothing");
        assert!(!keep(&path, 1 << 20, Access::PRIVATE).unwrap());
        assert!(free(&path).unwrap());
        assert!(!free(&path).unwrap());
        assert!(!keep(&path, 1 << 60, Access::PRIVATE).unwrap(), "no disk has room for that");
    }
}
