//! Files that a fault changes are kept before, so that its undo can put them back.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::lab::context::Lab;
use crate::lab::{LabError, ServerId, files, servers};

/// A file as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::lab) struct Kept {
    /// Where it lay.
    path: PathBuf,
    /// Where its content is.
    copy: PathBuf,
}

/// Copies `path` aside.
pub(super) fn keep(lab: &Lab, path: &Path) -> Result<Kept, LabError> {
    let folder = lab.layout.root().join("kept");
    files::make_folder(&folder, 0o700, None)?;
    let copy = folder.join(files::random_text(12)?);
    fs::copy(path, &copy).map_err(LabError::file("keep", path))?;
    fs::File::open(&copy).and_then(|file| file.sync_all()).map_err(LabError::file("keep", path))?;
    Ok(Kept { path: path.to_owned(), copy })
}

/// Puts it back, and starts the server again that could not live without it.
pub(super) async fn undo(lab: &Lab, kept: &Kept, restart: Option<ServerId>) -> Result<(), LabError> {
    let bytes = fs::read(&kept.copy).map_err(LabError::file("read", &kept.copy))?;
    let mode = fs::metadata(&kept.copy).map_err(LabError::file("read", &kept.copy))?.mode() & 0o777;
    files::replace(&kept.path, &bytes, mode, lab.record.account.as_ref())?;
    let _ = fs::remove_file(&kept.copy);
    match restart {
        Some(server) => servers::bring_up(lab, server).await.map(|_| ()),
        None => Ok(()),
    }
}
