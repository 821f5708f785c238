//! Checking every link of every chain: hashes, numbers, closing digests, and the heads known elsewhere.

use std::path::Path;

use chrono::TimeDelta;

use super::event::Kind;
use super::finding::{ChainReport, Fault, Note, Report};
use super::moment::Moment;
use super::page::Page;
use super::segment::{self, Closing, Opening};
use super::trouble::DiskError;
use super::{
    ChainId, Digest, Event, Head, Heads, JournalError, LineFault, Reader, Summary, aside, fold, lane, line, tail,
};

/// An event known to have been in a chain, and who knows it.
struct Known {
    chain: ChainId,
    head: Head,
    by: String,
}

/// Checks all chains below `journal`. `anchors` are heads that were kept elsewhere; those in the other
/// chains and in the snapshot are held against the chains too.
pub fn verify(journal: &Path, anchors: &Heads) -> Result<Report, JournalError> {
    let mut known: Vec<Known> = anchors.iter().map(|(chain, head)| Known::new(chain, *head, "an anchor")).collect();
    if let Some(position) = fold::position::<Summary>(journal) {
        known.extend(position.heads().iter().map(|(chain, head)| Known::new(chain, *head, "the snapshot")));
    }
    let mut chains: Vec<ChainId> = lane::names(journal)?.iter().filter_map(|name| name.parse().ok()).collect();
    if chains.len() > 1 {
        Reader::start(journal)?.each(|event| {
            let by = format!("event {} of {}", event.seq, event.writer);
            known.extend(event.seen.iter().map(|(chain, head)| Known::new(chain, *head, &by)));
        })?;
    }
    chains.extend(known.iter().filter(|known| known.head.seq > 0).map(|known| known.chain.clone()));
    chains.sort();
    chains.dedup();
    known.sort_by_key(|known| known.head.seq);
    let check = |chain: ChainId| Walk::new(chain, &known).through(journal);
    Ok(Report { chains: chains.into_iter().map(check).collect::<Result<_, _>>()? })
}

impl Known {
    fn new(chain: &ChainId, head: Head, by: &str) -> Known {
        Known { chain: chain.clone(), head, by: by.to_owned() }
    }
}

/// The walk along one chain.
struct Walk<'k> {
    report: ChainReport,
    known: std::iter::Peekable<std::vec::IntoIter<&'k Known>>,
    last: Option<Moment>,
    /// The file before this one and its digest.
    file_before: Option<Opening>,
}

