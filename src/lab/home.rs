//! Where a lab lives. A copy of its folder knows the same processes and is not the lab; one that was moved is, but its
//! servers look for their files at the old place.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{LabError, Layout};

/// The folder that a lab was made in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Home {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Home {
    /// The folder of `layout`.
    pub(super) fn of(layout: &Layout) -> Result<Home, LabError> {
        Home::at(layout.root()).map_err(LabError::file("find", layout.root()))
    }

    fn at(path: &Path) -> std::io::Result<Home> {
        let path = path.canonicalize()?;
        let found = fs::metadata(&path)?;
        Ok(Home { device: found.dev(), inode: found.ino(), path })
    }

    /// Whether `layout` is that folder. A device may have another number after a reboot.
    pub(super) fn is_here(&self, layout: &Layout) -> bool {
        Home::at(layout.root()).is_ok_and(|here| here.path == self.path && here.inode == self.inode)
    }

    /// Whether that folder is where it was.
    pub(super) fn is_still_there(&self) -> bool {
        Home::at(&self.path).is_ok_and(|there| there.inode == self.inode)
    }

    /// Why nothing is done with a copy.
    pub(super) fn copied(&self, layout: &Layout) -> LabError {
        LabError::Copied { lab: layout.root().to_owned(), of: self.path.clone() }
    }

    /// Why a lab that was moved can only be ended.
    pub(super) fn moved(&self, layout: &Layout) -> LabError {
        LabError::Moved { lab: layout.root().to_owned(), from: self.path.clone() }
    }
}
