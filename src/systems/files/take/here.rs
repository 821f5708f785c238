//! The files of this machine, packed as they are found. No link is followed: each step goes from an open folder to what
//! lies in it, so that nobody can lead us out of it in between.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat};
use rustix::io::Errno;

use super::choice::{Choice, holds_key, is_secret};
use super::report::{LEADS_OUT, Report, SECRET_OUTSIDE, SHRUNK, TOO_DEEP, UNREADABLE};
use crate::systems::take::TakeError;
use crate::systems::tarball::{Entry, FileRead, Kind, Pack};

/// Deeper than this nobody keeps files, and a loop of mounts would go on for ever.
const DEEPEST: usize = 100;

/// Packs what lies at a path: a folder with what is in it, or one file.
pub fn pack(name: &str, path: &Path, choice: &Choice, into: impl Write) -> Result<Report, TakeError> {
    let mut packing = Packing { name, choice, pack: Pack::new(into), report: Report::default() };
    let found = std::fs::metadata(path).map_err(|error| packing.no_way(path, &error))?;
    if found.is_dir() {
        let folder = rustix::fs::open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
        let folder = folder.map_err(|error| packing.no_way(path, &error.into()))?;
        packing.folder(folder.as_fd(), b"", 0)?;
    } else {
        let file = crate::plan::regular::open(path).map_err(|error| packing.no_way(path, &error))?;
        let name = path.file_name().unwrap_or_default();
        if choice.has(&name.to_string_lossy()) {
            packing.regular(name.as_bytes(), Ok(file))?;
        }
    }
    packing.pack.end().and_then(|mut into| into.flush()).map_err(TakeError::ours)?;
    Ok(packing.report)
}

struct Packing<'a, W> {
    name: &'a str,
    choice: &'a Choice,
    pack: Pack<W>,
    report: Report,
}

