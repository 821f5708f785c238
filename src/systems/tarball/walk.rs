//! Walking through an archive to its end: every member by its name and its size.

use std::io::{self, Read};

use super::header::BLOCK;
use crate::text::with_causes;

/// No name is longer, and no header that stands before a member.
const LONGEST: u64 = 1024 * 1024;

/// A member of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its path.
    pub path: Vec<u8>,
    /// How many bytes it has.
    pub size: u64,
    /// What it is, by the letter of the format: `0` a file, `5` a folder, `2` a link.
    pub kind: u8,
}

/// Calls for every member, to the mark of the end, and reads what follows it.
pub fn walk(archive: impl Read, mut each: impl FnMut(Member)) -> Result<(), String> {
    read(archive, |member, _| {
        each(member);
        Ok(())
    })
}

/// The same, and what is in every member; what is left unread of it is passed over.
pub fn read(
    mut archive: impl Read,
    mut each: impl FnMut(Member, &mut dyn Read) -> Result<(), String>,
) -> Result<(), String> {
    let (mut path, mut size) = (None, None);
    loop {
        let mut header = [0; BLOCK];
        archive.read_exact(&mut header).map_err(|error| broken(&error))?;
        if header == [0; BLOCK] {
            break;
        }
        let stated = number(&header[124..136]).filter(|_| is_summed(&header));
        let stated = stated.ok_or("a header in it is damaged, or it is no archive")?;
        match header[156] {
            b'x' => {
                let records = text(&mut archive, stated)?;
                for (name, value) in records_of(&records) {
                    match name {
                        b"path" => path = Some(value.to_vec()),
                        b"size" => size = std::str::from_utf8(value).ok().and_then(|size| size.parse().ok()),
                        _ => {}
                    }
                }
            }
            b'L' => {
                let name = text(&mut archive, stated)?;
                path = Some(until_zero(&name).to_vec());
            }
            b'K' | b'g' => drop(text(&mut archive, stated)?),
            kind => {
                let size = size.take().unwrap_or(stated);
                let path = path.take().unwrap_or_else(|| name(&header));
                let mut contents = (&mut archive).take(size);
                each(Member { path, size, kind: if kind == 0 { b'0' } else { kind } }, &mut contents)?;
                let left = contents.limit();
                let over = size.checked_next_multiple_of(BLOCK as u64).ok_or("a file in it is larger than any")? - size;
                skip(&mut archive, left + over)?;
            }
        }
    }
    io::copy(&mut archive, &mut io::sink()).map(drop).map_err(|error| broken(&error))
}

fn broken(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends without the mark of its end".to_owned(),
        _ => format!("it cannot be read: {}", with_causes(error)),
    }
}

fn skip(archive: &mut impl Read, count: u64) -> Result<(), String> {
    let skipped = io::copy(&mut archive.take(count), &mut io::sink()).map_err(|error| broken(&error))?;
    if skipped == count { Ok(()) } else { Err("it ends in the middle of a file".to_owned()) }
}

fn text(archive: &mut impl Read, size: u64) -> Result<Vec<u8>, String> {
    if size > LONGEST {
        return Err("a header in it is longer than any".to_owned());
    }
    let mut text = Vec::new();
    archive.take(size).read_to_end(&mut text).map_err(|error| broken(&error))?;
    let over = size.next_multiple_of(BLOCK as u64) - size;
    let skipped = io::copy(&mut archive.take(over), &mut io::sink()).map_err(|error| broken(&error))?;
    if text.len() as u64 == size && skipped == over { Ok(text) } else { Err("it ends in a header".to_owned()) }
}

/// The records of a PAX header: a length, a name, a value.
fn records_of(mut text: &[u8]) -> Vec<(&[u8], &[u8])> {
    let mut records = Vec::new();
    while let Some(blank) = memchr::memchr(b' ', text) {
        let length = std::str::from_utf8(&text[..blank]).ok().and_then(|length| length.parse::<usize>().ok());
        let Some(record) = length.filter(|length| *length > blank + 1 && *length <= text.len()) else { break };
        let pair = &text[blank + 1..record - 1];
        if let Some(equals) = memchr::memchr(b'=', pair) {
            records.push((&pair[..equals], &pair[equals + 1..]));
        }
        text = &text[record..];
    }
    records
}

fn until_zero(text: &[u8]) -> &[u8] {
    memchr::memchr(0, text).map_or(text, |end| &text[..end])
}

fn name(header: &[u8; BLOCK]) -> Vec<u8> {
    let name = until_zero(&header[..100]);
    let prefix = until_zero(&header[345..500]);
    // GNU writes times where ustar has the beginning of a long path.
    if prefix.is_empty() || &header[257..263] != b"ustar\0" { name.to_vec() } else { [prefix, b"/", name].concat() }
}

fn is_summed(header: &[u8; BLOCK]) -> bool {
    let sum = header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) });
    number(&header[148..156]) == Some(sum.sum())
}

/// In octal letters, or in binary where those do not suffice.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let bytes = field.get(field.len().checked_sub(8)?..)?;
        return Some(u64::from_be_bytes(bytes.try_into().ok()?));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::systems::tarball::Pack;

    fn walked(archive: &[u8]) -> Result<Vec<Member>, String> {
        let mut members = Vec::new();
        walk(archive, |member| members.push(member)).map(|()| members)
    }

    #[test]
    fn what_is_cut_off_is_found() {
        let mut pack = Pack::new(Vec::new());
        pack.bytes(b"a", &[1; 700], 0o644, 7).unwrap();
        pack.bytes(&[b'n'; 300], b"x", 0o644, 7).unwrap();
        let whole = pack.end().unwrap();
        assert_eq!(walked(&whole).unwrap().len(), 2);
        for at in [0, 100, 512, 800, 1536, 2000, 3000, whole.len() - 1024] {
            assert!(walked(&whole[..at]).is_err(), "cut off at {at}");
        }
    }

    proptest! {
        #[test]
        fn every_name_survives(name in proptest::collection::vec(1_u8..=255, 1..400), size in 0_usize..2000) {
            let mut pack = Pack::new(Vec::new());
            pack.bytes(&name, &vec![7; size], 0o600, -5).unwrap();
            let members = walked(&pack.end().unwrap()).unwrap();
            prop_assert_eq!(members, [Member { path: name, size: size as u64, kind: b'0' }]);
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let _ = walked(&bytes);
        }
    }
}
