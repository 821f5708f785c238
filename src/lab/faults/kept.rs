//! Files that a fault changes are kept before, so that its undo can put them back.

use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::{Deed, FaultError};
use crate::lab::context::Lab;
use crate::lab::{LabError, ServerId, beneath, files, servers};

/// A file as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lab) struct Kept {
    /// Where it lay.
    path: PathBuf,
    /// Where its content is.
    copy: PathBuf,
}

impl Kept {
    /// Whether it is `path` that was kept.
    pub(super) fn is_of(&self, path: &Path) -> bool {
        let place = |path: &Path| path.parent().and_then(|folder| folder.canonicalize().ok());
        self.path == path || (self.path.file_name() == path.file_name() && place(&self.path) == place(path))
    }
}

/// Copies `path` aside, unless another fault did so before: their undos would have to come in the right order.
pub(super) fn keep(deed: &Deed<'_>, path: &Path) -> Result<Kept, LabError> {
    if let Some(other) = deed.ledger.keeper(path) {
        return Err(other.still_in_force());
    }
    let folder = deed.lab.layout.root().join("kept");
    files::make_folder(&folder, 0o700, None)?;
    let copy = folder.join(files::random_text(12)?);
    let failed = || LabError::file("keep", path);
    let mut from = beneath::open(path, OFlags::RDONLY, 0).map_err(failed())?;
    let mode = from.metadata().map_err(failed())?.mode() & 0o777;
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(failed())?;
    files::replace(&copy, &bytes, mode, None)?;
    Ok(Kept { path: path.to_owned(), copy })
}

/// What a copy holds. One that is gone will never come back, and its fault cannot be undone any more.
pub(super) fn content(copy: &Path, of: &Path) -> Result<Vec<u8>, LabError> {
    match fs::read(copy) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(FaultError::NoUndo(format!("the damage in {}, whose kept copy is gone,", of.display())).into())
        }
        read => read.map_err(LabError::file("read", copy)),
    }
}

/// Puts it back, and starts the server again that could not live without it.
pub(super) async fn undo(lab: &Lab, kept: &Kept, restart: Option<ServerId>) -> Result<(), LabError> {
    let bytes = content(&kept.copy, &kept.path)?;
    let mode = fs::metadata(&kept.copy).map_err(LabError::file("read", &kept.copy))?.mode() & 0o777;
    files::replace(&kept.path, &bytes, mode, lab.record.account.as_ref())?;
    if let Some(server) = restart {
        servers::bring_up(lab, server).await?;
    }
    let _ = fs::remove_file(&kept.copy);
    Ok(())
}
