//! The redactor for bytes that arrive in pieces: nothing is passed on that could still become a secret.

use std::io::{self, Write};
use std::sync::PoisonError;

use zeroize::Zeroize;

use super::Redactor;
use super::scan::Cursor;

/// Strips secrets from a stream. Text that cannot be the start of a secret is passed on at once.
pub struct Redacting {
    redactor: Redactor,
    cursor: Cursor,
    held: Vec<u8>,
}

impl Redacting {
    pub(super) fn new(redactor: Redactor) -> Redacting {
        Redacting { redactor, cursor: Cursor::default(), held: Vec::new() }
    }

    /// Takes the next piece and appends to `out` what is safe to pass on.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        self.go_on(piece, false, out);
    }

    /// Appends to `out` what was held back. The stream ends here.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        self.go_on(&[], true, out);
    }

    fn go_on(&mut self, piece: &[u8], at_end: bool, out: &mut Vec<u8>) {
        let forms = self.redactor.forms.read().unwrap_or_else(PoisonError::into_inner);
        if self.held.is_empty() {
            let done = self.cursor.advance(&forms, piece, at_end, out);
            self.held.extend_from_slice(&piece[done..]);
            return;
        }
        let mut joined = Vec::with_capacity(self.held.len() + piece.len());
        joined.extend_from_slice(&self.held);
        joined.extend_from_slice(piece);
        let done = self.cursor.advance(&forms, &joined, at_end, out);
        self.held.zeroize();
        self.held.extend_from_slice(&joined[done..]);
        joined.zeroize();
    }
}

impl Drop for Redacting {
    fn drop(&mut self) {
        self.held.zeroize();
    }
}

/// Strips secrets from everything written through it. What is held back is written when it is finished
/// or dropped; an error is told only by [`RedactingWriter::finish`].
pub struct RedactingWriter<W: Write> {
    filter: Redacting,
    inner: W,
    clean: Vec<u8>,
}

impl<W: Write> RedactingWriter<W> {
    pub(super) fn new(filter: Redacting, inner: W) -> RedactingWriter<W> {
        RedactingWriter { filter, inner, clean: Vec::new() }
    }

    /// Writes what was held back, and flushes.
    pub fn finish(mut self) -> io::Result<()> {
        self.write_rest()
    }

    fn write_rest(&mut self) -> io::Result<()> {
        self.filter.finish(&mut self.clean);
        self.write_clean()?;
        self.inner.flush()
    }

    fn write_clean(&mut self) -> io::Result<()> {
        let written = self.inner.write_all(&self.clean);
        self.clean.clear();
        written
    }
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.filter.push(piece, &mut self.clean);
        self.write_clean()?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<W: Write> Drop for RedactingWriter<W> {
    fn drop(&mut self) {
        let _ = self.write_rest();
    }
}