impl<'k> Walk<'k> {
    fn new(chain: ChainId, known: &'k [Known]) -> Walk<'k> {
        let ours: Vec<&Known> = known.iter().filter(|known| known.chain == chain && known.head.seq > 0).collect();
        let report = ChainReport {
            chain,
            events: 0,
            segments: 0,
            from: None,
            to: None,
            head: Head::EMPTY,
            broken: None,
            notes: Vec::new(),
        };
        Walk { report, known: ours.into_iter().peekable(), last: None, file_before: None }
    }

    fn through(mut self, journal: &Path) -> Result<ChainReport, JournalError> {
        let directory = journal.join(self.report.chain.as_str());
        let names = lane::names(&directory)?;
        let segments = segment::among(names.iter().map(String::as_str));
        self.report.segments = segments.len();
        for first in &segments {
            let path = directory.join(segment::name(*first));
            let bytes = std::fs::read(&path).map_err(DiskError::new("read", &path))?;
            let page = Page::new(*first, &bytes);
            if self.walk(&page, segments.last() == Some(first)) {
                break;
            }
            self.file_before = Some(Opening { after: segment::name(*first), sha256: Digest::of(&bytes) });
        }
        if self.report.broken.is_none()
            && let Some(known) = self.known.peek()
        {
            let fault = Fault::CutShort { known: known.head, by: known.by.clone() };
            let last = segments.last().copied().unwrap_or(0);
            let path = directory.join(segment::name(last));
            let bytes = std::fs::read(&path).unwrap_or_default();
            let page = Page::new(last, &bytes);
            self.report.broken = Some(page.broken(fault, page.lines.len()));
        }
        let torn = names.into_iter().filter(|name| aside::is_torn(name));
        self.report.notes.extend(torn.map(|file| Note::SetAside { file }));
        Ok(self.report)
    }

    /// Walks through a segment; true if it is of no use to go on.
    fn walk(&mut self, page: &Page<'_>, is_last: bool) -> bool {
        for (index, (offset, text)) in page.lines.iter().enumerate() {
            if let Err(fault) = self.step(page, index, *offset, text) {
                self.report.broken = Some(page.broken(fault, index));
                return true;
            }
        }
        let written = page.lines.last().map_or(0, |(offset, text)| offset + text.len() + 1);
        let bytes = (page.bytes.len() - written) as u64;
        let segment = segment::name(page.segment);
        if bytes > 0 && !is_last {
            let why = format!("{bytes} bytes at the end of the file are no whole line");
            self.report.broken = Some(page.broken(Fault::Unreadable { why }, page.lines.len()));
            return true;
        }
        if tail::is_altered(page.bytes.get(written..).unwrap_or_default()) {
            self.report.broken = Some(page.broken(Fault::EndLost, page.lines.len()));
            return true;
        }
        if bytes > 0 {
            self.report.notes.push(Note::Unterminated { segment, offset: written as u64, bytes });
        }
        false
    }

    fn step(&mut self, page: &Page<'_>, index: usize, offset: usize, text: &[u8]) -> Result<(), Fault> {
        let event = line::read_checked(text).map_err(|fault| match fault {
            LineFault::Altered => Fault::Altered,
            LineFault::Unreadable(why) => Fault::Unreadable { why },
        })?;
        self.link(page, index, &event)?;
        if event.kind == Kind::TAIL_ALTERED.as_str() {
            return Err(tail_altered(&event));
        }
        let hash = event.hash.parse().map_err(|_| Fault::Altered)?;
        let head = Head { seq: event.seq, hash };
        while let Some(known) = self.known.next_if(|known| known.head.seq == head.seq) {
            if known.head != head {
                return Err(Fault::Rewritten { known: known.head, by: known.by.clone() });
            }
        }
        if index == 0 {
            self.opens(&event)?;
        }
        if event.kind == Kind::CLOSED.as_str() {
            closes(page, offset, index, &event)?;
        }
        self.remark(&event);
        let at = event.at();
        self.report.from.get_or_insert(at);
        (self.report.to, self.report.head, self.report.events) = (Some(at), head, self.report.events + 1);
        Ok(())
    }

    fn link(&self, page: &Page<'_>, index: usize, event: &Event<'_>) -> Result<(), Fault> {
        let expected = self.report.head.seq + 1;
        if event.writer != self.report.chain.as_str() {
            return Err(Fault::Foreign { writer: event.writer.to_owned() });
        }
        if event.seq < expected {
            return Err(Fault::Repeated { seq: event.seq });
        }
        if event.seq > expected {
            let next = page.lines.get(index + 1).and_then(|(_, text)| line::read(text).ok());
            return Err(match next {
                Some(next) if next.seq == expected => Fault::Swapped { first: expected, second: event.seq },
                _ => Fault::Missing { from: expected, to: event.seq - 1 },
            });
        }
        if self.report.head.hash.is(event.prev) {
            Ok(())
        } else {
            Err(Fault::Relinked { expected: self.report.head.hash })
        }
    }

    fn opens(&self, event: &Event<'_>) -> Result<(), Fault> {
        let stated: Option<Opening> = event.body();
        if event.kind == Kind::OPENED.as_str() && stated == self.file_before {
            return Ok(());
        }
        let file = self.file_before.as_ref().map_or("no file", |before| before.after.as_str());
        Err(Fault::Segment { what: format!("this segment does not follow the one before it here ({file})") })
    }

    fn remark(&mut self, event: &Event<'_>) {
        #[derive(serde::Deserialize)]
        struct Words {
            what: String,
        }
        let own = event.kind.starts_with("journal.");
        if own && let Some(Words { what }) = event.body() {
            self.report.notes.push(Note::Said { seq: event.seq, at: event.at(), what });
        }
        let now = Moment::of(event);
        let back = self.last.as_ref().and_then(|last| last.jump(&now)).filter(|ahead| *ahead < TimeDelta::zero());
        // Where the writer noticed, the event says so itself.
        if let Some(back) = back.filter(|_| event.kind != Kind::CLOCK_JUMPED.as_str()) {
            let seconds = back.num_seconds().unsigned_abs();
            self.report.notes.push(Note::ClockWentBack { before: event.seq - 1, seconds });
        }
        self.last = Some(now);
    }
}

fn tail_altered(event: &Event<'_>) -> Fault {
    #[derive(serde::Deserialize)]
    struct Kept {
        file: String,
    }
    Fault::TailAltered { file: event.body().map_or_else(String::new, |Kept { file }| file) }
}

fn closes(page: &Page<'_>, offset: usize, index: usize, event: &Event<'_>) -> Result<(), Fault> {
    let bytes = &page.bytes[..offset];
    let found = Closing { events: index as u64, bytes: bytes.len() as u64, sha256: Digest::of(bytes) };
    if event.body() == Some(found) && index + 1 == page.lines.len() {
        return Ok(());
    }
    Err(Fault::Segment { what: "the segment is not what its closing event says".to_owned() })
}
