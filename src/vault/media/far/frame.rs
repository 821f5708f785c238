//! What goes over the line to a folder elsewhere, a frame each: its sort, how long it is, and that many bytes.

use std::io;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// No frame is longer.
const LONGEST: u32 = 8 << 20;
/// So much of something large goes into one frame.
pub const PIECE: usize = 256 * 1024;

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A question, or the answer to one.
    Word(Bytes),
    /// Bytes of a file.
    Bytes(Bytes),
    /// These were all of them.
    End,
    /// Somebody is still there.
    Beat,
}

impl Frame {
    /// A word.
    pub fn word(word: &impl Serialize) -> io::Result<Frame> {
        Ok(Frame::Word(serde_json::to_vec(word)?.into()))
    }

    /// Writes it.
    pub async fn write(&self, into: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let (sort, bytes) = match self {
            Frame::Word(bytes) => (b'W', &bytes[..]),
            Frame::Bytes(bytes) => (b'D', &bytes[..]),
            Frame::End => (b'E', &[][..]),
            Frame::Beat => (b'B', &[][..]),
        };
        let length = u32::try_from(bytes.len()).ok().filter(|length| *length <= LONGEST).ok_or_else(too_long)?;
        let [a, b, c, d] = length.to_be_bytes();
        into.write_all(&[sort, a, b, c, d]).await?;
        into.write_all(bytes).await?;
        into.flush().await
    }

    /// Reads the next one.
    pub async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Frame> {
        let mut head = [0; 5];
        from.read_exact(&mut head).await?;
        let [sort, length @ ..] = head;
        let length = u32::from_be_bytes(length);
        if length > LONGEST {
            return Err(too_long());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        from.read_exact(&mut bytes).await?;
        match sort {
            b'W' => Ok(Frame::Word(bytes.into())),
            b'D' => Ok(Frame::Bytes(bytes.into())),
            b'E' => Ok(Frame::End),
            b'B' => Ok(Frame::Beat),
            _ => Err(strange()),
        }
    }

    /// What it says.
    pub fn read_word<T: DeserializeOwned>(&self) -> io::Result<T> {
        match self {
            Frame::Word(bytes) => serde_json::from_slice(bytes).map_err(io::Error::from),
            _ => Err(strange()),
        }
    }
}

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a frame is too long")
}

/// What came is nothing that is said here.
pub fn strange() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what comes from there cannot be understood")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_and_half_of_it_is_nothing() {
        let frames =
            [Frame::word(&"a\nb").unwrap(), Frame::Bytes(Bytes::from_static(&[7; 1000])), Frame::End, Frame::Beat];
        let mut line = Vec::new();
        for frame in &frames {
            frame.write(&mut line).await.unwrap();
        }
        let mut rest = &line[..];
        for frame in &frames {
            assert_eq!(Frame::read(&mut rest).await.unwrap(), *frame);
        }
        for length in 1..5 {
            assert!(Frame::read(&mut &line[..length]).await.is_err());
        }
        assert!(
            Frame::read(&mut &b"D\xff\xff\xff\xff"[..]).await.is_err()
                && Frame::read(&mut &b"X\0\0\0\0"[..]).await.is_err()
        );
    }
}
