//! The end of a chain, found again after whatever happened to the process that wrote it.

use std::path::Path;

use super::digest::Running;
use super::event::Kind;
use super::medium::{Medium, Sheet};
use super::moment::Moment;
use super::segment::Opening;
use super::trouble::DiskError;
use super::{Digest, Head, line, segment};

/// Where the next event goes.
pub(super) struct Tail {
    /// The file being written; none before the first event.
    pub(super) sheet: Option<Box<dyn Sheet>>,
    /// The file's number; zero before the first event.
    pub(super) segment: u64,
    /// Where the next event begins in it.
    pub(super) offset: u64,
    /// The last event.
    pub(super) head: Head,
    /// When the last event was, by both clocks.
    pub(super) last: Option<Moment>,
    /// Whether the file has been closed by its last event.
    pub(super) closed: bool,
    /// What follows `offset` and is no whole line: of an interrupted write, or altered.
    pub(super) torn: Vec<u8>,
    /// The digest of the file up to `offset`, where all of it went through this process.
    pub(super) running: Option<Running>,
    /// The file before this one and its digest, where that is known.
    pub(super) before: Option<Opening>,
}

impl Tail {
    const fn start() -> Tail {
        Tail {
            sheet: None,
            segment: 0,
            offset: 0,
            head: Head::EMPTY,
            last: None,
            closed: false,
            torn: Vec::new(),
            running: None,
            before: None,
        }
    }

    /// Finds the end of the chain in `directory`.
    pub(super) fn find(medium: &dyn Medium, directory: &Path) -> Result<Tail, DiskError> {
        let names = medium.names(directory).map_err(DiskError::new("read", directory))?;
        let segments = segment::among(names.iter().map(String::as_str));
        let mut tail = Tail::start();
        let Some(last) = segments.last() else { return Ok(tail) };
        // A file created just before a crash is empty: its chain ends in the one before.
        for first in segments.iter().rev() {
            let path = directory.join(segment::name(*first));
            let bytes = medium.read(&path).map_err(DiskError::new("read", &path))?;
            let found = Tail::start().through(&bytes, true);
            let settled = found.head.seq > 0;
            if first == last {
                let sheet = medium.open(&path).map_err(DiskError::new("open", &path))?;
                tail = Tail { sheet: Some(sheet), segment: *first, ..found };
            } else {
                tail = Tail { head: found.head, last: found.last, ..tail };
            }
            if settled {
                break;
            }
        }
        Ok(tail)
    }

    /// Goes on in a new file, or one that another process has begun.
    pub(super) fn begin(&mut self, sheet: Box<dyn Sheet>, first: u64) {
        let digest = self.running.take().filter(|_| self.torn.is_empty()).map(|running| running.digest());
        self.before = digest.map(|sha256| Opening { after: segment::name(self.segment), sha256 });
        (self.sheet, self.segment, self.offset, self.closed) = (Some(sheet), first, 0, false);
        self.running = Some(Running::default());
    }

    /// Whether the last event still ends where it did: another process may have had to set it aside.
    pub(super) fn is_still_there(&self) -> bool {
        let Some(sheet) = &self.sheet else { return false };
        let end = line::end(&self.head.hash);
        match self.offset.checked_sub(end.len() as u64) {
            Some(start) if sheet.size().is_ok_and(|size| size >= self.offset) => {
                sheet.read_from(start).is_ok_and(|bytes| bytes.starts_with(&end))
            }
            Some(_) => false,
            None => sheet.size().is_ok(),
        }
    }

    /// Takes in what other processes appended.
    pub(super) fn follow(&mut self, medium: &dyn Medium, directory: &Path) -> Result<(), DiskError> {
        loop {
            let path = directory.join(segment::name(self.segment));
            if let Some(sheet) = &self.sheet
                && sheet.size().map_err(DiskError::new("read", &path))? > self.offset
            {
                let bytes = sheet.read_from(self.offset).map_err(DiskError::new("read", &path))?;
                let before = std::mem::replace(self, Tail::start());
                *self = before.through(&bytes, false);
            }
            if !self.closed && self.sheet.is_some() {
                return Ok(());
            }
            let next = self.head.seq + 1;
            let path = directory.join(segment::name(next));
            match medium.open(&path) {
                Ok(sheet) => self.begin(sheet, next),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
                Err(error) => return Err(DiskError::new("open", &path)(error)),
            }
        }
    }

    /// This tail moved on through `bytes`, which follow it. With `last_only` the lines before the last
    /// are not looked at, if the file looks whole: opening must be quick, and `verify` looks at all.
    fn through(mut self, bytes: &[u8], last_only: bool) -> Tail {
        if last_only && self.jump(bytes) {
            return self;
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let Some(length) = whole_line(rest).or_else(|| damaged_part(rest)) else {
                // Nothing valid follows: this is where the last write was interrupted, or where it was altered.
                rest.clone_into(&mut self.torn);
                break;
            };
            self.take(&rest[..length]);
            rest = &rest[length..];
        }
        self
    }

    fn jump(&mut self, bytes: &[u8]) -> bool {
        let Some(lines) = bytes.strip_suffix(b"\n") else { return false };
        let start = lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        // Bytes that were never written come back from a crash as zeros.
        if bytes.contains(&0) || line::read_checked(&lines[start..]).is_err() {
            return false;
        }
        self.offset += start as u64;
        self.take(&bytes[start..]);
        true
    }

    fn take(&mut self, whole: &[u8]) {
        self.offset += whole.len() as u64;
        if let Some(running) = &mut self.running {
            running.add(whole);
        }
        let Ok(event) = line::read_checked(whole.strip_suffix(b"\n").unwrap_or(whole)) else { return };
        if let Ok(hash) = event.hash.parse::<Digest>() {
            self.head = Head { seq: event.seq, hash };
            self.last = Some(Moment::of(&event));
            self.closed = event.kind == Kind::CLOSED.as_str();
        }
    }
}

/// The length of the first line, its end included, if it is whole and valid.
fn whole_line(bytes: &[u8]) -> Option<usize> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    line::read_checked(&bytes[..end]).is_ok().then_some(end + 1)
}

/// The length of lines that were changed after they were written: valid ones follow, so they are no
/// interrupted write. They stay where they are, for `verify` to show.
///
/// Bytes that a crash left unwritten are zeros, and valid lines of the same write may follow them. A
/// second write may not: the first has to last before anything is built on it.
fn damaged_part(bytes: &[u8]) -> Option<usize> {
    let (mut skipped, mut zeros) = (0, false);
    let mut valid: Option<(usize, Moment)> = None;
    for part in bytes.split_inclusive(|byte| *byte == b'\n') {
        match line::read_checked(part.strip_suffix(b"\n").unwrap_or_default()) {
            Ok(_) if !zeros => return Some(skipped),
            Ok(event) => {
                let moment = Moment::of(&event);
                match &valid {
                    Some((end, first)) if *first != moment => return Some(*end),
                    Some(_) => {}
                    None => valid = Some((skipped, moment)),
                }
            }
            Err(_) => zeros |= part.contains(&0),
        }
        skipped += part.len();
    }
    None
}

/// Whether a line stands here that was whole once. An interrupted write leaves half a line, or zeros.
pub(super) fn is_altered(torn: &[u8]) -> bool {
    torn.split_inclusive(|byte| *byte == b'\n').filter(|part| !part.contains(&0)).any(|part| match part {
        [line @ .., b'\n'] => line::resembles(line) && line::read_checked(line).is_err(),
        // Its end is the byte that was altered.
        [line @ .., _] => line::read_checked(line).is_ok(),
        [] => false,
    })
}
