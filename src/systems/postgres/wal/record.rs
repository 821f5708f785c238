//! One record of the log, put together from the pages that it lies on.

use chrono::{DateTime, TimeDelta, Utc};
use crc_fast::{CrcAlgorithm, Digest};

use super::Lsn;
use super::page::{u32_at, u64_at};

/// What every record begins with: its length, its transaction, where the one before begins, what it is, its checksum.
const HEADER: u32 = 24;
const CHECKSUM: usize = 20;
/// Enough of a record to find when it was committed.
const KEPT: usize = 48;
/// No server writes a longer one.
const LONGEST: u32 = 1 << 30;

/// The two managers of resources whose records are looked into.
const OF_LOG: u8 = 0;
const OF_TRANSACTIONS: u8 = 1;
const SWITCH: u8 = 0x40;
const COMMIT: u8 = 0x00;
const COMMIT_PREPARED: u8 = 0x30;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A transaction was committed, at this moment by the server's clock.
    Commit(DateTime<Utc>),
    /// The rest of the segment is empty.
    Switch,
    Other,
}

/// A record of which some is there.
pub(super) struct Assembly {
    at: Lsn,
    total: u32,
    taken: u32,
    /// Its first bytes, as far as they are there.
    head: [u8; KEPT],
    /// Of all that follows the header.
    sum: Digest,
}

impl Assembly {
    /// Begins with the one that these bytes begin with.
    pub fn begin(at: Lsn, bytes: &[u8]) -> Result<Assembly, &'static str> {
        let total = u32_at(bytes, 0).unwrap_or(0);
        match total {
            0 => Err("the log ends here, before the segment does"),
            HEADER..=LONGEST => {
                let sum = Digest::new(CrcAlgorithm::Crc32Iscsi);
                Ok(Assembly { at, total, taken: 0, head: [0; KEPT], sum })
            }
            _ => Err("no record has this length"),
        }
    }

    /// Where it begins.
    pub fn at(&self) -> Lsn {
        self.at
    }

    /// How much of it is still to come.
    pub fn remaining(&self) -> u32 {
        self.total - self.taken
    }

    /// Takes what is its own of these bytes, and tells how much that is.
    pub fn take(&mut self, bytes: &[u8]) -> usize {
        let own = &bytes[..bytes.len().min(self.remaining() as usize)];
        let at = KEPT.min(self.taken as usize);
        let is_kept = own.len().min(KEPT - at);
        self.head[at..at + is_kept].copy_from_slice(&own[..is_kept]);
        let header = (HEADER.saturating_sub(self.taken) as usize).min(own.len());
        self.sum.update(&own[header..]);
        self.taken += u32::try_from(own.len()).unwrap_or(u32::MAX);
        own.len()
    }

    /// What it is, once all of it is there.
    pub fn ended(&self) -> Result<Option<Found>, &'static str> {
        if self.remaining() > 0 {
            return Ok(None);
        }
        let mut sum = self.sum;
        sum.update(&self.head[..CHECKSUM]);
        if u32_at(&self.head, CHECKSUM).map(u64::from) != Some(sum.finalize()) {
            return Err("the checksum of a record is wrong");
        }
        let (info, manager) = (self.head[16], self.head[17]);
        match (manager, info) {
            (OF_LOG, info) if info & 0xF0 == SWITCH => Ok(Some(Found::Switch)),
            (OF_TRANSACTIONS, info) if matches!(info & 0x70, COMMIT | COMMIT_PREPARED) => {
                self.moment().map(|at| Some(Found::Commit(at))).ok_or("a commit does not say when it was")
            }
            _ => Ok(Some(Found::Other)),
        }
    }

    /// When it was committed: what its own data begin with.
    fn moment(&self) -> Option<DateTime<Utc>> {
        const SHORT: u8 = 255;
        const LONG: u8 = 254;
        const ORIGIN: u8 = 253;
        const TOP: u8 = 252;
        let head = &self.head[..KEPT.min(self.taken as usize)];
        let mut at = HEADER as usize;
        loop {
            match *head.get(at)? {
                ORIGIN => at += 3,
                TOP => at += 5,
                SHORT => break at += 2,
                LONG => break at += 5,
                _ => return None,
            }
        }
        let micros = i64::from_le_bytes(u64_at(head, at)?.to_le_bytes());
        // The year 2000 is where its clock begins.
        DateTime::from_timestamp(946_684_800, 0)?.checked_add_signed(TimeDelta::microseconds(micros))
    }
}
