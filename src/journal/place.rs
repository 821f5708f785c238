//! Where the journal of a state directory is, for who only reads.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::state_error::StateError;
use super::trouble::DiskError;

/// A journal's directory, and whether it is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where it is, or will be.
    pub path: PathBuf,
    /// False before the first event.
    pub exists: bool,
}

impl Place {
    /// The journal's in this state directory. Not to be allowed to look is no sign that there is none.
    pub fn of(state: &Path) -> Result<Place, StateError> {
        let path = state.join("journal");
        let exists = is_directory(state)? && is_directory(&path)?;
        Ok(Place { path, exists })
    }
}

/// Whether it is there; an error if it is anything else than a directory, or cannot be looked at.
fn is_directory(path: &Path) -> Result<bool, StateError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(true),
        Ok(_) => Err(StateError::NoDirectory(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::symlink_metadata(path) {
            Ok(_) => Err(StateError::LeadsNowhere(path.to_owned())),
            Err(_) => Ok(false),
        },
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            let file = path.ancestors().find(|above| fs::metadata(above).is_ok_and(|found| !found.is_dir()));
            Err(StateError::NoDirectory(file.unwrap_or(path).to_owned()))
        }
        Err(error) => Err(DiskError::new("read", path)(error).into()),
    }
}
