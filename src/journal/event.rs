//! An event: who said what about what, when, and after which other events.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Heads;

const LONGEST_KIND: usize = 64;

/// What sort of event it is: dotted words such as `operation.started`. Rooms name their own; a kind
/// that this version does not know is read, kept and shown like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Kind(&'static str);

impl Kind {
    /// A segment begins.
    pub const OPENED: Kind = Kind("journal.opened");
    /// A segment ends, with the digest of all that is in it.
    pub const CLOSED: Kind = Kind("journal.closed");
    /// Bytes of an interrupted write were found at the end and moved to a file.
    pub const TAIL_SET_ASIDE: Kind = Kind("journal.tail-set-aside");
    /// The last line was whole once and is not as it was written: moved to a file, and no interrupted write.
    pub const TAIL_ALTERED: Kind = Kind("journal.tail-altered");
    /// The chain ends before an event that was already acknowledged.
    pub const CUT_SHORT: Kind = Kind("journal.cut-short");
    /// The wall clock moved against the time since boot.
    pub const CLOCK_JUMPED: Kind = Kind("journal.clock-jumped");
    /// The disk is full; the space kept for that is in use.
    pub const DISK_FULL: Kind = Kind("journal.disk-full");
    /// The space kept for a full disk is there again.
    pub const BALLAST_KEPT: Kind = Kind("journal.ballast-kept");

    /// A kind of another room.
    pub const fn new(name: &'static str) -> Kind {
        Kind(name)
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    pub(super) fn is_well_formed(self) -> bool {
        let word = |word: &str| {
            !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
        };
        self.0.len() <= LONGEST_KIND && self.0.contains('.') && self.0.split('.').all(word)
    }
}

/// An event as it is read: borrowed from its line, because a million of them are folded in a second.
#[derive(Clone, Debug, Deserialize)]
pub struct Event<'a> {
    /// Whose chain it is in.
    pub writer: &'a str,
    /// Its number in the chain, from 1 on without a gap.
    pub seq: u64,
    /// The hash of the event before it.
    pub prev: &'a str,
    at: &'a str,
    /// Milliseconds since boot.
    pub boot: u64,
    /// Which boot that was.
    pub boot_id: &'a str,
    /// Who did it.
    #[serde(borrow)]
    pub actor: ActorRef<'a>,
    /// The digest of the plan in force, if there was one.
    #[serde(default)]
    pub plan: &'a str,
    /// How far the other chains were known, where that has changed since the event before.
    #[serde(default)]
    pub seen: Heads,
    /// What sort of event it is.
    pub kind: &'a str,
    /// What it is about.
    #[serde(default, borrow)]
    pub subject: Cow<'a, str>,
    /// The hash of all that.
    pub hash: &'a str,
    #[serde(skip)]
    pub(super) line: &'a str,
}

/// Who did it, as read.
#[derive(Clone, Debug, Deserialize)]
pub struct ActorRef<'a> {
    /// The user id.
    pub uid: u32,
    /// The user's name, if it was known.
    #[serde(default, borrow)]
    pub name: Cow<'a, str>,
    /// Who logged in, if that was someone else.
    #[serde(default)]
    pub login: Option<super::Login>,
}

#[derive(Deserialize)]
struct Body<T> {
    body: T,
}

impl<'a> Event<'a> {
    /// When it was recorded, by the wall clock.
    pub fn at(&self) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(self.at).map(|at| at.with_timezone(&Utc)).unwrap_or_default()
    }

    /// That instant as it is written: UTC, sortable.
    pub fn stamp(&self) -> &'a str {
        self.at
    }

    /// The particulars, read as the room that named the kind knows them. Nothing if there are none or
    /// if they have another form.
    pub fn body<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str::<Body<T>>(self.line).ok().map(|read| read.body)
    }

    /// Whether it still has its hash. Readers check the links between events only.
    pub fn is_as_written(&self) -> bool {
        super::line::read_checked(self.line.as_bytes()).is_ok()
    }

    /// The whole event, as it stands in the file.
    pub fn line(&self) -> &'a str {
        self.line
    }
}

impl ActorRef<'_> {
    /// The name, else the number; and who logged in, if that was someone else.
    pub fn shown(&self) -> String {
        let named = |name: &str, uid: u32| if name.is_empty() { format!("uid {uid}") } else { name.to_owned() };
        let actor = named(&self.name, self.uid);
        match &self.login {
            Some(login) => format!("{actor} (logged in as {})", named(&login.name, login.uid)),
            None => actor,
        }
    }
}
