//! A segment as it is checked: its lines, where each begins, and what surrounds one.

use super::finding::{Break, Fault, Glimpse};
use super::{line, segment};

/// How many lines before and after a break are shown.
const AROUND: usize = 2;
const GLIMPSE: usize = 200;

/// A segment's lines, and where each begins.
pub(super) struct Page<'b> {
    pub(super) segment: u64,
    pub(super) bytes: &'b [u8],
    pub(super) lines: Vec<(usize, &'b [u8])>,
}

impl<'b> Page<'b> {
    pub(super) fn new(segment: u64, bytes: &'b [u8]) -> Page<'b> {
        let mut lines = Vec::new();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            lines.push((start, &bytes[start..end]));
            start = end + 1;
        }
        Page { segment, bytes, lines }
    }

    pub(super) fn broken(&self, fault: Fault, index: usize) -> Break {
        let glimpses = |range: std::ops::Range<usize>| range.filter_map(|index| self.glimpse(index)).collect();
        let count = self.lines.len();
        let end = self.lines.last().map_or(0, |(offset, text)| offset + text.len() + 1);
        Break {
            fault,
            segment: if self.segment == 0 { String::new() } else { segment::name(self.segment) },
            line: index as u64 + 1,
            offset: self.lines.get(index).map_or(end, |(offset, _)| *offset) as u64,
            before: glimpses(index.saturating_sub(AROUND)..index),
            at: self.glimpse(index),
            after: glimpses((index + 1).min(count)..(index + 1 + AROUND).min(count)),
        }
    }

    fn glimpse(&self, index: usize) -> Option<Glimpse> {
        let (_, text) = self.lines.get(index)?;
        let event = line::read(text).ok().map(|event| {
            let about = if event.subject.is_empty() { String::new() } else { format!(" {}", event.subject) };
            format!("event {}, {}, {}{about}", event.seq, event.stamp(), event.kind)
        });
        let shown = &text[..text.len().min(GLIMPSE)];
        Some(Glimpse { line: index as u64 + 1, event, text: String::from_utf8_lossy(shown).into_owned() })
    }
}
