//! What one could return to: recovery points, each a moment, and bases that a log leads on from.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::plan::Plan;
use crate::plan::types::Method;
use crate::protect::ways::Ways;
use crate::vault::log::{Ends, Log, Merged};
use crate::vault::window::Way;
use crate::vault::{Catalogue, Copied, Point};

/// A span of time to each moment of which one can return; a single moment, where no log leads on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What one restores first.
    pub point: String,
    /// What is known of that, in a word.
    pub state: &'static str,
    /// The oldest moment.
    pub from: DateTime<Utc>,
    /// The newest one.
    pub to: DateTime<Utc>,
    /// The log that is replayed then.
    pub log: Option<Led>,
    /// The stores that have all of it; those that have some, where none has all.
    pub stores: Vec<String>,
}

/// A log that leads on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Led {
    /// Of each segment of the whole log until when it leads, and how many bytes it has up to there in a store.
    marks: Arc<[(DateTime<Utc>, u64)]>,
    /// Which of them these are: the first, and the last.
    segments: (usize, usize),
    /// Why it ends there.
    pub ends: Ends,
    /// When its last segment came into a store.
    pub written: DateTime<Utc>,
}

/// A log of a category of data, and the bases that it leads on from.
struct Leading<'c> {
    merged: Merged<'c>,
    marks: Arc<[(DateTime<Utc>, u64)]>,
    bases: Vec<&'c Point>,
    tainted: Option<DateTime<Utc>>,
}

/// What a category of data could be restored from.
pub(in crate::protect) struct Stock<'a> {
    ways: &'a Ways<'a>,
    points: Vec<&'a Point>,
    logs: Vec<Leading<'a>>,
}

impl<'a> Stock<'a> {
    /// All that counts for it, wherever it lies.
    pub fn of(plan: &Plan, ways: &'a Ways<'_>, catalogue: &'a Catalogue) -> Stock<'a> {
        let points = catalogue.points.iter().filter(|point| ways.take(point) && catalogue.is_clean(point)).collect();
        let logs = ways.logs.iter().filter_map(|of| Leading::of(plan, ways, of, catalogue)).collect();
        Stock { ways, points, logs }
    }

    /// The same as far as it lies in these stores, the oldest first.
    pub fn lying(&self, is_there: impl Fn(&str) -> bool) -> Vec<Stretch> {
        let counts = |store: &str| is_there(store) && self.ways.stores.contains(&store);
        let points = self.points.iter().filter_map(|point| of_point(point, counts, &is_there));
        let mut all: Vec<Stretch> = points.collect();
        all.extend(self.logs.iter().flat_map(|log| log.lying(counts)));
        all.sort_by_key(|stretch| (stretch.from, stretch.to));
        all
    }
}

/// A recovery point as one to restore from; nothing where it lies whole in no store that counts.
fn of_point(point: &Point, counts: impl Fn(&str) -> bool, is_there: impl Fn(&str) -> bool) -> Option<Stretch> {
    let is_whole = |copied: &&Copied| copied.state().is_restorable() && copied.is_full() && is_there(&copied.store);
    let whole: Vec<&Copied> = point.copies.iter().filter(is_whole).collect();
    whole.iter().any(|copied| counts(&copied.store)).then(|| Stretch {
        point: point.id.clone(),
        state: point.state().word(),
        from: point.taken,
        to: point.taken,
        log: None,
        stores: whole.iter().map(|copied| copied.store.clone()).collect(),
    })
}

impl<'c> Leading<'c> {
    /// The log of a component where it counts, and its clean bases; nothing where there is no log.
    fn of(plan: &Plan, ways: &Ways<'_>, of: &str, catalogue: &'c Catalogue) -> Option<Leading<'c>> {
        let with_log: BTreeSet<_> =
            plan.job.iter().filter(|job| job.method == Some(Method::Wal)).map(|job| &job.of).collect();
        let is_alone = with_log.len() == 1;
        let is_its = |component: Option<&str>| component == Some(of) || (component.is_none() && is_alone);
        let counts = |log: &&Log| ways.stores.contains(&log.store.as_str());
        let logs: Vec<&Log> =
            catalogue.logs.iter().filter(|log| is_its(log.component.as_deref())).filter(counts).collect();
        if logs.is_empty() {
            return None;
        }
        let is_one = |point: &&Point| point.component.as_deref() == Some(of) && point.is_base();
        let bases = catalogue.points.iter().filter(|point| is_one(point) && catalogue.is_clean(point)).collect();
        let merged = Merged::of(logs);
        let marks = merged.marks().collect();
        Some(Leading { merged, marks, bases, tainted: catalogue.tainted_since(Some(of)) })
    }

    /// What it leads on to from bases that lie where they count: never into what is not to be trusted.
    fn lying(&self, counts: impl Fn(&str) -> bool) -> Vec<Stretch> {
        let lying = self.merged.lying(&counts);
        let lies_there = |copied: &Copied| counts(&copied.store) && copied.state().is_restorable() && copied.is_full();
        let bases = self.bases.iter().filter(|base| base.copies.iter().any(lies_there));
        let stretch = |base: &&'c Point| {
            let way = Way::of(base, &lying);
            let to = self.tainted.map_or(way.until, |since| since.min(way.until)).max(way.from);
            let log = way.course.as_ref().map(|course| Led {
                marks: Arc::clone(&self.marks),
                segments: course.segments,
                ends: course.ends.clone(),
                written: course.written,
            });
            let stores = way.stores(&counts);
            Stretch { point: base.id.clone(), state: base.state().word(), from: way.from, to, log, stores }
        };
        bases.map(stretch).collect()
    }
}

impl Stretch {
    /// Whether one can return to this moment with it.
    pub fn holds(&self, moment: DateTime<Utc>) -> bool {
        self.from <= moment && moment <= self.to
    }

    /// How many segments of its log are replayed for this moment, and how many bytes of a store that is.
    pub fn replayed(&self, moment: DateTime<Utc>) -> (usize, u64) {
        let Some(log) = &self.log else { return (0, 0) };
        let (first, last) = log.segments;
        let until = log.marks.partition_point(|(until, _)| *until < moment).clamp(first, last);
        let before = first.checked_sub(1).map_or(0, |before| log.marks[before].1);
        (until - first + 1, log.marks[until].1 - before)
    }
}
