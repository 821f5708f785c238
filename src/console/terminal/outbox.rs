//! What is on its way to the terminal. A stalled one holds up its own picture and nothing else.

use std::io;

use super::tty::Tty;

/// What is on its way to the terminal.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    /// Whether everything has been taken.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Puts something behind what is there.
    pub fn put(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Hands over as much as the terminal takes now. `Err` when it has gone.
    pub fn send(&mut self, tty: &Tty) -> io::Result<()> {
        while self.sent < self.bytes.len() {
            match tty.write(&self.bytes[self.sent..])? {
                0 => return Ok(()),
                count => self.sent += count,
            }
        }
        self.bytes.clear();
        self.sent = 0;
        Ok(())
    }
}
