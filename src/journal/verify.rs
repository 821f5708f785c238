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
    Anchor, ChainId, Digest, Event, Head, Heads, JournalError, LineFault, Reader, Summary, aside, beside, fold, heads,
    line, plain, tail,
};

/// An event known to have been in a chain, and who knows it.
struct Known {
    chain: ChainId,
    head: Head,
    by: String,
    outside: bool,
}

/// Checks all chains below `journal`. `anchors` are heads that were kept elsewhere; those in the other
/// chains and in the snapshot are held against the chains too.
pub fn verify(journal: &Path, anchors: &Heads) -> Result<Report, JournalError> {
    let known = |heads: &Heads, by: &str, outside| -> Vec<Known> {
        heads
            .iter()
            .map(|(chain, head)| Known { chain: chain.clone(), head: *head, by: by.to_owned(), outside })
            .collect()
    };
    // Before the chains: they go on meanwhile.
    let mut all = known(&heads::all(journal), "the head kept beside it", false);
    all.extend(known(anchors, "an anchor", true));
    if let Some(position) = fold::position::<Summary>(journal) {
        all.extend(known(&position.heads(), "the snapshot", false));
    }
    let names = plain::names(journal).map_err(DiskError::new("read", journal))?;
    let mut chains: Vec<ChainId> = names.iter().filter_map(|name| name.parse().ok()).collect();
    if !chains.is_empty() {
        Reader::start(journal)?.each(|event| {
            if !event.seen.is_empty() {
                all.extend(known(&event.seen, &format!("event {} of {}", event.seq, event.writer), false));
            }
        })?;
    }
    chains.extend(all.iter().filter(|known| known.head.seq > 0).map(|known| known.chain.clone()));
    chains.sort();
    chains.dedup();
    all.sort_by_key(|known| known.head.seq);
    let chains = chains.into_iter().map(|chain| Walk::new(chain, &all).through(journal)).collect();
    Ok(Report { chains, strays: strays_among(names) })
}

/// What is neither a chain nor anything else of ours.
fn strays_among(names: Vec<String>) -> Vec<String> {
    let ours = |name: &String| {
        name.parse::<ChainId>().is_ok() || ["snapshots", heads::NAME].contains(&name.as_str()) || beside::is_draft(name)
    };
    let mut strays: Vec<String> = names.into_iter().filter(|name| !ours(name)).collect();
    strays.sort();
    strays
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
            known: None,
            anchored: None,
            broken: None,
            notes: Vec::new(),
        };
        Walk { report, known: ours.into_iter().peekable(), last: None, file_before: None }
    }

    fn through(mut self, journal: &Path) -> ChainReport {
        let directory = journal.join(self.report.chain.as_str());
        let names = match plain::names(&directory).map_err(DiskError::new("read", &directory)) {
            Ok(names) => names,
            Err(error) => {
                self.report.broken = Some(Page::new(0, &[]).broken(Fault::InTheWay { why: error.why() }, 0));
                return self.report;
            }
        };
        let segments = segment::among(names.iter().map(String::as_str));
        self.report.segments = segments.len();
        let mut end = (0, Vec::new());
        for first in &segments {
            let path = directory.join(segment::name(*first));
            let bytes = match plain::read(&path, plain::LONGEST).map_err(DiskError::new("read", &path)) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let why = error.why();
                    self.report.broken = Some(Page::new(*first, &[]).broken(Fault::InTheWay { why }, 0));
                    break;
                }
            };
            if self.walk(&Page::new(*first, &bytes), segments.last() == Some(first)) {
                break;
            }
            self.file_before = Some(Opening { after: segment::name(*first), sha256: Digest::of(&bytes) });
            end = (*first, bytes);
        }
        if self.report.broken.is_none()
            && let Some(known) = self.known.max_by_key(|known| known.head.seq)
        {
            let fault = Fault::CutShort { known: known.head, by: known.by.clone() };
            let page = Page::new(end.0, &end.1);
            self.report.broken = Some(page.broken(fault, page.lines.len()));
        }
        let note = |file: String| match &*file {
            name if aside::is_torn(name) => Some(Note::SetAside { file }),
            name if aside::is_ours(name) || beside::is_draft(name) || ["lock", "ballast"].contains(&name) => None,
            name if segment::first_of(name).is_some() => None,
            _ => Some(Note::Stray { file }),
        };
        self.report.notes.extend(names.into_iter().filter_map(note));
        self.report
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
            if known.outside {
                self.report.anchored = Some(head.seq);
            } else {
                self.report.known = Some(Anchor { seq: head.seq, by: known.by.clone() });
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
            let loss = event.kind == Kind::CUT_SHORT.as_str();
            self.report.notes.push(Note::Said { seq: event.seq, at: event.at(), what, loss });
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
