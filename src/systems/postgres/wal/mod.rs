//! A segment of the log (WAL), read from its first page to its last: whose it is, whether it is whole, and when what was
//! committed in it was.
//!
//! Only what tells whether a log is whole is kept of it: what its records change is the server's own affair.
//!
//! Every page must be where it says it is, and every record have the checksum that it was written with. What a segment
//! begins with of a record that an earlier one began is skipped, and what it ends with of one that the next one ends is
//! left to that.

mod page;
mod record;

#[cfg(test)]
mod tests;

use std::io::{self, Read};

use chrono::{DateTime, Utc};

pub use crate::vault::log::Lsn;
use page::{First, Page};
use record::{Assembly, Found};

/// What a segment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// The server that wrote it: the number that its cluster was given when it was made.
    pub system: u64,
    /// The timeline of its last page: that of its name, unless the timeline begins in it.
    pub timeline: u32,
    /// Where it begins.
    pub start: Lsn,
    /// How many bytes it has when it is full.
    pub size: u64,
    /// How much of a record it begins with that an earlier one began.
    pub begins_with: u32,
    /// How much of its last record the next one has.
    pub leaves: u32,
    /// How many transactions were committed.
    pub commits: u64,
    /// When the first of them was, by the server's clock.
    pub first: Option<DateTime<Utc>>,
    /// When the last of them was.
    pub last: Option<DateTime<Utc>>,
    /// Where the server left it early to begin another.
    pub switched: Option<Lsn>,
}

/// What is wrong with a segment.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is no log.
    #[error("it is no segment of the log of PostgreSQL")]
    Foreign,
    /// It is not as long as it should be.
    #[error("it has {found} bytes of {wanted}")]
    Length {
        /// How many there are.
        found: u64,
        /// How many a segment has.
        wanted: u64,
    },
    /// Something in it is not what it was.
    #[error("it is damaged at {at}: {why}")]
    At {
        /// What it holds up to there.
        so_far: Box<Segment>,
        /// Where.
        at: Lsn,
        /// What is wrong there.
        why: &'static str,
    },
}

/// Reads a segment to its end.
pub fn read(mut source: impl Read) -> Result<Segment, Damage> {
    let mut bytes = vec![0; page::LONG];
    fill(&mut source, &mut bytes)?;
    let first = First::of(&bytes).ok_or(Damage::Foreign)?;
    bytes.resize(first.page_size, 0);
    let rest = fill(&mut source, &mut bytes[page::LONG..])?;
    let mut length = (page::LONG + rest) as u64;
    let mut reading = Reading::new(&first);
    while length == reading.wanted() {
        if let Err(Bad { at, why }) = reading.page(&bytes) {
            return Err(Damage::At { so_far: Box::new(reading.end()), at, why });
        }
        if reading.is_full() {
            break;
        }
        length += fill(&mut source, &mut bytes)? as u64;
    }
    // Whatever follows does not belong to it.
    let more = io::copy(&mut source, &mut io::sink())?;
    if length + more != first.size {
        return Err(Damage::Length { found: length + more, wanted: first.size });
    }
    Ok(reading.end())
}

/// Fills it as far as there is something to read.
fn fill(source: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < into.len() {
        match source.read(&mut into[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Where something is wrong, and what.
struct Bad {
    at: Lsn,
    why: &'static str,
}

/// A segment as far as it was read.
struct Reading<'a> {
    first: &'a First,
    pages: u64,
    /// How much of a record comes yet that an earlier segment began.
    skips: u32,
    under_way: Option<Assembly>,
    segment: Segment,
}

impl<'a> Reading<'a> {
    fn new(first: &'a First) -> Reading<'a> {
        let segment = Segment {
            system: first.system,
            timeline: first.page.timeline,
            start: first.page.address,
            size: first.size,
            begins_with: first.page.remaining,
            leaves: 0,
            commits: 0,
            first: None,
            last: None,
            switched: None,
        };
        Reading { first, pages: 0, skips: first.page.remaining, under_way: None, segment }
    }

    /// How long it is with the page that comes next.
    fn wanted(&self) -> u64 {
        (self.pages + 1) * self.first.page_size as u64
    }

    fn is_full(&self) -> bool {
        self.pages * self.first.page_size as u64 >= self.segment.size
    }

    fn at(&self, offset: usize) -> Lsn {
        Lsn(self.segment.start.0 + self.pages * self.first.page_size as u64 + offset as u64)
    }

    fn page(&mut self, bytes: &[u8]) -> Result<(), Bad> {
        let start = self.at(0);
        let damage = |why| Err(Bad { at: start, why });
        // After a switch only empty pages follow.
        if self.segment.switched.is_none() {
            let page = match Page::of(bytes) {
                Some(page) if page.magic == self.first.page.magic => page,
                _ => return damage("no page of the log begins here"),
            };
            if page.address != start {
                return damage("this page belongs elsewhere: the log ended before it");
            }
            self.segment.timeline = page.timeline;
            self.records(&page, bytes)?;
        }
        self.pages += 1;
        Ok(())
    }

    fn records(&mut self, page: &Page, bytes: &[u8]) -> Result<(), Bad> {
        let start = self.at(0);
        let damage = |why| Err(Bad { at: start, why });
        let mut at = page.header;
        if page.overwrites {
            // What was begun before was never ended; the server began anew here.
            (self.under_way, self.skips) = (None, 0);
        } else if self.skips > 0 {
            if page.remaining != self.skips {
                return damage("this page does not go on with the record before it");
            }
            let here = aligned(self.skips as usize).min(bytes.len() - at);
            self.skips = self.skips.saturating_sub(u32::try_from(here).unwrap_or(u32::MAX));
            at += here;
        } else {
            let remaining = self.under_way.as_ref().map_or(0, Assembly::remaining);
            if page.remaining != remaining {
                return damage("this page does not go on with the record before it");
            }
        }
        while at < bytes.len() {
            let begins = self.at(at);
            let mut record = match self.under_way.take() {
                Some(record) => record,
                None => Assembly::begin(begins, &bytes[at..]).map_err(|why| Bad { at: begins, why })?,
            };
            let taken = record.take(&bytes[at..]);
            at += aligned(taken);
            match record.ended().map_err(|why| Bad { at: record.at(), why })? {
                None => self.under_way = Some(record),
                Some(Found::Switch) => {
                    self.segment.switched = Some(self.at(at));
                    return Ok(());
                }
                Some(Found::Commit(moment)) => self.segment.committed(moment),
                Some(Found::Other) => {}
            }
        }
        Ok(())
    }

    fn end(mut self) -> Segment {
        self.segment.leaves = self.under_way.as_ref().map_or(self.skips, Assembly::remaining);
        self.segment
    }
}

impl Segment {
    fn committed(&mut self, at: DateTime<Utc>) {
        self.commits += 1;
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }
}

/// Records begin at multiples of this many bytes.
const ALIGNMENT: usize = 8;

fn aligned(bytes: usize) -> usize {
    bytes.next_multiple_of(ALIGNMENT)
}
