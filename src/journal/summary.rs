//! The fold that `journal show` and `journal verify` open with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Event, Fold};

/// Beyond this the subjects silent for longest are left out.
const SUBJECTS: usize = 1_000;

/// How much there is, of what, and the latest about each subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How many events there are.
    pub events: u64,
    /// The wall time of the first, as it is written.
    pub from: Option<String>,
    /// The wall time of the last.
    pub to: Option<String>,
    /// How many there are of each kind.
    pub kinds: BTreeMap<String, u64>,
    /// The latest event about each subject.
    pub subjects: BTreeMap<String, Latest>,
}

/// The latest event about a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest {
    /// Which event it is, counted over all chains.
    pub number: u64,
    /// Its wall time, as it is written.
    pub at: String,
    /// Its kind.
    pub kind: String,
}

impl Fold for Summary {
    const NAME: &'static str = "summary";
    const VERSION: u32 = 1;

    fn apply(&mut self, event: &Event<'_>) {
        self.events += 1;
        if self.from.is_none() {
            self.from = Some(event.stamp().to_owned());
        }
        event.stamp().clone_into(self.to.get_or_insert_default());
        match self.kinds.get_mut(event.kind) {
            Some(count) => *count += 1,
            None => drop(self.kinds.insert(event.kind.to_owned(), 1)),
        }
        if let Some(latest) = self.subjects.get_mut(&*event.subject) {
            latest.number = self.events;
            event.stamp().clone_into(&mut latest.at);
            event.kind.clone_into(&mut latest.kind);
        } else if !event.subject.is_empty() {
            let latest = Latest { number: self.events, at: event.stamp().to_owned(), kind: event.kind.to_owned() };
            self.subjects.insert(event.subject.clone().into_owned(), latest);
            self.forget_silent();
        }
    }
}

impl Summary {
    fn forget_silent(&mut self) {
        if self.subjects.len() <= 2 * SUBJECTS {
            return;
        }
        let mut numbers: Vec<u64> = self.subjects.values().map(|latest| latest.number).collect();
        numbers.sort_unstable();
        let oldest_kept = numbers[numbers.len() - SUBJECTS];
        self.subjects.retain(|_, latest| latest.number >= oldest_kept);
    }
}
