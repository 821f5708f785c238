//! The conversation of a replica with its primary, up to where the snapshot begins.

use std::io;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zeroize::Zeroizing;

use crate::systems::redis::login::Dialled;

/// A server that is alive says so each second while it prepares a snapshot, and ends a replica that is silent for as
/// long as this.
pub const IDLE: Duration = Duration::from_mins(1);
/// No line of the conversation is longer.
const LONGEST: usize = 4096;
/// What is read at once.
const GULP: usize = 256 * 1024;

/// A connection on which one speaks as a replica.
pub struct Line {
    wire: Dialled,
    heard: BytesMut,
}

impl Line {
    /// One on which nothing was said yet.
    pub fn new(wire: Dialled) -> Line {
        Line { wire, heard: BytesMut::new() }
    }

    /// Says a command, and hears the line that answers it.
    pub async fn ask(&mut self, words: &[&str]) -> io::Result<String> {
        let mut said = Zeroizing::new(format!("*{}\r\n", words.len()).into_bytes());
        for word in words {
            said.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            said.extend_from_slice(word.as_bytes());
            said.extend_from_slice(b"\r\n");
        }
        self.wire.write_all(&said).await?;
        self.wire.flush().await?;
        self.line().await
    }

    /// The next line. Empty ones only say that the server is still there.
    pub async fn line(&mut self) -> io::Result<String> {
        loop {
            while self.heard.first().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
                self.heard.advance(1);
            }
            if let Some(end) = memchr::memchr(b'\n', &self.heard) {
                let line = self.heard.split_to(end + 1);
                return Ok(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            if self.heard.len() > LONGEST {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "it says what is no answer of Redis"));
            }
            self.read().await?;
        }
    }

    /// The next bytes, whatever they are.
    pub async fn piece(&mut self) -> io::Result<Bytes> {
        if self.heard.is_empty() {
            self.read().await?;
        }
        Ok(self.heard.split().freeze())
    }

    async fn read(&mut self) -> io::Result<()> {
        self.heard.reserve(GULP);
        match tokio::time::timeout(IDLE, self.wire.read_buf(&mut self.heard)).await {
            Ok(Ok(0)) => Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => read.map(drop),
            Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("it was silent for {} s", IDLE.as_secs()))),
        }
    }

    /// Hangs up, so that the server counts no replica that is none.
    pub async fn close(mut self) {
        // It is gone either way.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.wire.shutdown()).await;
    }
}
