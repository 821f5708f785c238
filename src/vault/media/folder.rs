//! A store that is a folder: local, or mounted from elsewhere.
//!
//! A file is written under a temporary name, brought to the disk, renamed without replacing anything, and its folder
//! brought to the disk too.

#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

use super::sweep;
use super::trouble::{MediaError, Trouble};
use crate::reach::mounts::unmounted;
use crate::text::{Shape, untrusted};
use crate::vault::directory::{Holding, list};

/// What is kept is for its owner and its group.
const FILE_MODE: u32 = 0o640;
const FOLDER_MODE: u32 = 0o750;
/// Brought to the disk each time so much was written: a slow disk must be seen to go on.
const FLUSH_EACH: u64 = 64 << 20;

/// A folder that recovery points are kept in. It must exist: a drive that is not mounted is not replaced by an empty
/// folder on another.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// The mount point that it lies on, where that is said.
    mount: Option<PathBuf>,
}

impl Folder {
    /// The folder at this path.
    pub fn at(root: impl Into<PathBuf>) -> Folder {
        Folder { root: root.into(), mount: None }
    }

    /// The same, on a disk that is mounted there.
    #[must_use]
    pub fn on(self, mount: Option<PathBuf>) -> Folder {
        Folder { mount, ..self }
    }

    /// Where a key lies.
    pub fn path(&self, key: &str) -> PathBuf {
        self.root.join(key)
    }

    /// Where a key lies that is to be written or removed: below this folder, and behind no link, where nobody would look
    /// for it.
    fn own(&self, key: &str) -> Result<PathBuf, MediaError> {
        let refused = |why: &str| Err(MediaError::new(untrusted(key, Shape::line(200)), Trouble::Refused, why));
        if !is_below(key) {
            return refused("this name leads out of the store");
        }
        let path = self.path(key);
        let between = path.ancestors().skip(1).take_while(|folder| *folder != self.root);
        for folder in between {
            if folder.symlink_metadata().is_ok_and(|about| about.is_symlink()) {
                return refused("a folder on the way there is a link, and nobody looks behind links");
            }
        }
        Ok(path)
    }

    /// Whether it is there, and on the disk that it should be on.
    pub fn is_there(&self) -> Result<(), MediaError> {
        let gone = |why: String| Err(MediaError::new(self.shown(), Trouble::Gone, why));
        if !self.root.is_dir() {
            return gone("this folder is not there".to_owned());
        }
        match unmounted(&self.root, self.mount.as_deref()) {
            Some(point) => gone(format!("nothing is mounted at {}, which it lies on", point.display())),
            None => Ok(()),
        }
    }

    /// Every file there is, in no order.
    pub fn list(&self) -> Result<Vec<Holding>, MediaError> {
        self.is_there()?;
        list(&self.root).map_err(|error| MediaError::disk(self.shown(), &error))
    }

    /// Begins to write a file.
    pub fn begin(&self, key: &str) -> Result<Writing, MediaError> {
        self.is_there()?;
        let path = self.own(key)?;
        let disk = |error: io::Error| MediaError::disk(path.display().to_string(), &error);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        let is_first = !folder.is_dir();
        make_folders(&self.root, &folder).map_err(disk)?;
        // Told before everything is read, and decided once more when it gets its name.
        if path.symlink_metadata().is_ok() {
            return Err(MediaError::new(path.display().to_string(), Trouble::Exists, "it is there already"));
        }
        // Where each recovery point has a folder of its own, nobody else comes by what an earlier one left in its own.
        match key.split('/').next().filter(|_| is_first) {
            Some(top) => sweep::below(&self.root.join(top)),
            None => sweep::one(&folder),
        }
        self.write_to(path)
    }

    fn write_to(&self, path: PathBuf) -> Result<Writing, MediaError> {
        let disk = |error: io::Error| MediaError::disk(path.display().to_string(), &error);
        let folder = path.parent().unwrap_or(&self.root);
        let part = folder.join(sweep::temporary().map_err(disk)?);
        let file = OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(&part).map_err(disk)?;
        // Whoever finds it later knows by this whether it is still being written. Not every file system has locks.
        let _ = flock(&file, FlockOperation::NonBlockingLockExclusive);
        Ok(Writing { at: Staged { file, part, path, is_done: false }, unflushed: 0 })
    }

    /// Writes a small file, if there is none of its name.
    pub fn put_new(&self, key: &str, bytes: &[u8]) -> Result<(), MediaError> {
        let mut writing = self.begin(key)?;
        writing.write(bytes)?;
        writing.finish()?.publish()
    }

