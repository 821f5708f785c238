//! What a request carries. Each try reads it from its beginning.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::task::spawn_blocking;

use super::checksum;
use super::spool::Spooled;

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Payload {
    /// What is held in memory.
    Bytes(Bytes),
    /// What lies in a file, of which memory holds the piece that is just sent.
    File(Arc<Spooled>),
}

impl Payload {
    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        match self {
            Payload::Bytes(bytes) => bytes.len() as u64,
            Payload::File(file) => file.size(),
        }
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.size() == 0
    }

    /// Its checksum, as the header wants it.
    pub(super) fn sum(&self) -> String {
        match self {
            Payload::Bytes(bytes) => checksum::of(bytes),
            Payload::File(file) => file.sum().to_owned(),
        }
    }

    pub(super) fn reading(&self) -> Reading {
        match self {
            Payload::Bytes(bytes) => Reading { ahead: bytes.clone(), file: None, at: 0 },
            Payload::File(file) => Reading { ahead: Bytes::new(), file: Some(Arc::clone(file)), at: 0 },
        }
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Payload {
        Payload::Bytes(bytes)
    }
}

/// One reading of a payload, from its beginning.
pub(super) struct Reading {
    ahead: Bytes,
    /// Where what follows lies, and from where on.
    file: Option<Arc<Spooled>>,
    at: u64,
}

impl Reading {
    /// The next piece, of so many bytes at most; nothing at its end.
    pub(super) async fn next(&mut self, most: usize) -> io::Result<Option<Bytes>> {
        if self.ahead.is_empty()
            && let Some(file) = self.file.clone()
        {
            let at = self.at;
            self.ahead = spawn_blocking(move || file.read_at(at)).await??;
            self.at += self.ahead.len() as u64;
        }
        let piece = self.ahead.split_to(self.ahead.len().min(most));
        Ok((!piece.is_empty()).then_some(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::super::spool::Spool;
    use super::*;

    async fn all(payload: &Payload) -> Vec<u8> {
        let (mut reading, mut bytes) = (payload.reading(), Vec::new());
        while let Some(piece) = reading.next(1000).await.unwrap() {
            assert!(piece.len() <= 1000);
            bytes.extend_from_slice(&piece);
        }
        bytes
    }

    #[tokio::test]
    async fn a_file_carries_what_bytes_would_and_each_reading_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Bytes = (0..700_001_u32).map(|at| at.wrapping_mul(0x9E37_79B9).to_be_bytes()[0]).collect();
        let mut spool = Spool::make(folder.path(), 1 << 20).unwrap();
        bytes.chunks(123_456).for_each(|some| spool.write(some).unwrap());
        let (file, held) = (spool.end(), Payload::from(bytes.clone()));
        assert_eq!((file.size(), file.sum()), (held.size(), held.sum()));
        // Two at the same time, one of which breaks off.
        let mut broken = file.reading();
        broken.next(1000).await.unwrap().unwrap();
        assert!(all(&file).await == bytes && all(&held).await == bytes && all(&file).await == bytes);
        assert!(Payload::from(Bytes::new()).is_empty() && !file.is_empty());
    }
}
