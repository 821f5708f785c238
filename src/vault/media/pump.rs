//! What comes over a network, for whoever reads it on a thread of its own.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::mpsc::{Receiver, channel};

use super::bucket::trouble;
use super::trouble::{MediaError, Trouble};
use crate::reach::s3::Download;
use crate::text::with_causes;
use crate::vault::piece::Source;

/// So many pieces wait for a slow reader.
const WAITING: usize = 16;

/// All of a small object.
pub async fn all(mut download: Download, key: &str, at_most: u64) -> Result<Vec<u8>, MediaError> {
    let mut bytes = Vec::new();
    while let Some(piece) = download.bytes.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| trouble(&error))?);
        if bytes.len() as u64 > at_most {
            return Err(MediaError::new(key, Trouble::Other, "it is too large for what it is"));
        }
    }
    Ok(bytes)
}

/// A file, to be read where blocking does no harm.
pub fn reader(mut source: Source) -> impl Read + Send {
    let (pieces, waiting) = channel(WAITING);
    tokio::spawn(async move {
        while let Some(piece) = source.next().await {
            // Whoever reads may have seen enough.
            if pieces.send(Some(piece.map_err(|error| with_causes(&error)))).await.is_err() {
                return;
            }
        }
        let _ = pieces.send(None).await;
    });
    Pumped { pieces: waiting, piece: Bytes::new(), is_over: false }
}

struct Pumped {
    /// Nothing is the end; whoever just goes away has broken off.
    pieces: Receiver<Option<Result<Bytes, String>>>,
    piece: Bytes,
    is_over: bool,
}

impl Read for Pumped {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() && !self.is_over {
            match self.pieces.blocking_recv() {
                Some(Some(piece)) => self.piece = piece.map_err(io::Error::other)?,
                Some(None) => self.is_over = true,
                None => return Err(io::Error::other("reading it came to an unexpected end")),
            }
        }
        let count = self.piece.len().min(into.len());
        into[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}
