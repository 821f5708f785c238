//! A file of a store, opened and unpacked as its name says.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use flate2::read::MultiGzDecoder;

use crate::plan::types::Store;

/// Why a file of a store is not read.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// It cannot be opened.
    #[error("{}: {error}", path.display())]
    Unreadable {
        /// Where it lies.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// Only its recipients can read it.
    #[error("it is encrypted, and no key for it is here")]
    Encrypted,
    /// Its store is no folder of this machine.
    #[error("its store is no folder of this machine")]
    Elsewhere,
}

/// Opens it, unpacked: `.gz` and `.zst` are taken off.
pub fn open(store: &Store, key: &str) -> Result<Box<dyn Read + Send>, NotOpened> {
    let is_here = store.reach.as_ref().is_none_or(crate::plan::Place::is_here);
    let folder = store.path.as_ref().filter(|_| is_here).ok_or(NotOpened::Elsewhere)?;
    let path = folder.join(key);
    let unreadable = |error| NotOpened::Unreadable { path: path.clone(), error };
    let mut file: Box<dyn Read + Send> = Box::new(File::open(&path).map_err(unreadable)?);
    for ending in key.rsplit('.') {
        file = match ending {
            "gz" => Box::new(MultiGzDecoder::new(file)),
            "zst" => Box::new(zstd::Decoder::new(file).map_err(unreadable)?),
            "age" => return Err(NotOpened::Encrypted),
            _ => return Ok(file),
        };
    }
    Ok(file)
}
