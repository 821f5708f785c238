//! An append-only file as an archive of what makes it up, read as a server would load it: the files that its manifest
//! names, each to its end.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use super::rdb;
use super::take::Manifest;
use crate::systems::tarball::{self, Member};
use crate::text::{Shape, untrusted, with_causes};

/// The largest manifest.
const LARGEST: u64 = 1024 * 1024;
/// The longest line between the texts of a command.
const LONGEST_LINE: u64 = 64 * 1024;
/// No text of a command is longer.
const LONGEST_TEXT: u64 = 4 << 30;
/// Read at once.
const AT_ONCE: usize = 128 * 1024;

/// What an append-only file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appended {
    /// Its files, without the manifest.
    pub files: u64,
    /// The keys of the snapshots in it.
    pub keys: u64,
    /// The commands that follow them.
    pub commands: u64,
    /// Whether the last command is cut off: a server drops it when it loads the file.
    pub is_cut: bool,
}

/// Reads an archive to its end. Every file that the manifest names must be in it and whole; what the manifest does not
/// name, no server loads.
pub fn read(archive: impl Read) -> Result<Appended, String> {
    let (mut parts, mut manifest) = (BTreeMap::new(), None);
    tarball::read(archive, |member, contents| {
        let path = String::from_utf8_lossy(&member.path).trim_start_matches("./").to_owned();
        if path.ends_with(".manifest") {
            manifest = Some((path, list(&member, contents)?));
        } else if member.kind == b'0' {
            parts.insert(path, part(contents));
        }
        Ok(())
    })?;
    let names: Vec<String> = match &manifest {
        Some((path, manifest)) => {
            let above = path.rsplit_once('/').map_or(String::new(), |(above, _)| format!("{above}/"));
            manifest.files.iter().map(|file| format!("{above}{file}")).collect()
        }
        // A server before version 7 has one file and no manifest.
        None if parts.len() == 1 && !parts.keys().any(|path| is_of_many(path)) => parts.keys().cloned().collect(),
        None => return Err("its manifest is missing in it, without which a server starts empty".to_owned()),
    };
    add_up(&names, &parts)
}

fn is_of_many(path: &str) -> bool {
    [".base.", ".incr."].iter().any(|mark| path.contains(mark))
}

fn list(member: &Member, contents: &mut dyn Read) -> Result<Manifest, String> {
    if member.size > LARGEST {
        return Err("its manifest is too large for what it is".to_owned());
    }
    let mut text = Vec::new();
    contents.read_to_end(&mut text).map_err(|error| with_causes(&error))?;
    if text.len() as u64 == member.size { Manifest::of(&text) } else { Err("it ends in its manifest".to_owned()) }
}

fn add_up(names: &[String], parts: &BTreeMap<String, Result<Appended, String>>) -> Result<Appended, String> {
    let mut all = Appended { files: names.len() as u64, ..Appended::default() };
    for (at, name) in names.iter().enumerate() {
        let shown = untrusted(name, Shape::line(120));
        let found = parts.get(name).ok_or_else(|| format!("{shown} is missing in it"))?;
        let found = found.as_ref().map_err(|why| format!("{shown}: {why}"))?;
        // A server takes a command that is cut off for the end of the last file only.
        if found.is_cut && at + 1 < names.len() {
            return Err(format!("{shown} ends in the middle of a command"));
        }
        all.keys += found.keys;
        all.commands += found.commands;
        all.is_cut |= found.is_cut;
    }
    Ok(all)
}

/// One file: a snapshot, commands, or a snapshot with commands behind it.
fn part(contents: &mut dyn Read) -> Result<Appended, String> {
    let mut contents = BufReader::with_capacity(AT_ONCE, contents);
    let first = contents.fill_buf().map_err(|error| with_causes(&error))?.first().copied();
    if first != Some(b'R') {
        return commands(contents);
    }
    let (snapshot, rest) = rdb::read_before(contents).map_err(|damage| damage.to_string())?;
    let found = commands(BufReader::with_capacity(AT_ONCE, rest))?;
    Ok(Appended { keys: snapshot.keys(), ..found })
}

/// Commands in the protocol of Redis, to their end.
fn commands(mut from: impl BufRead) -> Result<Appended, String> {
    let mut found = Appended::default();
    loop {
        match command(&mut from) {
            Ok(Some(count)) => found.commands += count,
            Ok(None) => return Ok(found),
            Err(Stop::Short) => return Ok(Appended { is_cut: true, ..found }),
            Err(Stop::Strange) => {
                return Err(format!("behind command {} there is none of Redis", found.commands));
            }
            Err(Stop::Broken(error)) => return Err(format!("it cannot be read: {}", with_causes(&error))),
        }
    }
}

enum Stop {
    /// It ends in the middle.
    Short,
    /// It is no command.
    Strange,
    Broken(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Stop {
        Stop::Broken(error)
    }
}

/// Reads past one command, or past a remark, which is none; nothing at the end.
fn command(from: &mut impl BufRead) -> Result<Option<u64>, Stop> {
    let Some(head) = line(from)? else { return Ok(None) };
    if head.starts_with(b"#") {
        return Ok(Some(0));
    }
    let texts = number(&head, b'*').filter(|texts| *texts > 0).ok_or(Stop::Strange)?;
    for _ in 0..texts {
        let head = line(from)?.ok_or(Stop::Short)?;
        let length = number(&head, b'$').filter(|length| *length <= LONGEST_TEXT).ok_or(Stop::Strange)?;
        if io::copy(&mut from.take(length), &mut io::sink())? < length {
            return Err(Stop::Short);
        }
        let mut end = Vec::new();
        from.take(2).read_to_end(&mut end)?;
        match end.as_slice() {
            b"\r\n" => {}
            b"" | b"\r" => return Err(Stop::Short),
            _ => return Err(Stop::Strange),
        }
    }
    Ok(Some(1))
}

/// A line without its end; nothing where there is no more.
fn line(from: &mut impl BufRead) -> Result<Option<Vec<u8>>, Stop> {
    let mut line = Vec::new();
    from.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    match line.strip_suffix(b"\r\n") {
        Some(whole) => Ok(Some(whole.to_vec())),
        None if line.is_empty() => Ok(None),
        None if line.ends_with(b"\n") || line.len() as u64 == LONGEST_LINE => Err(Stop::Strange),
        None if matches!(line[0], b'*' | b'$' | b'#') => Err(Stop::Short),
        None => Err(Stop::Strange),
    }
}

fn number(line: &[u8], mark: u8) -> Option<u64> {
    let digits = line.strip_prefix(&[mark])?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
