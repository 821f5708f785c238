//! What decides when a chain's next event has its turn among those of other chains. As little of the
//! line is read for it as will do: each line is read whole again when its turn has come.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem::{Finder, find};
use serde::Deserialize;

use super::Heads;

static SEEN: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"seen\":"));

/// Of the next event in a chain.
#[derive(Clone, Debug)]
pub(super) struct Next {
    pub(super) seq: u64,
    /// Where its wall time stands in the line.
    at: Range<usize>,
    pub(super) seen: Heads,
}

#[derive(Deserialize)]
struct Read<'a> {
    seq: u64,
    at: &'a str,
    #[serde(default)]
    seen: Heads,
}

impl Next {
    /// Of this line; nothing if it is no event.
    pub(super) fn of(line: &[u8]) -> Option<Next> {
        if SEEN.find(line).is_none()
            && let Some((seq, at)) = as_we_write_it(line)
        {
            return Some(Next { seq, at, seen: Heads::new() });
        }
        let read: Read<'_> = serde_json::from_slice(line).ok()?;
        let start = find(line, read.at.as_bytes())?;
        Some(Next { seq: read.seq, at: start..start + read.at.len(), seen: read.seen })
    }

    /// Its wall time, in the line that it was made of.
    pub(super) fn at<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        line.get(self.at.clone()).unwrap_or_default()
    }
}

/// The number and where the time stands, if the fields come in the order in which this version writes them.
fn as_we_write_it(line: &[u8]) -> Option<(u64, Range<usize>)> {
    let (_, rest) = until(b'"', line.strip_prefix(b"{\"writer\":\"")?)?;
    let (seq, rest) = until(b',', rest.strip_prefix(b"\",\"seq\":")?)?;
    let (_, rest) = until(b'"', rest.strip_prefix(b",\"prev\":\"")?)?;
    let rest = rest.strip_prefix(b"\",\"at\":\"")?;
    let start = line.len() - rest.len();
    let (at, _) = until(b'"', rest)?;
    Some((std::str::from_utf8(seq).ok()?.parse().ok()?, start..start + at.len()))
}

fn until(end: u8, text: &[u8]) -> Option<(&[u8], &[u8])> {
    text.split_at_checked(memchr::memchr(end, text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2024-11-18T11:00:00.000Z";

    #[test]
    fn lines_as_we_write_them_and_others_give_the_same() {
        let ours = format!(r#"{{"writer":"h-00000000","seq":17,"prev":"00","at":"{AT}","boot":1,"kind":"a.b"}}"#);
        let newer = format!(r#"{{"v":2,"writer":"h-00000000","at":"{AT}","prev":"00","seq":17,"kind":"a.b"}}"#);
        for line in [ours, newer] {
            let next = Next::of(line.as_bytes()).unwrap();
            assert_eq!((next.seq, next.at(line.as_bytes()), next.seen.len()), (17, AT.as_bytes(), 0), "{line}");
        }
        for line in ["", "{", "{}", r#"{"writer":"h-00000000","seq":17,"prev":"00","at":"#] {
            assert!(Next::of(line.as_bytes()).is_none(), "{line}");
        }
    }

    #[test]
    fn what_was_seen_is_read_wherever_it_stands() {
        let seen = format!(r#""seen":{{"h-00000001":{{"seq":3,"hash":"{}"}}}}"#, "0".repeat(64));
        let start = format!(r#"{{"writer":"h-00000000","seq":17,"prev":"00","at":"{AT}","#);
        for rest in [format!(r#"{seen},"kind":"a.b"}}"#), format!(r#""kind":"a.b","body":1, {seen}}}"#)] {
            assert_eq!(Next::of(format!("{start}{rest}").as_bytes()).unwrap().seen.len(), 1, "{rest}");
        }
    }
}
