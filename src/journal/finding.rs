//! What checking a journal found, in plain words.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{ChainId, Digest, Head};

/// What was found in all chains.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// One entry a chain.
    pub chains: Vec<ChainReport>,
    /// What lies in the journal's directory and does not belong there. Untrusted.
    pub strays: Vec<String>,
}

/// What was found in one chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Which chain.
    pub chain: ChainId,
    /// How many events are proven: all, or those before the first broken link.
    pub events: u64,
    /// In how many files.
    pub segments: usize,
    /// The wall time of the first proven event.
    pub from: Option<DateTime<Utc>>,
    /// The wall time of the last one.
    pub to: Option<DateTime<Utc>>,
    /// The last proven event; to be compared with what is anchored elsewhere.
    pub head: Head,
    /// The furthest of the proven events that something else in the journal knows: what was removed behind it
    /// leaves no trace.
    pub known: Option<Anchor>,
    /// The furthest of them that was kept outside the journal. What is in it can be removed with the events.
    pub anchored: Option<u64>,
    /// The first broken link.
    pub broken: Option<Break>,
    /// What is no break and still worth knowing.
    pub notes: Vec<Note>,
}

/// An event that is known outside its chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Anchor {
    /// Its number.
    pub seq: u64,
    /// Who knows it.
    pub by: String,
}

/// Where a chain is broken, and what surrounds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// What is wrong.
    #[serde(flatten)]
    pub fault: Fault,
    /// In which file.
    pub segment: String,
    /// On which of its lines, counted from 1.
    pub line: u64,
    /// Where that line begins.
    pub offset: u64,
    /// The lines before it.
    pub before: Vec<Glimpse>,
    /// The line itself, if there is one.
    pub at: Option<Glimpse>,
    /// The lines after it.
    pub after: Vec<Glimpse>,
}

/// What is wrong with a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "kebab-case")]
pub enum Fault {
    /// A line cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
    /// A file or a directory cannot be read.
    InTheWay {
        /// Why.
        why: String,
    },
    /// A line was changed after it was written.
    Altered,
    /// The last line is whole, and what ended it was changed.
    EndLost,
    /// Events are missing.
    Missing {
        /// The first that is not there.
        from: u64,
        /// The last that is not there.
        to: u64,
    },
    /// A line at what was the end had been altered, and the writer set it aside.
    TailAltered {
        /// The file that keeps it.
        file: String,
    },
    /// Two lines stand in each other's place.
    Swapped {
        /// The event that comes too late.
        first: u64,
        /// The event that comes too early.
        second: u64,
    },
    /// An event stands where an earlier one was already.
    Repeated {
        /// Its number.
        seq: u64,
    },
    /// The event is whole, and names another predecessor than the one before it.
    Relinked {
        /// The predecessor's hash.
        expected: Digest,
    },
    /// An event of another chain.
    Foreign {
        /// Whose it says it is.
        writer: String,
    },
    /// What a segment's first or last event says of a segment is not so.
    Segment {
        /// What it says, and what is.
        what: String,
    },
    /// The chain ends before an event that is known to have been in it.
    CutShort {
        /// The event that is known.
        known: Head,
        /// Who knows it.
        by: String,
    },
    /// The chain holds another event than the one that is known.
    Rewritten {
        /// The event that is known.
        known: Head,
        /// Who knows it.
        by: String,
    },
}

/// A line in the neighbourhood of a break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Glimpse {
    /// On which line of the file.
    pub line: u64,
    /// The event, if it can be read: number, time, kind, subject.
    pub event: Option<String>,
    /// The beginning of the line as it stands there. Untrusted.
    pub text: String,
}

/// Worth knowing, and no break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "note", rename_all = "kebab-case")]
pub enum Note {
    /// Bytes at the end that are no whole line: a write in progress, or one that was interrupted.
    Unterminated {
        /// In which file.
        segment: String,
        /// Where they begin.
        offset: u64,
        /// How many there are.
        bytes: u64,
    },
    /// What interrupted writes left is kept in this file.
    SetAside {
        /// Its name.
        file: String,
    },
    /// The wall clock went back between two events of one boot, or across boots.
    ClockWentBack {
        /// The event before.
        before: u64,
        /// By how many seconds.
        seconds: u64,
    },
    /// Something in the chain's directory that does not belong there.
    Stray {
        /// Its name.
        file: String,
    },
    /// What the journal recorded about itself.
    Said {
        /// Event number.
        seq: u64,
        /// When.
        at: DateTime<Utc>,
        /// In its words.
        what: String,
        /// Whether it tells that acknowledged events are lost.
        loss: bool,
    },
}

impl Report {
    /// Whether every link of every chain holds and nothing that was acknowledged is known to be lost.
    pub fn is_whole(&self) -> bool {
        self.chains.iter().all(|chain| chain.broken.is_none() && !chain.has_lost())
    }
}

impl ChainReport {
    /// Whether a writer found acknowledged events gone, and went on without them.
    pub fn has_lost(&self) -> bool {
        self.notes.iter().any(|note| matches!(note, Note::Said { loss: true, .. }))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Unreadable { why } => write!(f, "this line cannot be read as an event: {why}"),
            Fault::InTheWay { why } => write!(f, "this cannot be read: {why}"),
            Fault::Altered => f.write_str("this line was altered: its content does not have the hash it states"),
            Fault::EndLost => f.write_str("the last line is whole, but the byte that ended it was altered"),
            Fault::TailAltered { file } => write!(
                f,
                "when this was written the last line before it was not as it had been written, so an acknowledged event \
                 may be missing; what was found is kept in {file}"
            ),
            Fault::Missing { from, to } if from == to => write!(f, "event {from} is missing before this line"),
            Fault::Missing { from, to } => write!(f, "events {from} to {to} are missing before this line"),
            Fault::Swapped { first, second } => write!(f, "events {first} and {second} were swapped"),
            Fault::Repeated { seq } => write!(f, "event {seq} stands here, where a later one belongs"),
            Fault::Relinked { expected } => {
                write!(
                    f,
                    "this event does not name the one before it ({}…): one of the two was replaced",
                    expected.short()
                )
            }
            Fault::Foreign { writer } => write!(f, "this event belongs to the chain {writer}"),
            Fault::Segment { what } => f.write_str(what),
            Fault::CutShort { known, by } => {
                write!(
                    f,
                    "the chain ends here, but {by} knows its event {} ({}…): the end was cut off",
                    known.seq,
                    known.hash.short()
                )
            }
            Fault::Rewritten { known, by } => {
                write!(
                    f,
                    "event {} is not the one that {by} knows ({}…): the chain was rewritten",
                    known.seq,
                    known.hash.short()
                )
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Unterminated { segment, offset, bytes } => write!(
                f,
                "{bytes} bytes at the end of {segment} (from {offset}) are not yet written: a write in progress, or an \
                 interrupted one that the next writer sets aside"
            ),
            Note::SetAside { file } => write!(f, "{file} keeps what an interrupted, unacknowledged write left"),
            Note::ClockWentBack { before, seconds } => {
                write!(f, "after event {before} the wall clock went back by {}", crate::text::Span::from_secs(*seconds))
            }
            Note::Stray { file } => write!(f, "{file} does not belong here; nothing reads it"),
            Note::Said { seq, at, what, .. } => write!(f, "event {seq}, {}: {what}", crate::text::instant::stamp(*at)),
        }
    }
}
