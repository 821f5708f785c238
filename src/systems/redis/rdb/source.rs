//! The bytes of a snapshot, one after the other, and their checksum.

use std::io::{self, Read};

use crc_fast::{CrcAlgorithm, Digest};

use super::Damage;
use super::lzf::unpacks;

/// What is read at once.
const GULP: usize = 256 * 1024;
/// No compressed text that is unpacked here is longer; of a longer one only the length is believed.
const LONGEST_PACKED: u64 = 16 * 1024 * 1024;

/// A length, or what stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    /// So many.
    Plain(u64),
    /// A number, or compressed text, in this form.
    Special(u8),
}

/// The bytes of a snapshot.
pub struct Source<R> {
    inner: R,
    buffer: Vec<u8>,
    /// Where the next byte lies in the buffer, and where the buffer begins in the snapshot.
    next: usize,
    before: u64,
    digest: Digest,
}

impl<R: Read> Source<R> {
    pub fn new(inner: R) -> Source<R> {
        Source { inner, buffer: Vec::new(), next: 0, before: 0, digest: Digest::new(CrcAlgorithm::Crc64Redis) }
    }

    /// How many bytes were read.
    pub fn at(&self) -> u64 {
        self.before + self.next as u64
    }

    /// Fills the buffer anew; nothing where there is no more.
    fn fill(&mut self) -> Result<bool, Damage> {
        self.digest.update(&self.buffer);
        self.before += self.buffer.len() as u64;
        self.next = 0;
        self.buffer.resize(GULP, 0);
        let mut count = 0;
        while count == 0 {
            match self.inner.read(&mut self.buffer) {
                Ok(0) => break,
                Ok(some) => count = some,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.buffer.truncate(count);
        Ok(count > 0)
    }

    pub fn byte(&mut self) -> Result<u8, Damage> {
        if self.next == self.buffer.len() && !self.fill()? {
            return Err(Damage::Short(self.at()));
        }
        let byte = self.buffer[self.next];
        self.next += 1;
        Ok(byte)
    }

    pub fn take<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Damage> {
        let mut taken = [0; COUNT];
        for byte in &mut taken {
            *byte = self.byte()?;
        }
        Ok(taken)
    }

    pub fn skip(&mut self, mut count: u64) -> Result<(), Damage> {
        while count > 0 {
            if self.next == self.buffer.len() && !self.fill()? {
                return Err(Damage::Short(self.at()));
            }
            let here = self.buffer.len() - self.next;
            let step = usize::try_from(count).unwrap_or(usize::MAX).min(here);
            self.next += step;
            count -= step as u64;
        }
        Ok(())
    }

    fn bytes(&mut self, count: u64) -> Result<Vec<u8>, Damage> {
        let mut bytes = Vec::new();
        let mut rest = count;
        while rest > 0 {
            if self.next == self.buffer.len() && !self.fill()? {
                return Err(Damage::Short(self.at()));
            }
            let here = &self.buffer[self.next..];
            let step = usize::try_from(rest).unwrap_or(usize::MAX).min(here.len());
            bytes.extend_from_slice(&here[..step]);
            self.next += step;
            rest -= step as u64;
        }
        Ok(bytes)
    }

    fn length(&mut self) -> Result<Length, Damage> {
        let at = self.at();
        let first = self.byte()?;
        Ok(match (first >> 6, first) {
            (0, _) => Length::Plain(u64::from(first & 0x3F)),
            (1, _) => Length::Plain((u64::from(first & 0x3F) << 8) | u64::from(self.byte()?)),
            (_, 0x80) => Length::Plain(u64::from(u32::from_be_bytes(self.take()?))),
            (_, 0x81) => Length::Plain(u64::from_be_bytes(self.take()?)),
            (3, _) => Length::Special(first & 0x3F),
            _ => return Err(Damage::Strange { at, what: "a length in no known form" }),
        })
    }

    /// A length that must be one.
    pub fn count(&mut self) -> Result<u64, Damage> {
        let at = self.at();
        match self.length()? {
            Length::Plain(count) => Ok(count),
            Length::Special(_) => Err(Damage::Strange { at, what: "a length that is none" }),
        }
    }

    /// So many of them.
    pub fn counts(&mut self, how_many: usize) -> Result<(), Damage> {
        for _ in 0..how_many {
            self.count()?;
        }
        Ok(())
    }

    /// A text, whatever it is.
    pub fn string(&mut self) -> Result<(), Damage> {
        let at = self.at();
        match self.length()? {
            Length::Plain(count) => self.skip(count),
            Length::Special(0) => self.skip(1),
            Length::Special(1) => self.skip(2),
            Length::Special(2) => self.skip(4),
            Length::Special(3) => self.packed(at),
            Length::Special(_) => Err(Damage::Strange { at, what: "a text in no known form" }),
        }
    }

    fn packed(&mut self, at: u64) -> Result<(), Damage> {
        let (Length::Plain(packed), Length::Plain(unpacked)) = (self.length()?, self.length()?) else {
            return Err(Damage::Strange { at, what: "a compressed text without a length" });
        };
        if packed > LONGEST_PACKED {
            return self.skip(packed);
        }
        if unpacks(&self.bytes(packed)?, unpacked) {
            Ok(())
        } else {
            Err(Damage::Strange { at, what: "a compressed text that does not unpack" })
        }
    }

    /// A short text in plain letters.
    pub fn word(&mut self, longest: u64) -> Result<String, Damage> {
        let at = self.at();
        Ok(match self.length()? {
            Length::Plain(count) if count <= longest => String::from_utf8_lossy(&self.bytes(count)?).into_owned(),
            Length::Special(0) => i8::from_le_bytes(self.take()?).to_string(),
            Length::Special(1) => i16::from_le_bytes(self.take()?).to_string(),
            Length::Special(2) => i32::from_le_bytes(self.take()?).to_string(),
            Length::Special(3) => {
                self.packed(at)?;
                String::new()
            }
            _ => return Err(Damage::Strange { at, what: "a name that is none" }),
        })
    }

    /// The checksum of everything that was read.
    pub fn sum(&self) -> u64 {
        let mut digest = self.digest;
        digest.update(&self.buffer[..self.next]);
        digest.finalize()
    }

    /// What was not read yet.
    pub fn rest(self) -> impl Read {
        let Source { inner, mut buffer, next, .. } = self;
        buffer.drain(..next);
        io::Cursor::new(buffer).chain(inner)
    }

    /// There must be nothing more.
    pub fn ends(&mut self) -> Result<(), Damage> {
        let at = self.at();
        match self.byte() {
            Err(Damage::Short(_)) => Ok(()),
            Err(other) => Err(other),
            Ok(_) => Err(Damage::Long(at)),
        }
    }
}
