//! An archive of files: every member to its last byte, and the mark of the end.

use std::io::{self, Read};

use super::{Look, many, unpacking};
use crate::text::Size;

const BLOCK: usize = 512;
/// No name of a file is longer.
const LONGEST_NAME: u64 = 64 * 1024;

pub(super) fn look_through(file: impl Read) -> Look {
    match walk(file) {
        Ok((0, _)) => Look::flawed("there is nothing in it"),
        Ok((members, bytes)) => Look::whole(format!("{}, {}", many(members, "file"), Size(bytes).approx())),
        Err(why) => Look::flawed(why),
    }
}

fn walk(file: impl Read) -> Result<(u64, u64), String> {
    let mut archive = Archive::new(file);
    let (mut members, mut bytes) = (0, 0);
    while let Some(entry) = archive.next()? {
        (members, bytes) = (members + 1, bytes + entry.size());
        entry.skip()?;
    }
    Ok((members, bytes))
}

/// An archive, read from its beginning to its end.
pub struct Archive<R> {
    file: R,
    /// What is left of the member before, with its padding.
    left: u64,
    is_over: bool,
}

/// A member of an archive.
pub struct Entry<'a, R> {
    archive: &'a mut Archive<R>,
    name: String,
    sort: u8,
    size: u64,
    left: u64,
}

impl<R: Read> Archive<R> {
    /// The archive in this file.
    pub fn new(file: R) -> Archive<R> {
        Archive { file, left: 0, is_over: false }
    }

    /// The next member; none at the end. What is behind that is read too: what packs an archive has its checksum there.
    pub fn next(&mut self) -> Result<Option<Entry<'_, R>>, String> {
        let (mut long_name, mut long_size) = (None, None);
        while !self.is_over {
            self.pass_by(self.left)?;
            let mut header = [0; BLOCK];
            match self.file.read_exact(&mut header) {
                Ok(()) if header == [0; BLOCK] => break,
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err("it ends without the mark of its end".to_owned());
                }
                Err(error) => return Err(unpacking(&error)),
            }
            let (true, Some(size)) = (is_summed(&header), number(&header[124..136])) else {
                return Err("a header in it is damaged, or it is no archive".to_owned());
            };
            let size = if matches!(header[156], b'x' | b'g' | b'L' | b'K') { size } else { long_size.unwrap_or(size) };
            self.left = size.div_ceil(BLOCK as u64) * BLOCK as u64;
            match header[156] {
                b'L' => long_name = Some(text(&self.remark(size)?)),
                b'x' => {
                    let remark = self.remark(size)?;
                    long_name = told(&remark, b"path").map(text).or(long_name);
                    long_size = told(&remark, b"size").and_then(|size| text(size).parse().ok()).or(long_size);
                }
                // Remarks for all, and where a link leads.
                b'g' | b'K' => {}
                sort => {
                    let name = long_name.unwrap_or_else(|| short_name(&header));
                    return Ok(Some(Entry { archive: self, name, sort, size, left: size }));
                }
            }
        }
        self.is_over = true;
        io::copy(&mut self.file, &mut io::sink()).map(|_| None).map_err(|error| unpacking(&error))
    }

    fn remark(&mut self, size: u64) -> Result<Vec<u8>, String> {
        if size > LONGEST_NAME {
            return Err("a name in it is longer than any can be".to_owned());
        }
        let mut bytes = Vec::new();
        let read = (&mut self.file).take(size).read_to_end(&mut bytes).map_err(|error| unpacking(&error))?;
        self.left -= read as u64;
        Ok(bytes)
    }

    fn pass_by(&mut self, count: u64) -> Result<(), String> {
        match io::copy(&mut (&mut self.file).take(count), &mut io::sink()) {
            Ok(passed) if passed == count => {
                self.left -= count;
                Ok(())
            }
            Ok(_) => Err("it ends in the middle of a file".to_owned()),
            Err(error) => Err(unpacking(&error)),
        }
    }
}

impl<R: Read> Entry<'_, R> {
    /// Its name in the archive.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether it is a file, and no folder or link.
    pub fn is_file(&self) -> bool {
        matches!(self.sort, b'0' | 0)
    }

    /// Goes to its end.
    pub fn skip(self) -> Result<(), String> {
        self.archive.pass_by(self.archive.left)
    }
}

impl<R: Read> Read for Entry<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let room = into.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if room == 0 {
            return Ok(0);
        }
        let count = self.archive.file.read(&mut into[..room])?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        self.archive.left -= count as u64;
        Ok(count)
    }
}

fn short_name(header: &[u8; BLOCK]) -> String {
    let until_nul = |field: &[u8]| text(field.split(|byte| *byte == 0).next().unwrap_or_default());
    let (name, above) = (until_nul(&header[..100]), until_nul(&header[345..500]));
    let is_posix = &header[257..262] == b"ustar" && header[262] == 0;
    if is_posix && !above.is_empty() { format!("{above}/{name}") } else { name }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}

/// What lines of the form `LENGTH KEY=VALUE` tell of a key.
fn told<'r>(mut remark: &'r [u8], key: &[u8]) -> Option<&'r [u8]> {
    loop {
        let space = remark.iter().position(|byte| *byte == b' ')?;
        let length: usize = std::str::from_utf8(&remark[..space]).ok()?.parse().ok()?;
        let line = remark.get(space + 1..length.checked_sub(1)?)?;
        let (known, value) = line.split_at(line.iter().position(|byte| *byte == b'=')?);
        if known == key {
            return value.get(1..);
        }
        remark = &remark[length..];
    }
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
