//! Opening what lies in the journal: ordinary files only. Who may write there can put a pipe, a device or a
//! link in a file's place, and whoever opened that would wait for it, or read it without end.

use std::fs::{self, File, FileType, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};

/// No segment is nearly as long: it is closed at 8 MiB, and what is handed in together goes into one.
pub(super) const LONGEST: u64 = 256 << 20;

/// Why a file is not opened or read.
#[derive(Debug, thiserror::Error)]
pub(super) enum InTheWay {
    /// Something that is no file.
    #[error("{0} lies there, where an ordinary file belongs")]
    Other(&'static str),
    /// A file for which there is not enough memory.
    #[error("it has {0} bytes, more than any file of the journal")]
    TooLong(u64),
}

/// Opens an ordinary file for reading.
pub(super) fn open(path: &Path) -> io::Result<File> {
    open_as(path, OFlags::RDONLY)
}

/// Opens an ordinary file for reading and writing.
pub(super) fn open_to_write(path: &Path) -> io::Result<File> {
    open_as(path, OFlags::RDWR)
}

/// All of an ordinary file that is not longer than `most`.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let length = file.metadata()?.len();
    if length > most {
        return Err(refused(InTheWay::TooLong(length)));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
    // It may grow while it is read.
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The names in a directory; none if it does not exist.
pub(super) fn names(directory: &Path) -> io::Result<Vec<String>> {
    match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect(),
    }
}

fn open_as(path: &Path, how: OFlags) -> io::Result<File> {
    // Looked at first: opening a device may do something already.
    check(&fs::symlink_metadata(path)?)?;
    let flags = how | OFlags::NONBLOCK | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    check(&file.metadata()?)?;
    Ok(file)
}

fn check(found: &Metadata) -> io::Result<()> {
    match other(found.file_type()) {
        None => Ok(()),
        Some(other) => Err(refused(InTheWay::Other(other))),
    }
}

/// What it is, if it is no ordinary file.
fn other(found: FileType) -> Option<&'static str> {
    match found {
        it if it.is_file() => None,
        it if it.is_dir() => Some("a directory"),
        it if it.is_symlink() => Some("a symbolic link"),
        it if it.is_fifo() => Some("a named pipe"),
        it if it.is_socket() => Some("a socket"),
        _ => Some("a device"),
    }
}

fn refused(why: InTheWay) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ordinary_files_are_opened_and_nothing_is_waited_for() {
        let home = tempfile::tempdir().unwrap();
        let at = |name: &str| home.path().join(name);
        fs::write(at("file"), b"content").unwrap();
        assert_eq!(read(&at("file"), 7).unwrap(), b"content");
        assert!(read(&at("file"), 6).unwrap_err().to_string().contains("it has 7 bytes"));
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("link")).unwrap();
        std::os::unix::fs::symlink("loop", at("loop")).unwrap();
        fs::create_dir(at("folder")).unwrap();
        for (name, is) in
            [("pipe", "a named pipe"), ("link", "a symbolic link"), ("loop", "a symbolic link"), ("folder", "a dir")]
        {
            for refused in [open(&at(name)).map(drop), open_to_write(&at(name)).map(drop), read(&at(name), 9).map(drop)]
            {
                assert!(refused.unwrap_err().to_string().contains(is), "{name}");
            }
        }
    }
}