impl<W: Write> Packing<'_, W> {
    fn no_way(&self, path: &Path, error: &io::Error) -> TakeError {
        TakeError::Refused {
            component: self.name.to_owned(),
            why: crate::text::untrusted(format!("{}: {error}", path.display()), crate::text::Shape::line(300)),
            next: "look whether it is there, and whether this user may read it",
        }
    }

    fn folder(&mut self, folder: BorrowedFd<'_>, path: &[u8], depth: usize) -> Result<(), TakeError> {
        let mut names: Vec<CString> = Vec::new();
        let listed = Dir::read_from(folder).and_then(|entries| {
            for entry in entries {
                let name = entry?.file_name().to_owned();
                if !matches!(name.to_bytes(), b"." | b"..") {
                    names.push(name);
                }
            }
            Ok(())
        });
        if let Err(error) = listed {
            // Half a folder must not look like all of it.
            return Err(self.no_way(Path::new(OsStr::from_bytes(path)), &error.into()));
        }
        names.sort();
        for name in names {
            let below = if path.is_empty() { name.to_bytes().to_vec() } else { [path, b"/", name.to_bytes()].concat() };
            self.one(folder, &name, &below, depth)?;
        }
        Ok(())
    }

    fn one(&mut self, folder: BorrowedFd<'_>, name: &CString, path: &[u8], depth: usize) -> Result<(), TakeError> {
        let shown = String::from_utf8_lossy(path);
        let stat = match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            Err(error) => return self.passed_over(error, path),
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory if self.choice.leaves_out(&shown) => Ok(()),
            FileType::Directory => {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
                let below = match openat(folder, name, flags, Mode::empty()) {
                    Ok(below) => below,
                    Err(error) => return self.passed_over(error, path),
                };
                if depth >= DEEPEST {
                    self.report.note(TOO_DEEP, path);
                    return Ok(());
                }
                if self.choice.wants_folder(&shown) {
                    let path = [path, b"/"].concat();
                    self.pack.add(&entry(&path, b"", Kind::Folder, &stat)).map_err(TakeError::ours)?;
                    self.report.folders += 1;
                }
                self.folder(below.as_fd(), path, depth + 1)
            }
            FileType::RegularFile if self.choice.has(&shown) => {
                let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
                self.regular(path, openat(folder, name, flags, Mode::empty()).map(File::from))
            }
            FileType::Symlink if self.is_wanted(path) => {
                let target = match readlinkat(folder, name, Vec::new()) {
                    Ok(target) => target,
                    Err(error) => return self.passed_over(error, path),
                };
                self.pack.add(&entry(path, target.to_bytes(), Kind::Link, &stat)).map_err(TakeError::ours)?;
                self.report.links += 1;
                self.report.names(self.choice.naming(&shown));
                if leads_out(path, target.to_bytes()) {
                    let what = if self.choice.is_of_secrets() { SECRET_OUTSIDE } else { LEADS_OUT };
                    self.report.note(what, path);
                }
                Ok(())
            }
            FileType::RegularFile | FileType::Symlink => Ok(()),
            _ => {
                if self.choice.wants(&shown) {
                    self.report.note("pipes, sockets and devices, which are not files", path);
                }
                Ok(())
            }
        }
    }

    /// Packs a file if it belongs to this part: the secret ones are known by their names, or by a key in them.
    fn regular(&mut self, path: &[u8], opened: Result<File, Errno>) -> Result<(), TakeError> {
        let by_name = is_secret(&String::from_utf8_lossy(path));
        // What is of the other part by its name is told of there.
        let is_told_here = by_name == self.choice.is_of_secrets();
        match opened {
            // It may have become something else meanwhile.
            Ok(file) if fstat(&file).is_ok_and(|now| FileType::from_raw_mode(now.st_mode).is_file()) => {
                let is_secret = by_name || holds_key(&file);
                if is_secret == self.choice.is_of_secrets() {
                    return self.file(path, file);
                }
                self.report.secret += u64::from(is_secret);
                Ok(())
            }
            _ if !is_told_here => {
                self.report.secret += u64::from(by_name);
                Ok(())
            }
            Ok(_) => {
                self.report.note("files that became something else", path);
                Ok(())
            }
            Err(error) => self.passed_over(error, path),
        }
    }

    fn is_wanted(&mut self, path: &[u8]) -> bool {
        let shown = String::from_utf8_lossy(path);
        let wanted = self.choice.wants(&shown);
        if !wanted && self.choice.has(&shown) {
            self.report.secret += 1;
        }
        wanted
    }

    fn file(&mut self, path: &[u8], file: File) -> Result<(), TakeError> {
        self.report.files += 1;
        self.report.names(self.choice.naming(&String::from_utf8_lossy(path)));
        self.report.bytes += file.metadata().map_or(0, |meta| meta.len());
        let read = self.pack.file(path, file).map_err(|error| {
            let path = Path::new(OsStr::from_bytes(path));
            self.no_way(path, &error)
        })?;
        match read {
            FileRead::Steady => {}
            FileRead::Changed => self.report.note("files that changed while they were read", path),
            FileRead::Shrank => self.report.note(SHRUNK, path),
        }
        Ok(())
    }

    /// What is gone by now is told; what we may not read makes the archive worthless for it, and is told too.
    fn passed_over(&mut self, error: Errno, path: &[u8]) -> Result<(), TakeError> {
        let what = match error {
            Errno::NOENT | Errno::NOTDIR => "files that went while they were to be read",
            Errno::ACCESS | Errno::PERM => UNREADABLE,
            Errno::LOOP | Errno::NXIO => "files that became something else",
            error => return Err(self.no_way(Path::new(OsStr::from_bytes(path)), &error.into())),
        };
        self.report.note(what, path);
        Ok(())
    }
}

/// Whether a link at a path below the folder leads out of it.
fn leads_out(path: &[u8], target: &[u8]) -> bool {
    let mut depth = path.split(|byte| *byte == b'/').count() - 1;
    if target.starts_with(b"/") {
        return true;
    }
    for step in target.split(|byte| *byte == b'/') {
        match step {
            b"" | b"." => {}
            b".." if depth == 0 => return true,
            b".." => depth -= 1,
            _ => depth += 1,
        }
    }
    false
}

fn entry<'a>(path: &'a [u8], target: &'a [u8], kind: Kind, stat: &Stat) -> Entry<'a> {
    #[allow(clippy::useless_conversion, clippy::unnecessary_cast, reason = "its types differ between machines")]
    let changed = stat.st_mtime as i64;
    Entry { path, target, kind, mode: stat.st_mode, owner: (stat.st_uid, stat.st_gid), changed, size: 0 }
}
