//! The state directory: one user's own, or shared by a host's users and cron under the plan's group.
//!
//! Made whole or not at all: it is prepared under a temporary name and renamed into place.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use rustix::fs::{Access as Right, access};

use super::beside::{self, sync_directory, sync_foreign_directory};
use super::host::{group_id, named};
use super::plain;
use super::state_error::StateError;
use super::trouble::DiskError;

const SETGID: u32 = 0o2000;
const GROUP_ALL: u32 = 0o070;
const OTHERS_WRITE: u32 = 0o002;

/// A state directory that this process may write to.
#[derive(Clone, Debug)]
pub struct State {
    path: PathBuf,
    access: Access,
}

/// Who else may read and write what is made: nobody, or the members of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    group: Option<u32>,
}

impl Access {
    /// For this user alone.
    pub const PRIVATE: Access = Access { group: None };

    /// How the files in an existing directory are to be made.
    pub(super) fn of(directory: &Path) -> io::Result<Access> {
        let found = fs::metadata(directory)?;
        let shared = found.mode() & (GROUP_ALL | SETGID) == GROUP_ALL | SETGID;
        Ok(Access { group: shared.then(|| found.gid()) })
    }

    /// The mode of new files, whatever the umask.
    pub fn file_mode(self) -> u32 {
        if self.group.is_some() { 0o660 } else { 0o600 }
    }

    /// The mode of files that are not to be changed any more.
    pub fn sealed_mode(self) -> u32 {
        if self.group.is_some() { 0o440 } else { 0o400 }
    }

    /// The mode of new directories, whatever the umask.
    pub fn directory_mode(self) -> u32 {
        if self.group.is_some() { 0o2770 } else { 0o700 }
    }

    /// Makes a file that did not exist, complete with mode and group before anybody can open it.
    pub fn create(self, path: &Path) -> io::Result<File> {
        let new = |draft: &Path| OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(draft);
        let (draft, file) = beside::make(path, new)?;
        let made = self.dress(&draft).and_then(|()| fs::hard_link(&draft, path));
        let removed = fs::remove_file(&draft);
        made.and(removed).map(|()| file)
    }

    /// Opens a file for reading and writing, and makes it if nobody has.
    pub fn open_or_create(self, path: &Path) -> io::Result<File> {
        let open = || plain::open_to_write(path);
        match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match self.create(path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => open(),
                made => made,
            },
            opened => opened,
        }
    }

    /// Gives a file or directory that we have just made its group and mode.
    pub(super) fn dress(self, path: &Path) -> io::Result<()> {
        let metadata = fs::symlink_metadata(path)?;
        if let Some(group) = self.group
            && metadata.gid() != group
        {
            chown(path, None, Some(group))?;
        }
        let mode = if metadata.is_dir() { self.directory_mode() } else { self.file_mode() };
        fs::set_permissions(path, Permissions::from_mode(mode))
    }
}

