//! The values of keys, each in the form that its type says.

use std::io::Read;

use super::{Damage, Source};

/// Reads past a value of a type, which was named at byte `at`.
pub fn skip(source: &mut Source<impl Read>, kind: u8, at: u64) -> Result<(), Damage> {
    match kind {
        // A text; and what is kept in one: small lists, sets, sorted sets and hashes.
        0 | 9..=13 | 16 | 17 | 20 => source.string(),
        // Lists and sets.
        1 | 2 | 14 => many(source, Source::string),
        // Sorted sets, with their scores in letters or in binary.
        3 => many(source, |source| source.string().and_then(|()| score(source))),
        5 => many(source, |source| source.string().and_then(|()| source.skip(8))),
        4 => many(source, pair),
        7 => {
            source.counts(1)?;
            module(source)
        }
        18 => many(source, |source| source.count().and_then(|_| source.string())),
        15 | 19 | 21 => stream(source, kind),
        // Hashes whose fields expire.
        24 => {
            source.skip(8)?;
            many(source, |source| source.count().and_then(|_| pair(source)))
        }
        25 => {
            source.skip(8)?;
            source.string()
        }
        _ => Err(Damage::Strange { at, what: "a value of no known type" }),
    }
}

/// So many of the same, as is written before them.
fn many<R: Read>(source: &mut Source<R>, one: impl Fn(&mut Source<R>) -> Result<(), Damage>) -> Result<(), Damage> {
    for _ in 0..source.count()? {
        one(source)?;
    }
    Ok(())
}

fn pair(source: &mut Source<impl Read>) -> Result<(), Damage> {
    source.string()?;
    source.string()
}

/// Infinite and undefined ones have no letters.
fn score(source: &mut Source<impl Read>) -> Result<(), Damage> {
    match source.byte()? {
        253..=255 => Ok(()),
        letters => source.skip(u64::from(letters)),
    }
}

/// What a module keeps beside the keys.
pub fn module_aside(source: &mut Source<impl Read>) -> Result<(), Damage> {
    source.counts(3)?;
    module(source)
}

/// What a module wrote, up to its mark of the end.
fn module(source: &mut Source<impl Read>) -> Result<(), Damage> {
    loop {
        let at = source.at();
        match source.count()? {
            0 => return Ok(()),
            1 | 2 => source.counts(1)?,
            3 => source.skip(4)?,
            4 => source.skip(8)?,
            5 => source.string()?,
            _ => return Err(Damage::Strange { at, what: "something of a module in no known form" }),
        }
    }
}

fn stream<R: Read>(source: &mut Source<R>, kind: u8) -> Result<(), Damage> {
    many(source, pair)?;
    // How many entries and the last one's name; later also the first one's, the last deleted and how many ever.
    source.counts(if kind >= 19 { 8 } else { 3 })?;
    many(source, |source| {
        source.string()?;
        source.counts(if kind >= 19 { 3 } else { 2 })?;
        many(source, |source| {
            source.skip(16 + 8)?;
            source.counts(1)
        })?;
        many(source, |source: &mut Source<R>| {
            source.string()?;
            source.skip(if kind >= 21 { 16 } else { 8 })?;
            many(source, |source| source.skip(16))
        })
    })
}
