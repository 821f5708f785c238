//! A connection that lets in only what the library can read: it calls itself for every list within a list, and a
//! server that opens one after the other would take our stack; and it waits for as much as a server announces.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::systems::wire::Allowance;

/// Nothing that is asked for has lists within lists within lists.
const DEEPEST: usize = 8;
/// No number of the protocol takes more letters.
const LONGEST_NUMBER: usize = 32;

/// A connection to a server of Redis's protocol.
pub struct Shallow<S> {
    inner: S,
    outline: Outline,
}

impl<S> Shallow<S> {
    /// Lets in through `inner` what is not too deep, and announces no more than `allowance` allows.
    pub fn new(inner: S, allowance: Allowance) -> Shallow<S> {
        Shallow { inner, outline: Outline { allowance, at: At::Kind, open: Vec::new() } }
    }
}

/// How far the answers have come, of which only the outline is looked at.
struct Outline {
    allowance: Allowance,
    at: At,
    /// How many values each list that has begun still lacks.
    open: Vec<usize>,
}

enum At {
    /// Before the letter that says what comes.
    Kind,
    /// In the rest of that line, which is kept where it is a number.
    Line { kind: u8, text: Vec<u8>, last: u8 },
    /// Before so many bytes that mean nothing here.
    Bytes(usize),
    /// Behind something that the library refuses: it reads no further.
    Lost,
}

impl Outline {
    fn follow(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some((byte, rest)) = bytes.split_first() {
            bytes = rest;
            match &mut self.at {
                At::Lost => return Ok(()),
                At::Kind if b"+-:$*_,#!=(%~>|".contains(byte) => {
                    self.at = At::Line { kind: *byte, text: Vec::new(), last: 0 };
                }
                At::Kind => self.at = At::Lost,
                At::Line { kind, text, last: b'\r' } if *byte == b'\n' => {
                    let (kind, text) = (*kind, std::mem::take(text));
                    self.line(kind, &text)?;
                }
                At::Line { kind, text, last } => {
                    if b":$*!=%~>|".contains(kind) {
                        text.push(*byte);
                    }
                    if text.len() > LONGEST_NUMBER {
                        return Err(invalid("it sends a number that has no end"));
                    }
                    *last = *byte;
                }
                At::Bytes(left) => {
                    let skipped = rest.len().min(*left - 1);
                    bytes = &rest[skipped..];
                    *left -= skipped + 1;
                    if *left == 0 {
                        self.value_ends();
                    }
                }
            }
        }
        Ok(())
    }

    /// A line has ended.
    fn line(&mut self, kind: u8, text: &[u8]) -> io::Result<()> {
        if text.is_empty() {
            self.value_ends();
            return Ok(());
        }
        let Some(number) = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse::<i64>().ok()) else {
            self.at = At::Lost;
            return Ok(());
        };
        match kind {
            b'$' if number >= 0 => self.at = At::Bytes(self.size(number)? + b"\r\n".len()),
            b'!' | b'=' => self.at = At::Bytes(self.size(number)? + b"\r\n".len()),
            b'*' | b'~' | b'>' if number > 0 => self.list(self.size(number)?)?,
            b'%' if number != 0 => self.list(self.size(number)? * 2)?,
            b'|' => self.list(self.size(number)? * 2 + 1)?,
            _ => self.value_ends(),
        }
        Ok(())
    }

    /// What is announced; the library would take a negative number for a very large one.
    fn size(&self, number: i64) -> io::Result<usize> {
        let size = usize::try_from(number).ok().filter(|size| self.allowance.allows(*size));
        size.ok_or_else(|| invalid(&self.allowance.complaint()))
    }

    fn list(&mut self, count: usize) -> io::Result<()> {
        if self.open.len() == DEEPEST {
            return Err(invalid("it sends lists within lists without end"));
        }
        self.open.push(count);
        self.at = At::Kind;
        Ok(())
    }

    /// A value has ended, and with it every list whose last one it is.
    fn value_ends(&mut self) {
        self.at = At::Kind;
        while let Some(left) = self.open.last_mut() {
            *left -= 1;
            if *left > 0 {
                return;
            }
            self.open.pop();
        }
    }
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