impl State {
    /// Opens the state directory, making it if it is not there. `group` is what the plan names.
    pub fn open(path: &Path, group: Option<&str>) -> Result<State, StateError> {
        let group = match group {
            None => None,
            Some(name) => Some(group_id(name).ok_or_else(|| StateError::NoGroup(name.to_owned()))?),
        };
        let path = std::path::absolute(path).map_err(DiskError::new("find", path))?;
        let state = State { access: Access { group }, path };
        let parents = state.missing_parents()?;
        let last = |made: &PathBuf| sync_foreign_directory(made.parent().unwrap_or(made)).map_err(StateError::from);
        let opened = parents.iter().try_for_each(last).and_then(|()| state.directory(&state.path));
        if opened.is_err() {
            // Deepest first, and only what is empty: somebody else may have moved in meanwhile.
            parents.iter().rev().for_each(|parent| drop(fs::remove_dir(parent)));
        }
        opened.map(|()| state)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Who may read and write what is made in it.
    pub fn access(&self) -> Access {
        self.access
    }

    /// A directory in it, made if it is not there: `journal`, `claims`, `log`.
    pub fn room(&self, name: &str) -> Result<PathBuf, StateError> {
        let path = self.path.join(name);
        self.directory(&path)?;
        Ok(path)
    }

    /// Makes sure that the names of the directory and of its rooms outlive a crash: whoever made them may
    /// have died before they did.
    pub(super) fn settle(&self) -> Result<(), DiskError> {
        sync_foreign_directory(self.path.parent().unwrap_or(&self.path))?;
        sync_directory(&self.path)
    }

    fn missing_parents(&self) -> Result<Vec<PathBuf>, StateError> {
        let missing = |path: &&Path| path.symlink_metadata().is_err();
        let mut parents: Vec<&Path> = self.path.ancestors().skip(1).take_while(missing).collect();
        parents.reverse();
        // A shared directory must be reachable for the others.
        let mode = if self.access.group.is_some() { 0o755 } else { 0o700 };
        let mut created = Vec::new();
        for parent in parents {
            match DirBuilder::new().mode(mode).create(parent) {
                Ok(()) => created.push(parent.to_owned()),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => {
                    created.iter().rev().for_each(|parent: &PathBuf| drop(fs::remove_dir(parent)));
                    return Err(DiskError::new("create", parent)(error).into());
                }
            }
        }
        Ok(created)
    }

    fn directory(&self, path: &Path) -> Result<(), StateError> {
        match fs::metadata(path) {
            Ok(found) => self.check(path, &found),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make(path)?;
                let made = fs::metadata(path).map_err(DiskError::new("read", path))?;
                self.check(path, &made)
            }
            Err(error) => Err(DiskError::new("read", path)(error).into()),
        }
    }

    fn make(&self, path: &Path) -> Result<(), StateError> {
        let new = |draft: &Path| DirBuilder::new().mode(0o700).create(draft);
        let (draft, ()) = beside::make(path, new).map_err(DiskError::new("create", path))?;
        let made = self.access.dress(&draft).and_then(|()| fs::rename(&draft, path));
        if made.is_err() {
            let _ = fs::remove_dir(&draft);
        }
        match made {
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::PERM.raw_os_error()) => Err(self.outsider()),
            // Somebody made it in the same moment.
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty) => {
                Ok(())
            }
            Err(error) => Err(DiskError::new("create", path)(error).into()),
            Ok(()) if path == self.path => Ok(sync_foreign_directory(path.parent().unwrap_or(path))?),
            Ok(()) => Ok(sync_directory(path.parent().unwrap_or(path))?),
        }
    }

    fn outsider(&self) -> StateError {
        let group = self.access.group.unwrap_or(0);
        StateError::Outsider { group: named("/etc/group", group).unwrap_or_else(|| group.to_string()) }
    }

    fn check(&self, path: &Path, found: &Metadata) -> Result<(), StateError> {
        let at = || path.to_owned();
        let me = rustix::process::geteuid().as_raw();
        if !found.is_dir() {
            return Err(StateError::NoDirectory(at()));
        }
        if found.mode() & OTHERS_WRITE != 0 {
            return Err(StateError::OpenToAll(at()));
        }
        match self.access.group {
            None if found.uid() != me => {
                let owner = named("/etc/passwd", found.uid()).unwrap_or_else(|| found.uid().to_string());
                return Err(StateError::SomeoneElses { path: at(), owner });
            }
            Some(group) => self.check_shared(path, found, group, me)?,
            None => {}
        }
        access(path, Right::WRITE_OK | Right::EXEC_OK).map_err(|errno| match errno {
            rustix::io::Errno::ACCESS if self.access.group.is_some() => self.outsider(),
            _ => DiskError::new("write to", path)(errno.into()).into(),
        })
    }

    fn check_shared(&self, path: &Path, found: &Metadata, group: u32, me: u32) -> Result<(), StateError> {
        let shared = found.gid() == group && found.mode() & (GROUP_ALL | SETGID) == GROUP_ALL | SETGID;
        if shared {
            return Ok(());
        }
        let not_shared = || StateError::NotShared {
            path: path.to_owned(),
            group: named("/etc/group", group).unwrap_or_else(|| group.to_string()),
        };
        // What is in it already would stay closed to the group: that is the owner's to decide.
        let empty = fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
        if (found.uid() != me && me != 0) || !(empty || found.gid() == group) {
            return Err(not_shared());
        }
        self.access.dress(path).map_err(|_| not_shared())
    }
}
