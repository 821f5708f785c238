//! The names of the files that a database's log is made of.

use std::fmt;

/// A position in the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lsn(pub u64);

impl Lsn {
    /// As the server writes it: `3/1A000028`.
    pub fn of(text: &str) -> Option<Lsn> {
        let (high, low) = text.split_once('/')?;
        let half = |text: &str| u32::from_str_radix(text, 16).ok();
        Some(Lsn(u64::from(half(high)?) << 32 | u64::from(half(low)?)))
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF)
    }
}

/// The name of a segment: its timeline, and both halves of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName {
    /// The timeline.
    pub timeline: u32,
    /// The upper half of the number.
    pub high: u32,
    /// The lower half: how far it counts depends on how large segments are.
    pub low: u32,
}

/// A file of a log, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFile {
    /// A segment.
    Segment(SegmentName),
    /// The last segment of a timeline, as far as an old primary had written it.
    Partial(SegmentName),
    /// Where a timeline comes from.
    History(u32),
    /// Where a base backup begins and ends.
    Label(SegmentName),
}

impl SegmentName {
    /// Three times eight hexadecimal digits.
    pub fn of(name: &str) -> Option<SegmentName> {
        let is_one = name.len() == 24 && name.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
        let part = |from: usize| u32::from_str_radix(name.get(from..from + 8)?, 16).ok();
        is_one.then_some(())?;
        Some(SegmentName { timeline: part(0)?, high: part(8)?, low: part(16)? })
    }

    /// Where it begins in the log, if segments have this size.
    pub fn begins(self, size: u64) -> Option<u64> {
        (u64::from(self.high) << 32).checked_add(u64::from(self.low).checked_mul(size)?)
    }

    /// Whether nothing is missing between it and another. A new timeline begins in the segment that the old one ended in,
    /// or in the next; how large segments are, and so when the upper half grows, is a power of two.
    pub fn follows(self, before: SegmentName) -> bool {
        let is_same = (self.high, self.low) == (before.high, before.low) && self.timeline > before.timeline;
        let is_next = self.high == before.high && Some(self.low) == before.low.checked_add(1);
        let wraps = before.low >= 3 && before.low.wrapping_add(1).is_power_of_two();
        is_same || is_next || (Some(self.high) == before.high.checked_add(1) && self.low == 0 && wraps)
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08X}{:08X}{:08X}", self.timeline, self.high, self.low)
    }
}

impl LogFile {
    /// The segment that it is, or belongs to; none for how a timeline begins.
    pub fn segment(self) -> Option<SegmentName> {
        match self {
            LogFile::Segment(name) | LogFile::Partial(name) | LogFile::Label(name) => Some(name),
            LogFile::History(_) => None,
        }
    }

    /// What a file is that `PostgreSQL` wants archived, or asks for.
    pub fn of(name: &str) -> Option<LogFile> {
        if let Some(segment) = SegmentName::of(name) {
            return Some(LogFile::Segment(segment));
        }
        let (stem, ending) = name.split_once('.')?;
        match (SegmentName::of(stem), ending) {
            (Some(segment), "partial") => Some(LogFile::Partial(segment)),
            (Some(segment), ending) => {
                let offset = ending.strip_suffix(".backup")?;
                let is_offset = offset.len() == 8 && offset.bytes().all(|byte| byte.is_ascii_hexdigit());
                is_offset.then_some(LogFile::Label(segment))
            }
            (None, "history") if stem.len() == 8 => Some(LogFile::History(u32::from_str_radix(stem, 16).ok()?)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_a_log_is_known_by_its_name() {
        let name = "0000000A00000001000000FF";
        let segment = SegmentName { timeline: 10, high: 1, low: 255 };
        assert_eq!(LogFile::of(name), Some(LogFile::Segment(segment)));
        assert_eq!(segment.to_string(), name);
        assert_eq!(segment.begins(16 << 20), Some(0x1_FF00_0000));
        assert_eq!(LogFile::of("0000000A00000001000000FF.partial"), Some(LogFile::Partial(segment)));
        assert_eq!(LogFile::of("0000000A00000001000000FF.00000028.backup"), Some(LogFile::Label(segment)));
        assert_eq!(LogFile::of("00000002.history"), Some(LogFile::History(2)));
        for strange in [
            "",
            "x",
            "0000000a00000001000000ff",
            "../00000002.history",
            "00000002",
            "0000000A00000001000000FF.gz",
            "0000000A00000001000000FF.28.backup",
            "0000000A00000001000000F",
            "00000002.historyx",
        ] {
            assert_eq!(LogFile::of(strange), None, "{strange}");
        }
    }
}
