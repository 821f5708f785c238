//! Events of the journal as a screen shows them.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words;
use crate::journal::{Event, Fold};
use crate::plan::facts::Verdict;
use crate::text::{Shape, untrusted};
use crate::watch::VERDICT;

/// How many events a screen looks back on.
const KEPT: usize = 500;
/// How many of everything that events are about are kept besides, however old: one that is noisy hides no other.
const OF_EACH: usize = 8;
/// About how many things that is known. Whoever was not heard of for longest is let go first.
const SUBJECTS: usize = 2_000;

/// An event of the journal, ready to be shown: harmless text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: DateTime<Utc>,
    /// The host that recorded it.
    pub writer: String,
    /// Its number in that host's chain.
    pub seq: u64,
    /// Who.
    pub actor: String,
    /// What sort of event.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// What it says, in one line.
    pub summary: String,
    /// What it is now, where a verdict changed.
    pub verdict: Option<Verdict>,
}

impl Entry {
    /// An event as a screen shows it.
    pub fn of(event: &Event<'_>) -> Entry {
        let safe = |text: &str, columns| untrusted(text, Shape::line(columns));
        Entry {
            at: event.at(),
            writer: safe(event.writer, 80),
            seq: event.seq,
            actor: safe(&event.actor.shown(), 60),
            kind: safe(event.kind, 64),
            subject: safe(&event.subject, 120),
            summary: safe(&words::told(event.kind, event.body::<Value>().as_ref()), 400),
            verdict: verdict(event),
        }
    }
}

/// The newest events, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// How many there are.
    pub events: u64,
    /// The newest, oldest first, each with its place among all.
    newest: VecDeque<(u64, Entry)>,
    /// The newest about each.
    about: BTreeMap<String, VecDeque<(u64, Entry)>>,
}

impl Recent {
    /// What is kept, oldest first.
    pub fn kept(&self) -> Vec<Entry> {
        let begin = self.newest.front().map_or(0, |(place, _)| *place);
        let mut older: Vec<&(u64, Entry)> = self.about.values().flatten().filter(|(place, _)| *place < begin).collect();
        older.sort_by_key(|(place, _)| *place);
        older.into_iter().chain(&self.newest).map(|(_, entry)| entry.clone()).collect()
    }

    /// Lets go of half of those that events are about, the ones that were not heard of for longest.
    fn forget_some(&mut self) {
        let mut last: Vec<u64> = self.about.values().filter_map(|entries| Some(entries.back()?.0)).collect();
        last.sort_unstable();
        let Some(middle) = last.get(last.len() / 2).copied() else { return };
        self.about.retain(|_, entries| entries.back().is_some_and(|(place, _)| *place >= middle));
    }
}

impl Fold for Recent {
    const NAME: &'static str = "recent";
    const VERSION: u32 = 3;

    fn apply(&mut self, event: &Event<'_>) {
        self.events += 1;
        let entry = Entry::of(event);
        if !entry.subject.is_empty() {
            let about = self.about.entry(entry.subject.clone()).or_default();
            push(about, OF_EACH, (self.events, entry.clone()));
        }
        push(&mut self.newest, KEPT, (self.events, entry));
        if self.about.len() > SUBJECTS {
            self.forget_some();
        }
    }
}

fn push(entries: &mut VecDeque<(u64, Entry)>, most: usize, entry: (u64, Entry)) {
    if entries.len() == most {
        entries.pop_front();
    }
    entries.push_back(entry);
}

fn verdict(event: &Event<'_>) -> Option<Verdict> {
    #[derive(Deserialize)]
    struct Body {
        to: Verdict,
    }
    let is_one = event.kind == VERDICT.as_str();
    is_one.then(|| event.body::<Body>().map(|body| body.to)).flatten()
}
