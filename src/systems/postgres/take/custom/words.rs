//! Numbers and words as `pg_dump` writes them.

use std::io::{self, BufRead, Read};

use super::flawed;

/// Longer words are in no dump: a view may have a long text, but not this long.
const LONGEST: usize = 1 << 30;

/// Reads them one after the other.
pub(super) struct Words<R> {
    input: R,
    /// How many bytes a number has.
    pub(super) int: usize,
}

impl<R: BufRead> Words<R> {
    pub(super) fn new(input: R) -> Words<R> {
        Words { input, int: 4 }
    }

    /// The next byte; nothing at the end.
    pub(super) fn byte_or_end(&mut self) -> io::Result<Option<u8>> {
        let next = self.input.fill_buf()?.first().copied();
        self.input.consume(usize::from(next.is_some()));
        Ok(next)
    }

    pub(super) fn byte(&mut self) -> io::Result<u8> {
        self.byte_or_end()?.ok_or_else(cut)
    }

    /// A number: its sign, then its bytes, the lowest first.
    pub(super) fn int(&mut self) -> io::Result<i64> {
        let is_negative = self.byte()? != 0;
        let mut number: i64 = 0;
        for place in 0..self.int {
            let byte = i64::from(self.byte()?);
            let shifted = u32::try_from(place * 8).ok().and_then(|by| byte.checked_shl(by));
            number |= shifted.filter(|shifted| *shifted >= 0).ok_or_else(|| flawed("a number that is too large"))?;
        }
        Ok(if is_negative { -number } else { number })
    }

    /// A word; nothing where there is none.
    pub(super) fn word(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Ok(length) = usize::try_from(self.int()?) else { return Ok(None) };
        if length > LONGEST {
            return Err(flawed("a word that is too long"));
        }
        let mut word = Vec::new();
        self.input.by_ref().take(length as u64).read_to_end(&mut word)?;
        if word.len() == length { Ok(Some(word)) } else { Err(cut()) }
    }

    pub(super) fn skip(&mut self, bytes: usize) -> io::Result<()> {
        (0..bytes).try_for_each(|_| self.byte().map(drop))
    }

    /// Some of the bytes that follow, at least one.
    pub(super) fn some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.input.read(buffer)? {
            0 => Err(cut()),
            length => Ok(length),
        }
    }
}

fn cut() -> io::Error {
    flawed("it ends too early")
}