impl<S: AsyncRead + Unpin> AsyncRead for Shallow<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        Poll::Ready(self.outline.follow(&buffer.filled()[before..]))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Shallow<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn outline() -> Outline {
        Outline { allowance: Allowance::new(1_000), at: At::Kind, open: Vec::new() }
    }

    fn refused(answer: &[u8]) -> Option<String> {
        outline().follow(answer).err().map(|error| error.to_string())
    }

    #[test]
    fn what_is_too_deep_or_too_large_is_refused_before_it_comes() {
        for opening in ["*1\r\n", "~1\r\n", ">2\r\n+x\r\n", "%1\r\n+x\r\n", "|1\r\n", "*2\r\n*0\r\n"] {
            assert_eq!(refused(opening.repeat(DEEPEST).as_bytes()), None, "{opening:?}");
            let deeper = refused(opening.repeat(DEEPEST + 1).as_bytes());
            assert_eq!(deeper.as_deref(), Some("it sends lists within lists without end"), "{opening:?}");
        }
        for announcement in ["$1001\r\n", "*1001\r\n", "!-1\r\n", "=9223372036854775807\r\n", "%-1\r\n", "|501000\r\n"]
        {
            let larger = refused(announcement.as_bytes());
            assert_eq!(larger.as_deref(), Some("it sends more than 1.00KB for one answer"), "{announcement:?}");
        }
        let endless = format!("*{}", "1".repeat(50));
        assert_eq!(refused(endless.as_bytes()).as_deref(), Some("it sends a number that has no end"));
    }

    fn answers() -> impl Strategy<Value = Vec<u8>> {
        let leaf = prop_oneof![
            "[a-z\r]{0,9}".prop_map(|text| format!("+{text}\r\n").into_bytes()),
            "[a-z\r\n*$]{0,9}".prop_map(|text| format!("${}\r\n{text}\r\n", text.len()).into_bytes()),
            "[a-z]{0,9}".prop_map(|text| format!("={}\r\ntxt:{text}\r\n", text.len() + 4).into_bytes()),
            any::<i64>().prop_map(|number| format!(":{number}\r\n").into_bytes()),
            Just(b"$-1\r\n".to_vec()),
            Just(b"*-1\r\n".to_vec()),
            Just(b"%0\r\n".to_vec()),
            Just(b"_\r\n".to_vec()),
            Just(b"-ERR no\r\n".to_vec()),
            Just(b"#t\r\n".to_vec()),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            let list = |kind, values: &[Vec<u8>]| {
                [format!("{kind}{}\r\n", values.len()).into_bytes(), values.concat()].concat()
            };
            prop_oneof![
                vec(inner.clone(), 0..5).prop_map(move |values| list('*', &values)),
                vec(inner.clone(), 0..5).prop_map(move |values| list('~', &values)),
                (inner.clone(), inner).prop_map(|(name, value)| [b"%1\r\n".to_vec(), name, value].concat()),
            ]
        })
    }

    proptest! {
        /// Where the library sees the end of an answer, so does the outline, in whatever pieces it comes.
        #[test]
        fn the_outline_is_that_of_the_library(answers in vec(answers(), 1..4), piece in 1_usize..9) {
            let mut outline = outline();
            for answer in &answers {
                prop_assert!(redis::parse_redis_value(answer).is_ok(), "{:?}", String::from_utf8_lossy(answer));
                for piece in answer.chunks(piece) {
                    outline.follow(piece).unwrap();
                }
                prop_assert!(matches!(outline.at, At::Kind) && outline.open.is_empty(), "{:?}", String::from_utf8_lossy(answer));
            }
        }
    }
}
