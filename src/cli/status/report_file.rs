//! Where a report goes: a file that is replaced whole or not at all; a pipe or a device is written into.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::cli::Failure;
use crate::text::Explain;

/// Writes it.
pub(super) fn write(path: &Path, text: &str) -> std::result::Result<(), Failure> {
    let written = match std::fs::metadata(path) {
        Ok(there) if there.is_dir() => Err(Error::from(ErrorKind::IsADirectory)),
        Ok(there) if !there.is_file() => into(path, text),
        // The file behind a link is replaced, and the link stays.
        Ok(_) => std::fs::canonicalize(path).and_then(|path| replace(&path, text)),
        Err(_) if path == Path::new("-") => Err(Error::other("name a file; /dev/stdout prints it")),
        Err(_) => replace(path, text),
    };
    written.map_err(|source| NoReport { path: path.to_owned(), source }.into())
}

fn replace(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new().prefix(".report").permissions(usual()).tempfile_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().sync_all()?;
    beside.persist(path)?;
    File::open(folder)?.sync_all()
}

/// As far as the user's mask lets, like any file of theirs.
fn usual() -> Permissions {
    Permissions::from_mode(0o666)
}

/// Never waits for somebody to read a pipe that nobody reads.
fn into(path: &Path, text: &str) -> Result<()> {
    let nonblock = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or(0);
    let mut file = OpenOptions::new().write(true).custom_flags(nonblock).open(path)?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    file.write_all(text.as_bytes())
}

/// The report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the report {} cannot be written: {source}", path.display())]
struct NoReport {
    path: PathBuf,
    source: Error,
}

impl Explain for NoReport {
    fn next_step(&self) -> String {
        "Name a file in a folder that is there and that you may write to.".to_owned()
    }
}
