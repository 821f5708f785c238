//! Small files of this machine, read whole: never waiting for the writer of a pipe, never for the end of a device.

use std::fs::File;
use std::io::{Error, Read, Result};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Opens a file without waiting, should it be a pipe, and refuses what is no file.
pub fn open(path: &Path) -> Result<File> {
    let nonblock = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0);
    let file = File::options().read(true).custom_flags(nonblock).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(Error::other("it is no regular file")) }
}

/// What is in it, unless that is more than anybody would write into such a file.
pub fn read(path: &Path, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most {
        return Err(Error::other(format!("it is larger than {} KiB", most / 1024)));
    }
    Ok(bytes)
}

/// The same as text.
pub fn text(path: &Path, most: usize) -> Result<String> {
    String::from_utf8(read(path, most)?).map_err(|_| Error::other("it is no text"))
}
