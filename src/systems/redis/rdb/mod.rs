//! A snapshot of Redis (an RDB file), read from its first byte to its checksum: whether it is whole, and what it holds.
//!
//! A server that is given a damaged one ends, with its data gone; so it is read here before.

mod damage;
mod lzf;
mod source;
mod value;

use std::collections::BTreeMap;
use std::io::Read;

pub use damage::Damage;
use source::Source;

/// The newest format that is known here: Redis 7.4.
const NEWEST: u16 = 12;
/// From this format on there is a checksum at the end.
const SUMMED: u16 = 5;
/// No name or value of what a snapshot says of itself is longer.
const LONGEST_WORD: u64 = 64 * 1024;

/// What a snapshot holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Its format.
    pub version: u16,
    /// What it says of itself: the version of its server, when it was made, how much memory was used.
    pub about: BTreeMap<String, String>,
    /// Each database with its keys, and how many of them expire.
    pub databases: BTreeMap<u64, Keys>,
    /// How many libraries of functions there are.
    pub functions: u64,
    /// How many bytes it has.
    pub bytes: u64,
    /// Whether it has a checksum; a server can be told to write none.
    pub is_summed: bool,
}

/// The keys of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// All of them.
    pub all: u64,
    /// Those that expire.
    pub expiring: u64,
}

impl Contents {
    /// The keys of all databases.
    pub fn keys(&self) -> u64 {
        self.databases.values().map(|keys| keys.all).sum()
    }
}

/// Reads a snapshot to its end.
pub fn read(snapshot: impl Read) -> Result<Contents, Damage> {
    let mut source = Source::new(snapshot);
    let contents = through(&mut source)?;
    source.ends()?;
    Ok(contents)
}

/// Reads a snapshot that something follows, and gives that too: an append-only file may begin with one.
pub fn read_before<R: Read>(snapshot: R) -> Result<(Contents, impl Read), Damage> {
    let mut source = Source::new(snapshot);
    let contents = through(&mut source)?;
    Ok((contents, source.rest()))
}

fn through(source: &mut Source<impl Read>) -> Result<Contents, Damage> {
    let mut contents = Contents { version: header(source)?, ..Contents::default() };
    let (mut database, mut expires) = (0, false);
    loop {
        let at = source.at();
        match source.byte()? {
            0xFF => break,
            0xFE => database = source.count()?,
            0xFD => {
                source.skip(4)?;
                expires = true;
            }
            0xFC => {
                source.skip(8)?;
                expires = true;
            }
            // When it was used last, and how often.
            0xF8 => {
                source.count()?;
            }
            0xF9 => source.skip(1)?,
            0xFA => {
                let name = source.word(LONGEST_WORD)?;
                contents.about.insert(name, source.word(LONGEST_WORD)?);
            }
            // How many keys are to come.
            0xFB => source.counts(2)?,
            0xF4 => source.counts(3)?,
            0xF5 => {
                source.string()?;
                contents.functions += 1;
            }
            0xF7 => value::module_aside(source)?,
            kind => {
                source.string()?;
                value::skip(source, kind, at)?;
                let keys: &mut Keys = contents.databases.entry(database).or_default();
                keys.all += 1;
                keys.expiring += u64::from(std::mem::take(&mut expires));
            }
        }
    }
    contents.is_summed = contents.version >= SUMMED && sum(source)?;
    contents.bytes = source.at();
    Ok(contents)
}

fn header(source: &mut Source<impl Read>) -> Result<u16, Damage> {
    let magic = source.take::<9>().map_err(|damage| match damage {
        Damage::Short(_) => Damage::NotASnapshot,
        other => other,
    })?;
    let digits = magic.strip_prefix(b"REDIS").filter(|digits| digits.iter().all(u8::is_ascii_digit));
    let version = digits.ok_or(Damage::NotASnapshot)?.iter().fold(0, |all, digit| all * 10 + u16::from(digit - b'0'));
    if version == 0 || version > NEWEST { Err(Damage::TooNew(version)) } else { Ok(version) }
}

/// Whether there is a checksum, and it is right.
fn sum(source: &mut Source<impl Read>) -> Result<bool, Damage> {
    let computed = source.sum();
    let stored = u64::from_le_bytes(source.take::<8>()?);
    match stored {
        0 => Ok(false),
        stored if stored == computed => Ok(true),
        _ => Err(Damage::Checksum),
    }
}

#[cfg(test)]
mod tests;
