//! An archive of files: every member to its last byte, and the mark of the end.

use std::io::{self, Read};

use super::{Look, many, unpacking};
use crate::text::Size;

const BLOCK: usize = 512;

pub(super) fn look_through(mut file: impl Read) -> Look {
    let (mut members, mut bytes) = (0_u64, 0_u64);
    loop {
        let mut header = [0; BLOCK];
        match file.read_exact(&mut header) {
            Ok(()) if header == [0; BLOCK] => break,
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Look::flawed("it ends without the mark of its end");
            }
            Err(error) => return Look::flawed(unpacking(&error)),
        }
        let (true, Some(size)) = (is_summed(&header), number(&header[124..136])) else {
            return Look::flawed("a header in it is damaged, or it is no archive");
        };
        // Long names and other remarks are members only in form.
        if !matches!(header[156], b'x' | b'g' | b'L' | b'K') {
            (members, bytes) = (members + 1, bytes + size);
        }
        let padded = size.div_ceil(BLOCK as u64) * BLOCK as u64;
        match io::copy(&mut (&mut file).take(padded), &mut io::sink()) {
            Ok(count) if count == padded => {}
            Ok(_) => return Look::flawed("it ends in the middle of a file"),
            Err(error) => return Look::flawed(unpacking(&error)),
        }
    }
    // What packs it has a checksum of its own at the end.
    if let Err(error) = io::copy(&mut file, &mut io::sink()) {
        return Look::flawed(unpacking(&error));
    }
    if members == 0 { Look::flawed("there is nothing in it") } else { Look::whole(told(members, bytes)) }
}

fn told(members: u64, bytes: u64) -> String {
    format!("{}, {}", many(members, "file"), Size(bytes).approx())
}

fn is_summed(header: &[u8; BLOCK]) -> bool {
    let sum = header.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) });
    number(&header[148..156]) == Some(sum.sum())
}

/// In octal letters, or in binary where those do not suffice.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let bytes = &field[field.len() - 8..];
        return Some(u64::from_be_bytes(bytes.try_into().ok()?));
    }
    let text = std::str::from_utf8(field).ok()?.trim_matches(['\0', ' ']);
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}
