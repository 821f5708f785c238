//! Opening files in folders that somebody else may own, as those of the servers' account are where the lab is
//! root's: in such a folder no link is followed, since it may have been laid to lead us astray.

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path};

use rustix::fs::{CWD, Mode, OFlags, fstat, openat};

/// A name in a folder that is held open.
pub(super) struct Place {
    pub(super) folder: OwnedFd,
    pub(super) name: OsString,
    trusted: bool,
}

const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Whether nobody but us and root decides what lies in a folder.
fn is_trusted(folder: &OwnedFd) -> io::Result<bool> {
    let owner = fstat(folder)?.st_uid;
    Ok(owner == 0 || owner == rustix::process::geteuid().as_raw())
}

fn no_links(trusted: bool) -> OFlags {
    if trusted { OFlags::empty() } else { OFlags::NOFOLLOW }
}

impl Place {
    /// Walks to the folder of `path`, from one folder to the next.
    pub(super) fn of(path: &Path) -> io::Result<Place> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
        let start = if path.is_absolute() { Path::new("/") } else { Path::new(".") };
        let mut folder = openat(CWD, start, FOLDER, Mode::empty())?;
        let mut trusted = is_trusted(&folder)?;
        for part in path.parent().into_iter().flat_map(Path::components) {
            if matches!(part, Component::RootDir | Component::CurDir | Component::Prefix(_)) {
                continue;
            }
            folder = openat(&folder, part.as_os_str(), FOLDER | no_links(trusted), Mode::empty())?;
            trusted = trusted && is_trusted(&folder)?;
        }
        Ok(Place { folder, name, trusted })
    }

    /// Opens what has the name.
    pub(super) fn open(&self, flags: OFlags, mode: u32) -> io::Result<File> {
        let flags = flags | OFlags::CLOEXEC | OFlags::NONBLOCK | no_links(self.trusted);
        Ok(openat(&self.folder, &self.name, flags, Mode::from_raw_mode(mode))?.into())
    }

    /// Makes the names in the folder survive a power cut.
    pub(super) fn sync(&self) -> io::Result<()> {
        let folder = openat(&self.folder, ".", OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
        File::from(folder).sync_all()
    }
}

/// Opens `path`; a file that is made gets `mode`.
pub(super) fn open(path: &Path, flags: OFlags, mode: u32) -> io::Result<File> {
    Place::of(path)?.open(flags, mode)
}

/// What a file holds. A pipe or a device in its place is refused: it could be read for ever.
pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    whole(open(path, OFlags::RDONLY, 0)?)
}

/// What a file of our own holds: no link, nothing but a file, and nobody else's, since who could have written it
/// would decide what we do.
pub(super) fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    let file = open(path, OFlags::RDONLY | OFlags::NOFOLLOW, 0)?;
    check_own(&file)?;
    whole(file)
}

/// Refuses what is not a file, or is somebody else's.
pub(super) fn check_own(file: &File) -> io::Result<()> {
    let owner = regular(file)?.uid();
    if owner == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("it belongs to uid {owner}")))
}

fn regular(file: &File) -> io::Result<Metadata> {
    let found = file.metadata()?;
    if found.is_file() { Ok(found) } else { Err(io::Error::other("it is not a file")) }
}

fn whole(mut file: File) -> io::Result<Vec<u8>> {
    regular(&file)?;
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut file, &mut bytes)?;
    Ok(bytes)
}
