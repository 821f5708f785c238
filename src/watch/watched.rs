//! Until when this host was watched: what was recorded counts as true since then only if somebody looked all the time.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::record::{VERDICT, claim_name};
use super::steady::Recalled;
use crate::journal::{Event, Fold, Folded, Kind, Place, claim, host};
use crate::plan::facts::Verdict;

/// Somebody watches again, after nobody did for a while.
pub const RESUMED: Kind = Kind::new("watch.resumed");
/// Who watches renews the claim every few seconds. After a longer silence anything may have happened.
const LONGEST_GAP: TimeDelta = TimeDelta::minutes(1);

/// What this host recorded last, and until when it was watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    verdicts: Verdicts,
    unwatched_from: Option<DateTime<Utc>>,
}

impl Recorded {
    /// As far as a state folder tells; nothing where it cannot be read.
    pub fn of(state: &Path, now: DateTime<Utc>) -> Recorded {
        let place = Place::of(state).ok().filter(|place| place.exists);
        let folded = place.and_then(|place| Folded::<Verdicts>::open(&place.path).ok());
        let verdicts = folded.map(|folded| folded.value).unwrap_or_default();
        Recorded { verdicts, unwatched_from: unwatched_from(state, now) }
    }

    /// The last verdict of a component.
    pub fn of_component(&self, component: &str) -> Option<Recalled> {
        let (verdict, since) = self.verdicts.of(component)?;
        Some(Recalled { verdict, since, unwatched_from: self.unwatched_from.map(|until| until.max(since)) })
    }
}

/// When somebody watched last, if that is too long ago for what was recorded to be true all the time since. Where
/// nobody knows it is the beginning of time.
pub(super) fn unwatched_from(state: &Path, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let Some(claim) = claim::peek(state, &claim_name()) else { return Some(DateTime::UNIX_EPOCH) };
    ((now - claim.renewed).abs() > LONGEST_GAP).then_some(claim.renewed)
}

/// The verdict that this host recorded last for each component.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts(std::collections::BTreeMap<String, (Verdict, DateTime<Utc>)>);

/// The particulars of a recorded change.
#[derive(Deserialize)]
struct Body {
    to: Verdict,
    since: DateTime<Utc>,
}

impl Verdicts {
    /// The last verdict of a component, and since when it has been watched to be so.
    pub fn of(&self, component: &str) -> Option<(Verdict, DateTime<Utc>)> {
        self.0.get(component).copied()
    }

    /// Whether nothing was ever recorded.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn note(&mut self, component: &str, verdict: Verdict, since: DateTime<Utc>) {
        self.0.insert(component.to_owned(), (verdict, since));
    }

    /// Nobody watched before this: what was recorded may have been otherwise meanwhile.
    pub(super) fn resume(&mut self, at: DateTime<Utc>) {
        for (_, since) in self.0.values_mut() {
            *since = at.max(*since);
        }
    }
}

impl Fold for Verdicts {
    const NAME: &'static str = "verdicts";
    const VERSION: u32 = 2;

    fn apply(&mut self, event: &Event<'_>) {
        if event.writer != host::chain().as_str() {
            return;
        }
        if event.kind == RESUMED.as_str() {
            self.resume(event.at());
        } else if event.kind == VERDICT.as_str()
            && let Some(Body { to, since }) = event.body()
        {
            self.note(&event.subject, to, since);
        }
    }
}
