//! Files that are there whole or not at all, also after a crash.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use serde::Serialize;

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
    match path.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

/// Makes what was created, renamed or removed in `folder` last.
pub(super) fn sync_folder(folder: &Path) -> Result<(), S3Error> {
    File::open(folder).and_then(|opened| opened.sync_all()).map_err(S3Error::file("sync", folder))
}
