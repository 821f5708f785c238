//! Files that are there whole or not at all, also after a crash.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::S3Error;

/// Puts `value` in place of whatever `path` held, in one step and for good.
pub(super) fn replace_json<T: Serialize>(path: &Path, value: &T) -> Result<(), S3Error> {
    let damaged = |why: serde_json::Error| S3Error::Damaged { path: path.to_owned(), why: why.to_string() };
    let bytes = serde_json::to_vec_pretty(value).map_err(damaged)?;
    let new = path.with_extension("new");
    let mut file = File::create(&new).map_err(S3Error::file("create", &new))?;
    file.write_all(&bytes).map_err(S3Error::file("write", &new))?;
    file.sync_all().map_err(S3Error::file("sync", &new))?;
    std::fs::rename(&new, path).map_err(S3Error::file("rename to", path))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Reads what [`replace_json`] wrote.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, S3Error> {
    let bytes = std::fs::read(path).map_err(S3Error::file("read", path))?;
    serde_json::from_slice(&bytes).map_err(|why| S3Error::Damaged { path: path.to_owned(), why: why.to_string() })
}

/// Makes what was created, renamed or removed in `folder` last.
pub(super) fn sync_folder(folder: &Path) -> Result<(), S3Error> {
    File::open(folder).and_then(|opened| opened.sync_all()).map_err(S3Error::file("sync", folder))
}

/// Everything that lies in `folder`.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, S3Error> {
    let entries = std::fs::read_dir(folder).map_err(S3Error::file("list", folder))?;
    entries.map(|entry| Ok(entry.map_err(S3Error::file("list", folder))?.path())).collect()
}

/// Removes a file; that it is gone already is fine.
pub(super) fn remove(path: &Path) -> Result<(), S3Error> {
    gone_is_fine(std::fs::remove_file(path), path)
}

/// Removes a folder with what is in it; that it is gone already is fine.
pub(super) fn remove_all(path: &Path) -> Result<(), S3Error> {
    gone_is_fine(std::fs::remove_dir_all(path), path)
}

fn gone_is_fine(result: std::io::Result<()>, path: &Path) -> Result<(), S3Error> {
    match result {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(S3Error::file("remove", path)(error)),
        _ => Ok(()),
    }
}
