//! What a dump says is in it.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::words::Words;
use super::{Packed, flawed};

const MAGIC: &[u8] = b"PGDMP";
const CUSTOM: u8 = 1;
/// Mark of an entry without data.
const WITHOUT_DATA: u8 = 3;
/// The versions of the format that are known, of which 1 is the first number.
const OLDEST: u8 = 12;
const NEWEST: u8 = 16;
/// From these on: how it is packed is told by a name; each table tells its access method; each says what it is.
const NAMES_PACKING: u8 = 15;
const TELLS_ACCESS: u8 = 14;
const TELLS_KIND: u8 = 16;
/// A dump of more entries is none.
const MOST: i64 = 100_000_000;

pub(super) struct Contents {
    pub(super) packed: Packed,
    pub(super) entries: BTreeMap<i64, Entry>,
}

pub(super) struct Entry {
    /// `schema.table`, without any quotes.
    pub(super) name: String,
    pub(super) is_table: bool,
    pub(super) has_data: bool,
}

/// What the parts of an entry depend on.
struct Form {
    minor: u8,
    offset: usize,
}

impl Contents {
    pub(super) fn read<R: BufRead>(words: &mut Words<R>) -> io::Result<Contents> {
        for expected in MAGIC {
            if words.byte()? != *expected {
                return Err(flawed("it does not begin as a dump does"));
            }
        }
        let (major, minor, _) = (words.byte()?, words.byte()?, words.byte()?);
        if major != 1 || !(OLDEST..=NEWEST).contains(&minor) {
            return Err(flawed(format!("its format {major}.{minor} is not known here")));
        }
        words.int = usize::from(words.byte()?);
        let form = Form { minor, offset: usize::from(words.byte()?) };
        if words.byte()? != CUSTOM {
            return Err(flawed("it is not in the custom format"));
        }
        let packed = packing(words, minor)?;
        // When it was made: seven numbers. Of which database, by which server and program: three words.
        for _ in 0..7 {
            words.int()?;
        }
        for _ in 0..3 {
            words.word()?;
        }
        let count = words.int()?;
        if !(0..=MOST).contains(&count) {
            return Err(flawed("its table of contents has no length"));
        }
        let entries = (0..count).map(|_| entry(words, &form)).collect::<io::Result<_>>()?;
        Ok(Contents { packed, entries })
    }
}

fn packing<R: BufRead>(words: &mut Words<R>, minor: u8) -> io::Result<Packed> {
    if minor < NAMES_PACKING {
        return Ok(if words.int()? == 0 { Packed::Not } else { Packed::Gzip });
    }
    match words.byte()? {
        0 => Ok(Packed::Not),
        1 => Ok(Packed::Gzip),
        3 => Ok(Packed::Zstd),
        other => Err(flawed(format!("it is packed in a way that is not known here ({other})"))),
    }
}

fn entry<R: BufRead>(words: &mut Words<R>, form: &Form) -> io::Result<(i64, Entry)> {
    let id = words.int()?;
    words.int()?;
    // The object's table and number.
    words.word()?;
    words.word()?;
    let tag = text(words.word()?);
    let sort = text(words.word()?);
    words.int()?;
    // How it is made, dropped and filled.
    for _ in 0..3 {
        words.word()?;
    }
    let schema = text(words.word()?);
    // Its tablespace.
    words.word()?;
    if form.minor >= TELLS_ACCESS {
        words.word()?;
    }
    if form.minor >= TELLS_KIND {
        words.int()?;
    }
    // Its owner, and whether it has numbers of rows.
    words.word()?;
    words.word()?;
    while words.word()?.is_some() {}
    let has_data = words.byte()? != WITHOUT_DATA;
    words.skip(form.offset)?;
    Ok((id, Entry { name: format!("{schema}.{tag}"), is_table: sort == "TABLE DATA", has_data }))
}

fn text(word: Option<Vec<u8>>) -> String {
    String::from_utf8_lossy(&word.unwrap_or_default()).into_owned()
}
