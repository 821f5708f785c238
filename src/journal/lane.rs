//! Reading one chain forward, line by line, across its segments and again from where it stopped.

mod lost;

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::trail::{self, Trail};
use super::trouble::DiskError;
use super::{ChainId, Damage, Digest, Event, Head, line, plain, segment};

/// Large enough to be quick, small enough to stay in the processor's cache.
const CHUNK: usize = 256 << 10;
/// So many bytes before the spot are read again, to see that they still stand there: a line's end and its hash.
const BEHIND: usize = 80;
/// More without the end of a line is no line of ours: events are much shorter.
const LONGEST_LINE: usize = 4 << 20;
/// The hash of the event before, where that is not known.
const UNKNOWN: [u8; 64] = [0; 64];

/// A spot in a chain: after the event `head`, at `offset` in the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The segment, by the number of its first event; zero before the first.
    pub segment: u64,
    /// Where the next event begins in it.
    pub offset: u64,
    /// The last event before.
    pub head: Head,
}

pub(super) struct Lane {
    pub(super) chain: Arc<ChainId>,
    directory: PathBuf,
    file: Option<File>,
    segment: u64,
    offset: u64,
    seq: u64,
    hash: [u8; 64],
    /// What stands in the file around `offset`.
    buffer: Vec<u8>,
    /// Where `offset` is in the buffer.
    start: usize,
    line: Range<usize>,
    trail: Trail,
    pub(super) damage: Vec<Damage>,
    /// How many events were read that are no longer there: their write failed, or they were set aside.
    pub(super) withdrawn: u64,
    /// What is in the way at this spot, so that it is told once: nothing can be read until that is gone.
    trouble: Option<(u64, u64, String)>,
    /// Whether something could not be read that may be readable another time.
    pub(super) blocked: bool,
}

impl Spot {
    /// Before the first event.
    pub const START: Spot = Spot { segment: 0, offset: 0, head: Head::EMPTY };
}

impl Lane {
    pub(super) fn at(journal: &Path, chain: ChainId, spot: Spot) -> Lane {
        let before = if spot.offset > 0 { line::end(&spot.head.hash) } else { Vec::new() };
        let hash = spot.head.hash.hex();
        let mut trail = Trail::default();
        if spot.offset > 0 {
            trail.push(spot.offset, spot.head.seq, &hash);
        }
        Lane {
            directory: journal.join(chain.as_str()),
            chain: Arc::new(chain),
            file: None,
            segment: spot.segment,
            offset: spot.offset,
            seq: spot.head.seq,
            hash,
            start: before.len(),
            buffer: before,
            line: 0..0,
            trail,
            damage: Vec::new(),
            withdrawn: 0,
            trouble: None,
            blocked: false,
        }
    }

    /// Whether the chain still is what it was at this spot.
    pub(super) fn fits(journal: &Path, chain: &ChainId, spot: &Spot) -> bool {
        if spot.segment == 0 {
            return *spot == Spot::START;
        }
        Lane::fits_in(&journal.join(chain.as_str()), spot)
    }

    fn fits_in(directory: &Path, spot: &Spot) -> bool {
        let path = directory.join(segment::name(spot.segment));
        let end = line::end(&spot.head.hash);
        let mut found = vec![0; end.len()];
        let Some(start) = spot.offset.checked_sub(end.len() as u64) else { return false };
        plain::open(&path).and_then(|file| file.read_exact_at(&mut found, start)).is_ok() && found == end
    }

    pub(super) fn spot(&self) -> Spot {
        let hash = std::str::from_utf8(&self.hash).ok().and_then(|digits| digits.parse().ok());
        let head = Head { seq: self.seq, hash: hash.unwrap_or(Digest::NONE) };
        Spot { segment: self.segment, offset: self.offset, head }
    }

    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// Moves on to the next whole line; false at the end of what is written and can be read.
    pub(super) fn advance(&mut self) -> bool {
        loop {
            if let Some(length) = memchr::memchr(b'\n', &self.buffer[self.start..]) {
                self.line = self.start..self.start + length;
                self.start += length + 1;
                self.offset += length as u64 + 1;
                return true;
            }
            if !self.fill() && !self.next_segment() {
                self.look_at_rest();
                // Half a line is read again next time: it may have been set aside meanwhile.
                self.buffer.truncate(self.start);
                return false;
            }
        }
    }

    pub(super) fn line(&self) -> &[u8] {
        &self.buffer[self.line.clone()]
    }

