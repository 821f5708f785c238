//! What of a broker's bytes reaches the library: it calls itself for every table within a table, and keeps as much as
//! a frame announces. So each frame is read whole here first, and only one that a login has need of goes on.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::text::Size;

/// The largest frame of either side: what `RabbitMQ` agrees to by itself.
pub const LARGEST: u32 = 128 * 1024;
/// What a broker tells of itself has tables within a table, and no more.
const DEEPEST: usize = 32;

const METHOD: u8 = 1;
const HEARTBEAT: u8 = 8;
const END: u8 = 0xCE;
/// Behind the numbers of the method and of the protocol's version.
const TABLE_OF_START: usize = 6;

/// Passes on what the broker sends until it hangs up, as long as it sends only what a login has need of.
pub async fn pass(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin) -> io::Result<()> {
    loop {
        let mut frame = Vec::new();
        if !more(&mut from, 1, &mut frame).await? {
            return Ok(());
        }
        match frame[0] {
            // Its version, and then it hangs up.
            b'A' => {
                more(&mut from, 7, &mut frame).await?;
                return to.write_all(&frame).await;
            }
            METHOD | HEARTBEAT => {}
            2 | 3 => return Err(invalid("it sends messages that nobody asked for")),
            _ => return Err(invalid("what it says is not AMQP")),
        }
        if !more(&mut from, 6, &mut frame).await? {
            return Ok(());
        }
        let size = u32::from_be_bytes([frame[3], frame[4], frame[5], frame[6]]);
        if size > LARGEST {
            let most = Size(u64::from(LARGEST)).approx();
            return Err(invalid(&format!("it sends a frame of more than {most}")));
        }
        if !more(&mut from, u64::from(size) + 1, &mut frame).await? {
            return Ok(());
        }
        if frame.pop() != Some(END) {
            return Err(invalid("it sends a frame that does not end where it says"));
        }
        if frame[0] == METHOD {
            method(&frame[7..])?;
        }
        frame.push(END);
        to.write_all(&frame).await?;
    }
}

/// So many bytes more; `false` where the broker hung up before.
async fn more(from: &mut (impl AsyncRead + Unpin), count: u64, frame: &mut Vec<u8>) -> io::Result<bool> {
    let read = from.take(count).read_to_end(frame).await?;
    Ok(read as u64 == count)
}

fn method(payload: &[u8]) -> io::Result<()> {
    let number = |at: usize| payload.get(at..at + 2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    match (number(0), number(2)) {
        (Some(10), Some(10)) => table(payload.get(TABLE_OF_START..).unwrap_or_default()),
        (Some(10), Some(20 | 30 | 41 | 50 | 51 | 60 | 61)) | (Some(20), Some(11 | 20 | 21 | 40 | 41)) => Ok(()),
        _ => Err(invalid("it does what nobody asked for")),
    }
}

/// Follows the table at the beginning of some bytes. Never calls itself.
fn table(bytes: &[u8]) -> io::Result<()> {
    let mut rest = Fields(bytes);
    let mut open = vec![(Fields(rest.long()?), true)];
    while let Some((fields, is_table)) = open.last_mut() {
        if fields.0.is_empty() {
            open.pop();
            continue;
        }
        if *is_table {
            let name = fields.take(1)?[0];
            fields.take(name.into())?;
        }
        let kind = fields.take(1)?[0];
        match kind {
            b't' | b'b' | b'B' => fields.take(1)?,
            b's' | b'U' | b'u' => fields.take(2)?,
            b'I' | b'i' | b'f' => fields.take(4)?,
            b'D' => fields.take(5)?,
            b'L' | b'l' | b'd' | b'T' => fields.take(8)?,
            b'S' | b'x' => fields.long()?,
            b'V' => continue,
            b'A' | b'F' => {
                let inner = fields.long()?;
                if open.len() == DEEPEST {
                    return Err(invalid("it sends tables within tables without end"));
                }
                open.push((Fields(inner), kind == b'F'));
                continue;
            }
            _ => return Err(unreadable()),
        };
    }
    Ok(())
}

/// What is left of a table or a list.
struct Fields<'b>(&'b [u8]);

