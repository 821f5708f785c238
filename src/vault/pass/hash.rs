//! The hash and the length of what went by.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::Receiver;

use super::Chunk;
use crate::text::hex;

/// The hash and the length of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// How many bytes it has.
    pub bytes: u64,
    /// Their SHA-256, as `sha256sum` writes it.
    pub sha256: String,
}

/// Adds up what goes by.
#[derive(Clone, Default)]
pub struct Adding {
    bytes: u64,
    hash: Sha256,
}

impl Adding {
    /// Adds some.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.hash.update(bytes);
    }

    /// The sum of all that was added.
    pub fn sum(self) -> Sum {
        Sum { bytes: self.bytes, sha256: hex(&self.hash.finalize()) }
    }
}

/// Adds up all chunks; to be called where blocking does no harm.
pub fn all(mut chunks: Receiver<Chunk>) -> Sum {
    let mut adding = Adding::default();
    while let Some(Chunk::Bytes(bytes)) = chunks.blocking_recv() {
        adding.add(&bytes);
    }
    adding.sum()
}