    /// The event on the line, held against the one before. The hash itself is `verify`'s to check: here
    /// the links are, which finds what is missing, moved or inserted without hashing everything.
    pub(super) fn event(&mut self) -> Option<Event<'_>> {
        let (seq, hash) = (self.seq, self.hash);
        let event = match line::read(&self.buffer[self.line.clone()]) {
            Ok(event) => event,
            Err(fault) => {
                let damage = self.damaged(fault.to_string());
                self.damage.push(damage);
                return None;
            }
        };
        if event.seq != seq + 1 || (event.prev.as_bytes() != hash && hash != UNKNOWN) {
            let what = format!("event {} does not follow event {seq}", event.seq);
            let damage = self.damaged(what);
            self.damage.push(damage);
        }
        self.seq = event.seq;
        if let Ok(hash) = event.hash.as_bytes().try_into() {
            self.hash = hash;
        }
        self.trail.push(self.offset, self.seq, &self.hash);
        Some(event)
    }

    fn damaged(&self, what: String) -> Damage {
        Damage::at(&self.chain, self.segment, self.offset - self.line.len() as u64 - 1, what)
    }

    /// Reads on in the file; false if there is no more now, or if it cannot be read.
    fn fill(&mut self) -> bool {
        if self.segment == 0 {
            return false;
        }
        let read = match self.read_on() {
            // The file at hand may be none any more, or another may have its name.
            Ok(false) if self.is_replaced() => {
                self.file = None;
                self.read_on()
            }
            read => read,
        };
        match read {
            Ok(more) => more,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.go_back();
                false
            }
            Err(error) => {
                self.blocked = true;
                self.tell(error.why());
                false
            }
        }
    }

    fn read_on(&mut self) -> Result<bool, DiskError> {
        let path = self.directory.join(segment::name(self.segment));
        let file = match self.file.take() {
            Some(file) => file,
            None => plain::open(&path).map_err(DiskError::new("read", &path))?,
        };
        loop {
            let behind = self.start.min(BEHIND);
            let unread = self.buffer.len() - self.start;
            if unread > LONGEST_LINE {
                self.tell(format!("there is no end of a line in {unread} bytes"));
                self.file = Some(file);
                return Ok(false);
            }
            let mut known = [0; BEHIND];
            known[..behind].copy_from_slice(&self.buffer[self.start - behind..self.start]);
            self.start = behind;
            self.buffer.resize(behind + unread + CHUNK, 0);
            let read = trail::read_at(&file, &mut self.buffer, self.offset - behind as u64);
            let count = read.as_ref().map_or(0, |count| *count);
            if read.is_err() {
                self.buffer.clear();
                self.buffer.extend_from_slice(&known[..behind]);
            } else if count < behind || self.buffer[..behind] != known[..behind] {
                self.step_back(&file);
                continue;
            } else {
                self.buffer.truncate(count);
            }
            self.file = Some(file);
            return read.map(|count| count > behind + unread).map_err(DiskError::new("read", &path));
        }
    }

    /// What was read last no longer stands there: goes back to the last event that does.
    fn step_back(&mut self, file: &File) {
        let seq = self.seq;
        if let Some((offset, seq, hash)) = self.trail.last_in(file) {
            (self.offset, self.seq, self.hash) = (offset, seq, hash);
        } else {
            let what = "what was read of this file is no longer there: it is read from its beginning".to_owned();
            self.damage.push(Damage::at(&self.chain, self.segment, 0, what));
            (self.offset, self.seq, self.hash) = (0, self.segment.saturating_sub(1), UNKNOWN);
        }
        self.withdrawn += seq.saturating_sub(self.seq);
        self.begin_buffer();
    }

    /// Empties the buffer, but for what has to stand before `offset`.
    fn begin_buffer(&mut self) {
        self.buffer.clear();
        if self.offset > 0 {
            self.buffer.extend([&b"\"hash\":\""[..], &self.hash, b"\"}\n"].concat());
        }
        self.start = self.buffer.len();
    }

    fn next_segment(&mut self) -> bool {
        let names = match plain::names(&self.directory).map_err(DiskError::new("read", &self.directory)) {
            Ok(names) => names,
            Err(error) => {
                self.blocked = true;
                let what = format!("its directory cannot be read: {}", error.why());
                if self.trouble.as_ref().is_none_or(|(.., told)| *told != what) {
                    self.damage.push(Damage::of_chain(&self.chain, what.clone()));
                    self.trouble = Some((self.segment, self.offset, what));
                }
                return false;
            }
        };
        let segments = segment::among(names.iter().map(String::as_str));
        let Some(next) = segments.into_iter().find(|first| *first > self.segment) else { return false };
        // It may have been written on between reading its end and looking for the next.
        if self.fill() {
            return true;
        }
        if self.start < self.buffer.len() {
            let what = format!("{} bytes at the end are no whole line", self.buffer.len() - self.start);
            self.damage.push(Damage::at(&self.chain, self.segment, self.offset, what));
        }
        (self.segment, self.offset, self.file, self.start) = (next, 0, None, 0);
        self.buffer.clear();
        self.trail.begin(self.seq, &self.hash);
        true
    }
}
