//! Carrying a whole folder over into another, whose owner may be somebody else: no link is followed on the way, and
//! none is carried.

use std::fs::{File, FileTimes};
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{
    AtFlags, Dir, FileType, Gid, Mode, OFlags, Stat, Uid, fchmod, fchown, mkdirat, openat, renameat, statat, unlinkat,
};

use crate::lab::{LabError, beneath};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
const FILE: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::CLOEXEC);
/// A file on its way; the name is nobody else's.
const COMING: &str = ".lifeboat-carries";

/// Copies what is missing or older in `to`, with owner, mode and time. Every file appears whole.
pub(super) fn carry(from: &Path, to: &Path) -> Result<(), LabError> {
    let folder = |path: &Path| beneath::open(path, OFlags::RDONLY | OFlags::DIRECTORY, 0).map(OwnedFd::from);
    let carried = || carry_folder(&folder(from)?, &folder(to)?);
    carried().map_err(LabError::file("carry over what is in", from))
}

fn carry_folder(from: &OwnedFd, to: &OwnedFd) -> io::Result<()> {
    for entry in Dir::read_from(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_bytes();
        // What is half-written has an owner who will write it again.
        if text == b"." || text == b".." || (text.starts_with(b".") && text.ends_with(b".tmp")) {
            continue;
        }
        let what = statat(from, name, AtFlags::SYMLINK_NOFOLLOW)?;
        match FileType::from_raw_mode(what.st_mode) {
            FileType::Directory => {
                match mkdirat(to, name, Mode::RWXU) {
                    Err(rustix::io::Errno::EXIST) | Ok(()) => {}
                    Err(error) => return Err(error.into()),
                }
                let inner = openat(to, name, FOLDER, Mode::empty())?;
                carry_folder(&openat(from, name, FOLDER, Mode::empty())?, &inner)?;
                give(&inner, &what)?;
            }
            FileType::RegularFile if !is_there(to, name, &what) => carry_file(from, to, name, &what)?,
            _ => {}
        }
    }
    Ok(())
}

fn give(file: &OwnedFd, like: &Stat) -> io::Result<()> {
    fchown(file, Some(Uid::from_raw(like.st_uid)), Some(Gid::from_raw(like.st_gid)))?;
    Ok(fchmod(file, Mode::from_raw_mode(like.st_mode))?)
}

/// Whether the same file, or a later one, is there.
fn is_there(to: &OwnedFd, name: &std::ffi::CStr, what: &Stat) -> bool {
    let Ok(there) = statat(to, name, AtFlags::SYMLINK_NOFOLLOW) else { return false };
    let time = |stat: &Stat| (stat.st_mtime, stat.st_mtime_nsec);
    FileType::from_raw_mode(there.st_mode) == FileType::RegularFile && time(&there) >= time(what)
}

fn carry_file(from: &OwnedFd, to: &OwnedFd, name: &std::ffi::CStr, what: &Stat) -> io::Result<()> {
    let mut source = File::from(openat(from, name, FILE | OFlags::RDONLY, Mode::empty())?);
    let _ = unlinkat(to, COMING, AtFlags::empty());
    let flags = FILE | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
    let coming = openat(to, COMING, flags, Mode::RUSR | Mode::WUSR)?;
    give(&coming, what)?;
    let mut coming = File::from(coming);
    io::copy(&mut source, &mut coming)?;
    coming.set_times(FileTimes::new().set_modified(source.metadata()?.modified()?))?;
    coming.sync_all()?;
    Ok(renameat(to, COMING, to, name)?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_new_or_changed_is_carried_and_links_are_not() {
        let outer = tempfile::tempdir().unwrap();
        let at = |name: &str| outer.path().join(name);
        fs::create_dir_all(at("from/wal")).unwrap();
        fs::create_dir_all(at("to/wal")).unwrap();
        fs::write(at("secret"), "secret").unwrap();
        fs::write(at("from/wal/1"), "one").unwrap();
        fs::write(at("from/wal/.2.tmp"), "half").unwrap();
        std::os::unix::fs::symlink(at("secret"), at("from/link")).unwrap();
        carry(&at("from"), &at("to")).unwrap();
        assert_eq!(fs::read(at("to/wal/1")).unwrap(), b"one");
        assert!(!at("to/wal/.2.tmp").exists() && fs::symlink_metadata(at("to/link")).is_err());

        fs::write(at("to/wal/1"), "newer").unwrap();
        carry(&at("from"), &at("to")).unwrap();
        assert_eq!(fs::read(at("to/wal/1")).unwrap(), b"newer");
    }

    #[test]
    fn a_link_that_lies_in_the_way_is_replaced_and_not_followed() {
        let outer = tempfile::tempdir().unwrap();
        let at = |name: &str| outer.path().join(name);
        fs::create_dir_all(at("from/folder")).unwrap();
        fs::create_dir_all(at("to")).unwrap();
        fs::create_dir_all(at("elsewhere")).unwrap();
        fs::write(at("secret"), "secret").unwrap();
        std::os::unix::fs::symlink(at("secret"), at("to/file")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(at("from/file"), "file").unwrap();
        carry(&at("from"), &at("to")).unwrap();
        assert_eq!(fs::read(at("secret")).unwrap(), b"secret");
        assert!(fs::symlink_metadata(at("to/file")).unwrap().is_file());
        fs::write(at("from/folder/x"), "x").unwrap();
        fs::remove_dir_all(at("to/folder")).unwrap();
        std::os::unix::fs::symlink(at("elsewhere"), at("to/folder")).unwrap();
        assert!(carry(&at("from"), &at("to")).is_err());
        assert!(!at("elsewhere/x").exists());
    }
}
