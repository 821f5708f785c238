//! Packing what is not packed inside.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;

use super::Chunk;
use super::writer::Outlet;

/// A good bargain: three times as fast as the next, for a few per cent more.
const ZSTD_LEVEL: i32 = 1;

/// How a file is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Packing {
    /// As it is.
    #[default]
    None,
    /// For every tool there is.
    Gzip,
    /// Quick, and small.
    Zstd,
}

impl Packing {
    /// What a name ends with, where it is packed so.
    pub const fn ending(self) -> &'static str {
        match self {
            Packing::None => "",
            Packing::Gzip => ".gz",
            Packing::Zstd => ".zst",
        }
    }

    /// The program that unpacks it to its output.
    pub const fn unpack(self) -> Option<&'static str> {
        match self {
            Packing::None => None,
            Packing::Gzip => Some("gzip -dc"),
            Packing::Zstd => Some("zstd -dc"),
        }
    }

    /// Where chunks go in, and where they come out packed.
    pub(super) fn stage(self, queue: usize) -> (Sender<Chunk>, Receiver<Chunk>) {
        let (first, plain) = channel(queue);
        if self == Packing::None {
            return (first, plain);
        }
        let (next, packed) = channel(queue);
        // A failure leaves the end out, and who waits for the end knows by that.
        spawn_blocking(move || self.all(plain, next));
        (first, packed)
    }

    fn all(self, chunks: Receiver<Chunk>, next: Sender<Chunk>) -> io::Result<()> {
        let outlet = Outlet::new(next);
        match self {
            Packing::None => copy(chunks, outlet)?.end(),
            Packing::Gzip => copy(chunks, GzEncoder::new(outlet, Compression::fast()))?.finish()?.end(),
            Packing::Zstd => {
                let mut encoder = zstd::Encoder::new(outlet, ZSTD_LEVEL)?;
                // Whoever unpacks it by hand notices damage too.
                encoder.include_checksum(true)?;
                copy(chunks, encoder)?.finish()?.end()
            }
        }
    }
}

/// Writes all chunks; an error where they break off.
pub(super) fn copy<W: Write>(mut chunks: Receiver<Chunk>, mut into: W) -> io::Result<W> {
    loop {
        match chunks.blocking_recv() {
            Some(Chunk::Bytes(bytes)) => into.write_all(&bytes)?,
            Some(Chunk::End) => return Ok(into),
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
