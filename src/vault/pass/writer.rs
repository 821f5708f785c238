//! What is written, as chunks for whoever is next.

use std::io::{self, Write};

use bytes::BytesMut;
use tokio::sync::mpsc::Sender;

use super::Chunk;

/// How large the chunks are that come out of packing and sealing.
const CHUNK: usize = 256 * 1024;

/// Sends what is written on, in chunks; to be used where blocking does no harm.
pub struct Outlet {
    buffer: BytesMut,
    next: Sender<Chunk>,
}

impl Outlet {
    pub fn new(next: Sender<Chunk>) -> Outlet {
        Outlet { buffer: BytesMut::with_capacity(CHUNK), next }
    }

    /// All was written.
    pub fn end(mut self) -> io::Result<()> {
        self.send()?;
        self.next.blocking_send(Chunk::End).map_err(gone)
    }

    fn send(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::replace(&mut self.buffer, BytesMut::with_capacity(CHUNK)).freeze();
        self.next.blocking_send(Chunk::Bytes(bytes)).map_err(gone)
    }
}

fn gone<T>(_: T) -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = (CHUNK - self.buffer.len()).min(bytes.len());
        self.buffer.extend_from_slice(&bytes[..room]);
        if self.buffer.len() == CHUNK {
            self.send()?;
        }
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
