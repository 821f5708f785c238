//! One event, one line, and how its hash is sealed into it.
//!
//! The hash is that of the line's bytes up to `,"hash":"`, so that every byte counts and any host can
//! check it: `sed 's/,"hash":"[0-9a-f]*"}$//' | tr -d '\n' | sha256sum` for one line.

use std::fmt;

use super::{Digest, Event};

const HEAD: &[u8] = b"{\"writer\":\"";
const MARK: &[u8] = b",\"hash\":\"";
const SEAL: usize = MARK.len() + 64 + 2;

/// Why a line is no event as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LineFault {
    /// It cannot be read as an event at all.
    Unreadable(String),
    /// It can be read, and its content does not have its hash.
    Altered,
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineFault::Unreadable(why) => write!(f, "the line cannot be read as an event ({why})"),
            LineFault::Altered => f.write_str("the line does not have the hash that it states: it was altered"),
        }
    }
}

/// Seals the JSON object that begins at `start` and ends the buffer, its brace still open, and ends the line.
pub(super) fn seal(buffer: &mut Vec<u8>, start: usize) -> Digest {
    let digest = Digest::of(&buffer[start..]);
    buffer.extend_from_slice(MARK);
    buffer.extend_from_slice(&digest.hex());
    buffer.extend_from_slice(b"\"}\n");
    digest
}

/// The event on a line (without its end), its hash not yet checked.
pub(super) fn read(line: &[u8]) -> Result<Event<'_>, LineFault> {
    let unreadable = |why: &dyn fmt::Display| {
        let zeros = memchr::memchr_iter(0, line).count();
        let why =
            if zeros > 0 { format!("{zeros} of its bytes are zeros: the disk lost them") } else { why.to_string() };
        LineFault::Unreadable(why)
    };
    let text = std::str::from_utf8(line).map_err(|_| unreadable(&"it is not UTF-8"))?;
    let mut event: Event<'_> = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    event.line = text;
    Ok(event)
}

/// The event on a line, if the line is exactly what was written.
pub(super) fn read_checked(line: &[u8]) -> Result<Event<'_>, LineFault> {
    let event = read(line)?;
    let content = stated(line).ok_or(LineFault::Altered)?.0;
    if Digest::of(content).is(event.hash) { Ok(event) } else { Err(LineFault::Altered) }
}

/// The sealed content of a line and the hash it states.
pub(super) fn stated(line: &[u8]) -> Option<(&[u8], Digest)> {
    let (content, seal) = line.split_at_checked(line.len().checked_sub(SEAL)?)?;
    let digits = seal.strip_prefix(MARK)?.strip_suffix(b"\"}")?;
    Some((content, std::str::from_utf8(digits).ok()?.parse().ok()?))
}

/// How a line with this hash ends.
pub(super) fn end(hash: &Digest) -> Vec<u8> {
    [MARK, &hash.hex(), b"\"}\n"].concat()
}

/// Whether it has the form of a line, wholly or but for one of its ends.
pub(super) fn resembles(line: &[u8]) -> bool {
    stated(line).is_some() || (line.len() > SEAL && line.starts_with(HEAD))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Vec<u8> {
        let mut line = br#"{"writer":"h-00000000","seq":1,"prev":"00","at":"2024-11-18T11:00:00Z","boot":1,"boot_id":"b","actor":{"uid":0},"kind":"a.b","future":[1,{"x":2}],"body":{"n":7}"#.to_vec();
        seal(&mut line, 0);
        assert_eq!(line.pop(), Some(b'\n'));
        line
    }

    #[test]
    fn a_sealed_line_is_read_with_what_newer_versions_add() {
        let line = line();
        let event = read_checked(&line).unwrap();
        assert_eq!((event.seq, event.kind, event.hash.len()), (1, "a.b", 64));
        assert_eq!(event.body::<serde_json::Value>().unwrap()["n"], 7);
        let (content, stated) = stated(&line).unwrap();
        assert_eq!(Digest::of(content), stated);
    }

    #[test]
    fn every_flipped_bit_is_recognised() {
        let line = line();
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut flipped = line.clone();
                flipped[at] ^= 1 << bit;
                assert!(read_checked(&flipped).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn no_shorter_line_passes() {
        let line = line();
        for end in 0..line.len() {
            assert!(read_checked(&line[..end]).is_err(), "{end}");
        }
    }
}