impl<'b> Fields<'b> {
    fn take(&mut self, count: usize) -> io::Result<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(unreadable)?;
        self.0 = rest;
        Ok(taken)
    }

    /// What says itself how long it is.
    fn long(&mut self) -> io::Result<&'b [u8]> {
        let size = self.take(4)?;
        self.take(u32::from_be_bytes([size[0], size[1], size[2], size[3]]) as usize)
    }
}

fn unreadable() -> io::Error {
    invalid("it sends a table that cannot be read")
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let size = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind, 0, 0], &size[..], payload, &[END]].concat()
    }

    fn long(bytes: &[u8]) -> Vec<u8> {
        [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
    }

    /// `connection.start` with tables, or lists, so many levels below its own one.
    fn start(levels: usize, kind: u8) -> Vec<u8> {
        let mut inner = Vec::new();
        for level in 0..levels {
            let name: &[u8] = if kind == b'F' || level + 1 == levels { b"\x01a" } else { b"" };
            inner = [name, &[kind], &long(&inner)].concat();
        }
        let payload = [&[0, 10, 0, 10, 0, 9], &long(&inner)[..], &long(b"PLAIN"), &long(b"en_US")].concat();
        frame(METHOD, &payload)
    }

    async fn passed(bytes: &[u8]) -> (Vec<u8>, Option<String>) {
        let mut out = Vec::new();
        let refused = pass(bytes, &mut out).await.err().map(|error| error.to_string());
        (out, refused)
    }

    #[tokio::test]
    async fn tables_within_tables_without_end_do_not_reach_the_library() {
        for kind in [b'F', b'A'] {
            let fits = start(DEEPEST - 1, kind);
            assert_eq!(passed(&fits).await, (fits, None));
            for levels in [DEEPEST, 400, 18_000] {
                let (out, refused) = passed(&start(levels, kind)).await;
                assert_eq!(refused.as_deref(), Some("it sends tables within tables without end"), "{levels}");
                assert_eq!(out, b"");
            }
        }
        let (out, refused) = passed(&start(20_000, b'F')).await;
        assert_eq!((out, refused.as_deref()), (Vec::new(), Some("it sends a frame of more than 131KB")));
    }

    #[tokio::test]
    async fn what_no_login_has_need_of_is_refused() {
        let header = frame(2, &[0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0]);
        let declare = frame(METHOD, &[0, 50, 0, 10, 0, 0, 1, b'q', 0, 0, 0, 0, 0]);
        let mut endless = frame(HEARTBEAT, b"");
        *endless.last_mut().unwrap() = 0;
        let cut = frame(METHOD, &[0, 10, 0, 10, 0, 9, 0, 0, 0, 200, 1]);
        for (bytes, why) in [
            (&header[..], "it sends messages that nobody asked for"),
            (&declare, "it does what nobody asked for"),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", "what it says is not AMQP"),
            (&[METHOD, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], "it sends a frame of more than 131KB"),
            (&endless, "it sends a frame that does not end where it says"),
            (&cut, "it sends a table that cannot be read"),
        ] {
            assert_eq!(passed(bytes).await, (Vec::new(), Some(why.to_owned())));
        }
        let tune = [frame(METHOD, &[0, 10, 0, 30, 0, 0, 0, 2, 0, 0, 0, 9]), frame(HEARTBEAT, b"")].concat();
        assert_eq!(passed(&tune).await, (tune, None));
        assert_eq!(passed(b"AMQP\x00\x01\x00\x00rest").await, (b"AMQP\x00\x01\x00\x00".to_vec(), None));
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in vec(any::<u8>(), 0..200)) {
            let _ = table(&bytes);
            let _ = method(&bytes);
        }
    }
}
