//! The last events that a reader has passed: where it goes back to if what it read last is withdrawn.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::Head;

/// As many as are written at once; see `queue`.
const LONGEST: usize = 4096;
/// Enough of a hash to know it again.
const ENOUGH: usize = 16;
const HASH: usize = 64;
const END: &[u8] = b"\"}\n";

/// A way back.
#[derive(Debug, Default)]
pub(super) struct Trail {
    /// The event before the segment's first, if it was read.
    base: Option<(u64, [u8; HASH])>,
    steps: VecDeque<Step>,
}

#[derive(Debug)]
struct Step {
    /// Where the event ends.
    offset: u64,
    seq: u64,
    hash: [u8; ENOUGH],
}

impl Trail {
    /// A segment begins after this event.
    pub(super) fn begin(&mut self, seq: u64, hash: &[u8; HASH]) {
        self.base = Some((seq, *hash));
        self.steps.clear();
    }

    /// The event before the segment's first, if the way leads back there.
    pub(super) fn base(&self) -> Option<Head> {
        let (seq, hash) = self.base.as_ref()?;
        Some(Head { seq: *seq, hash: std::str::from_utf8(hash).ok()?.parse().ok()? })
    }

    /// An event was passed.
    pub(super) fn push(&mut self, offset: u64, seq: u64, hash: &[u8; HASH]) {
        if self.steps.len() == LONGEST {
            self.steps.pop_front();
            // Too far away to lead back to.
            self.base = None;
        }
        if let Some(hash) = hash.first_chunk() {
            self.steps.push_back(Step { offset, seq, hash: *hash });
        }
    }

    /// The last of them that still stands in the file: where it ends, its number and its hash.
    pub(super) fn last_in(&mut self, file: &File) -> Option<(u64, u64, [u8; HASH])> {
        while let Some(step) = self.steps.back() {
            if let Some(hash) = step.found_in(file) {
                return Some((step.offset, step.seq, hash));
            }
            self.steps.pop_back();
        }
        self.base.map(|(seq, hash)| (0, seq, hash))
    }
}

impl Step {
    fn found_in(&self, file: &File) -> Option<[u8; HASH]> {
        let mut found = [0; HASH + END.len()];
        let start = self.offset.checked_sub(found.len() as u64)?;
        let count = read_at(file, &mut found, start).ok()?;
        let hash = found.first_chunk()?;
        (count == found.len() && found.ends_with(END) && hash.starts_with(&self.hash)).then_some(*hash)
    }
}

/// Reads what is there, as far as it is.
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match file.read_at(buffer, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
