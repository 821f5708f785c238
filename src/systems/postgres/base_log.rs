//! The log that comes with a base backup: without all of it, from where the backup began to where it ended, no server is
//! ever consistent that is made of it.

use std::collections::BTreeMap;
use std::io::{self, Read};

use chrono::{DateTime, Utc};

use super::wal::{self, Damage, Lsn, Segment};
use crate::vault::log::SegmentName;

/// From where to where a backup needs the log of one timeline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub timeline: u32,
    pub start: Lsn,
    pub end: Lsn,
}

/// The segments that were found in a backup.
#[derive(Debug, Default)]
pub(super) struct Log(BTreeMap<SegmentName, Result<Segment, Damage>>);

impl Log {
    /// Reads a segment.
    pub fn take(&mut self, name: SegmentName, contents: &mut dyn Read) -> io::Result<()> {
        let read = wal::read(&mut *contents);
        if let Err(Damage::Io(error)) = read {
            return Err(error);
        }
        self.0.insert(name, read);
        Ok(())
    }

    /// When the last transaction in it was committed.
    pub fn last_commit(&self) -> Option<DateTime<Utc>> {
        self.0.values().filter_map(|read| read.as_ref().ok()?.last).max()
    }

    /// Whether all of these ranges of the log of a server are there, and whole; else what is not.
    pub fn covers(&self, ranges: &[Range], system: u64) -> Result<(), String> {
        let Some(size) = self.0.values().find_map(|read| Some(read.as_ref().ok()?.size)) else {
            return Err(match self.0.iter().next() {
                Some((name, Err(damage))) => format!("the log in it cannot be read: {name}: {damage}"),
                _ => "there is no log in it, without which it is never consistent".to_owned(),
            });
        };
        ranges.iter().try_for_each(|range| self.covers_one(*range, (system, size)))
    }

    fn covers_one(&self, range: Range, (system, size): (u64, u64)) -> Result<(), String> {
        let last = range.end.0.saturating_sub(1) / size;
        let mut leaves = None;
        for number in range.start.0 / size..=last {
            let begins = Lsn(number * size);
            let is_it = |name: &SegmentName| name.timeline >= range.timeline && name.begins(size) == Some(begins.0);
            let Some((name, read)) = self.0.iter().find(|(name, _)| is_it(name)) else {
                return Err(format!("the log in it has a hole: the segment that begins at {begins} is missing"));
            };
            leaves = match read {
                Ok(segment) if segment.start != begins || segment.system != system => {
                    return Err(format!("{name} in it is a segment of another log"));
                }
                Ok(segment) if leaves.is_some_and(|leaves| leaves != segment.begins_with) => {
                    return Err(format!("{name} in it does not go on with the segment before it"));
                }
                Ok(segment) => Some(segment.leaves),
                // What a server had not written yet when it was asked is not needed either.
                Err(Damage::At { at, .. }) if *at >= range.end => None,
                Err(damage) => return Err(format!("{name} in it: {damage}")),
            };
        }
        Ok(())
    }
}
