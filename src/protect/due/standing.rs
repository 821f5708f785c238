//! How a job stands, for people: when it ran last and how that ended, when it runs next, since when it is late.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::book::KEPT;
use super::books::Books;
use super::decide::{Due, Missed, ON_TIME, Timing, believable, due};
use super::record::{Record, Run, SlotState};
use crate::plan::types::{Job, Plan};
use crate::plan::zone_of;
use crate::text::Span;

/// How long a store may take to answer before nothing is known of its jobs.
const PATIENCE: Duration = Duration::from_secs(10);

/// How a job stands.
#[derive(Clone, Debug)]
pub struct JobStanding<'a> {
    /// The job.
    pub job: &'a Job,
    /// Its newest run that ended.
    pub last: Option<Run>,
    /// What is under way.
    pub running: Option<Record>,
    /// When it runs next; the slot that is due, where one is; nothing where it has no slots.
    pub next: Option<DateTime<Utc>>,
    /// The first slot that nobody has begun, once it is later than usual.
    pub late_since: Option<DateTime<Utc>>,
    /// The slots before the newest that nobody began.
    pub missed: Missed,
    /// Whether it runs by slots at all.
    pub has_slots: bool,
    /// Whether it could be seen what became of its slots.
    pub is_known: bool,
    /// What stands in the way of knowing more.
    pub trouble: Option<String>,
}

impl JobStanding<'_> {
    /// Whether somebody should look at it: it is late, failed the last time, or nobody knows.
    pub fn needs_attention(&self) -> bool {
        !self.is_known
            || self.late_since.is_some()
            || self.last.as_ref().is_some_and(|run| run.ending == super::Ending::Failed)
    }

    /// How long its last run took.
    pub fn took(&self) -> Option<Duration> {
        self.last.as_ref().map(|run| (run.ended - run.began).to_std().unwrap_or_default())
    }
}

/// How every chosen job of a plan stands, in the order of the plan. One that nobody runs is never late: it is told.
pub fn standings<'a>(
    plan: &'a Plan,
    books: &Books,
    now: DateTime<Utc>,
    chosen: impl Fn(&Job) -> bool,
    is_run: impl Fn(&Job) -> bool,
) -> Vec<JobStanding<'a>> {
    let zone = zone_of(&plan.platform);
    let mut answers: HashMap<String, bool> = HashMap::new();
    let of = |job: &'a Job| {
        let found = books.book(job);
        let place = found.book.place();
        let records = if *answers.entry(place.to_owned()).or_insert_with(|| found.book.answers(PATIENCE)) {
            found.book.records(&job.name, KEPT).map_err(|error| error.to_string())
        } else {
            Err(format!("{place} does not answer"))
        };
        let timing = Timing::of(job, zone).map_err(|error| error.to_string());
        let empty = JobStanding {
            job,
            last: None,
            running: None,
            next: timing.as_ref().ok().and_then(|timing| timing.next(now)),
            late_since: None,
            missed: Missed::default(),
            has_slots: timing.as_ref().is_ok_and(Timing::has_slots),
            is_known: records.is_ok() && timing.is_ok(),
            trouble: found.trouble.filter(|_| timing.as_ref().is_ok_and(Timing::has_slots)),
        };
        if !is_run(job) {
            let trouble = Some("this version does not run it".to_owned());
            return JobStanding { is_known: true, next: None, trouble, ..empty };
        }
        match (timing, records) {
            (Ok(timing), Ok(records)) => standing(&timing, &records, now, empty),
            (Err(why), _) | (_, Err(why)) => JobStanding { trouble: Some(why), ..empty },
        }
    };
    plan.job.iter().filter(|job| chosen(job)).map(of).collect()
}

fn standing<'a>(timing: &Timing, records: &[Record], now: DateTime<Utc>, empty: JobStanding<'a>) -> JobStanding<'a> {
    let records = &believable(records, now)[..];
    let is_running = |record: &&Record| matches!(record.state, SlotState::Running { .. });
    let standing = JobStanding {
        last: records.iter().filter_map(Record::run).max_by_key(|run| run.slot).cloned(),
        running: records.iter().find(is_running).cloned(),
        ..empty
    };
    let newest = records.iter().max_by_key(|record| record.slot);
    let again = newest.and_then(|record| timing.again(record)).filter(|again| *again > now);
    let next = [again, standing.next].into_iter().flatten().min();
    let standing = JobStanding { next, ..standing };
    match due(timing, records, now) {
        // Somebody is at an older slot for so long that the next one should have begun.
        Due::Running(record) => {
            let next = timing.next(record.slot).filter(|slot| *slot < now && Span::between(*slot, now) > ON_TIME);
            JobStanding { late_since: next, ..standing }
        }
        Due::Run(slot) | Due::Skip(slot) => {
            // One that failed was begun in its time.
            let first = slot.missed.first.or_else(|| slot.before.is_none().then_some(slot.at));
            let late_since = first.filter(|first| Span::between(*first, now) > ON_TIME);
            JobStanding { late_since, missed: slot.missed, next: Some(slot.at), ..standing }
        }
        Due::NoSlots | Due::Later => standing,
    }
}