    /// Writes a small file in place of what may be there.
    pub fn put(&self, key: &str, bytes: &[u8]) -> Result<(), MediaError> {
        self.is_there()?;
        let path = self.own(key)?;
        let disk = |error: io::Error| MediaError::disk(path.display().to_string(), &error);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        make_folders(&self.root, &folder).map_err(disk)?;
        let mut writing = self.write_to(path.clone())?;
        writing.write(bytes)?;
        let mut staged = writing.finish()?;
        fs::rename(&staged.part, &staged.path).and_then(|()| sync(&folder)).map_err(disk)?;
        staged.is_done = true;
        Ok(())
    }

    /// What a small file says; nothing if there is none.
    pub fn get(&self, key: &str, at_most: u64) -> Result<Option<Vec<u8>>, MediaError> {
        self.is_there()?;
        let path = self.path(key);
        let disk = |error: io::Error| MediaError::disk(path.display().to_string(), &error);
        let file = match File::open(&path) {
            // A link to nothing is there: it may stand for a hold.
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => return Err(disk(error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file.map_err(disk)?,
        };
        let mut bytes = Vec::new();
        file.take(at_most + 1).read_to_end(&mut bytes).map_err(disk)?;
        if bytes.len() as u64 > at_most {
            return Err(MediaError::new(path.display().to_string(), Trouble::Other, "it is too large for what it is"));
        }
        Ok(Some(bytes))
    }

    /// Whether there is a file of this name. Where the whole folder is away nobody knows.
    pub fn has(&self, key: &str) -> Result<bool, MediaError> {
        self.is_there()?;
        let path = self.path(key);
        path.try_exists().map_err(|error| MediaError::disk(path.display().to_string(), &error))
    }

    /// Removes a file; that it is gone already is as good.
    pub fn remove(&self, key: &str) -> Result<(), MediaError> {
        self.is_there()?;
        let path = self.own(key)?;
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed.and_then(|()| sync(path.parent().unwrap_or(&self.root))),
        };
        removed.map_err(|error| MediaError::disk(path.display().to_string(), &error))
    }

    fn shown(&self) -> String {
        self.root.display().to_string()
    }
}

/// A file on its way.
#[derive(Debug)]
pub struct Writing {
    at: Staged,
    unflushed: u64,
}

impl Writing {
    /// Adds bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), MediaError> {
        let written = self.at.file.write_all(bytes).and_then(|()| {
            self.unflushed += bytes.len() as u64;
            if self.unflushed < FLUSH_EACH {
                return Ok(());
            }
            self.unflushed = 0;
            self.at.file.sync_data()
        });
        written.map_err(|error| self.at.disk(&error))
    }

    /// All is written, and on the disk; it has no name yet.
    pub fn finish(self) -> Result<Staged, MediaError> {
        self.at.file.sync_all().map_err(|error| self.at.disk(&error))?;
        Ok(self.at)
    }
}

/// A file that is whole and has no name yet. Dropped, it is gone.
#[derive(Debug)]
pub struct Staged {
    /// Locked as long as this is.
    file: File,
    part: PathBuf,
    path: PathBuf,
    is_done: bool,
}

impl Staged {
    /// Gives it its name, if nothing has it.
    pub fn publish(mut self) -> Result<(), MediaError> {
        self.rename().map_err(|error| self.disk(&error))?;
        self.is_done = true;
        sync(self.path.parent().unwrap_or(&self.path)).map_err(|error| self.disk(&error))
    }

    fn rename(&self) -> io::Result<()> {
        match renameat_with(CWD, &self.part, CWD, &self.path, RenameFlags::NOREPLACE) {
            // Not every file system knows how; all know links.
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
                fs::hard_link(&self.part, &self.path)?;
                fs::remove_file(&self.part)
            }
            renamed => Ok(renamed?),
        }
    }

    fn disk(&self, error: &io::Error) -> MediaError {
        MediaError::disk(self.path.display().to_string(), error)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Whether a name stays below the folder that it is in.
pub fn is_below(key: &str) -> bool {
    !key.is_empty() && key.split('/').all(|step| !matches!(step, "" | "." | "..")) && !key.contains('\0')
}

/// Makes the folders between a store and a file in it, each on the disk before the next.
fn make_folders(root: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() || folder == root {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(root);
    make_folders(root, above)?;
    match fs::DirBuilder::new().mode(FOLDER_MODE).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| sync(above)),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
