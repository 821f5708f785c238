//! What is due now: the newest slot of a job that nobody has begun, never ten in a row; a backup that failed again.
//!
//! Pure: from the schedule, the records and the present.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use super::record::{Record, Rest, Run, SlotState};
use crate::plan::types::{Job, Late, Task};
use crate::plan::{Schedule, ScheduleError};
use crate::text::{Span, Zone};

/// Whoever looks every few minutes begins a slot within this. What is begun later is late.
pub const ON_TIME: Span = Span::from_mins(15);
/// A slot whose runner died so often is not begun again: it may be what kills it.
pub const ATTEMPTS: u64 = 4;
/// What failed is tried again after so long, and after twice as long each time. Backups only: what a command has done by
/// half, nobody here knows.
const TRIED_AGAIN: TimeDelta = TimeDelta::minutes(5);
/// So far ahead of ours the clock of another host may be. Better a slot that two hosts run than none for a year.
const AHEAD: TimeDelta = TimeDelta::hours(3);
/// What was changed a moment ago is not finished yet: a key follows its certificate.
const SETTLES: TimeDelta = TimeDelta::seconds(2);
/// After so long a change is tried once more that could not be taken.
const AGAIN: TimeDelta = TimeDelta::minutes(15);
/// More missed slots than these are not counted.
const COUNTED: u32 = 1_000;

/// When a job runs, and what becomes of it when it is late.
#[derive(Clone, Debug)]
pub struct Timing {
    schedule: Schedule,
    /// How late a slot may begin.
    within: Option<Span>,
    /// Whether one that failed is tried again.
    is_tried_again: bool,
}

/// Slots that nobody began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// How many; a thousand stands for more.
    pub count: u32,
    /// The first of them.
    pub first: Option<DateTime<Utc>>,
}

/// A slot whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSlot {
    /// Its time.
    pub at: DateTime<Utc>,
    /// How late it is, where that is more than what is usual.
    pub late: Option<Span>,
    /// The slots before it that nobody began.
    pub missed: Missed,
    /// How often it was begun already.
    pub attempts: u64,
    /// How it ended then, if it did.
    pub before: Option<Run>,
}

/// How a job stands to the present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// It does not run by slots: it never stops, or a change sets it off.
    NoSlots,
    /// Its newest slot is done, or failed and is not tried again yet.
    Later,
    /// Somebody is at it: this slot or an older one.
    Running(Record),
    /// This slot is to be run.
    Run(DueSlot),
    /// This one is to be left out: it is too late for it.
    Skip(DueSlot),
}

impl Timing {
    /// What a job says.
    pub fn of(job: &Job, zone: Zone) -> Result<Timing, ScheduleError> {
        let within = match job.when_late() {
            Late::Run => job.late_within,
            Late::Skip => Some(job.late_within.unwrap_or(ON_TIME)),
        };
        let is_tried_again = matches!(job.task, Task::Backup | Task::Upload);
        // Its server hands a log over at any time; by the cron it is looked for what a store has missed.
        let looks = job.keeps_log() && job.cron.is_some();
        let schedule = if looks {
            Schedule::of(&Job { continuous: None, lag: None, ..job.clone() }, zone)?
        } else {
            Schedule::of(job, zone)?
        };
        Ok(Timing { schedule, within, is_tried_again })
    }

    /// Whether it runs by slots at all.
    pub fn has_slots(&self) -> bool {
        matches!(self.schedule, Schedule::Cron(_) | Schedule::Every(_))
    }

    /// The newest slot whose time has come.
    pub fn newest(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.schedule.previous(now + TimeDelta::milliseconds(1))
    }

    /// Whether a change sets it off.
    pub fn is_on_change(&self) -> bool {
        matches!(self.schedule, Schedule::OnChange)
    }

    /// The first slot after now.
    pub fn next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.schedule.next(now)
    }

    /// When a slot that failed is tried again; never, if it was begun often enough, or is too late by then.
    pub fn again(&self, record: &Record) -> Option<DateTime<Utc>> {
        let is_tried = self.is_tried_again && record.has_failed() && record.attempts < ATTEMPTS;
        let run = record.run().filter(|run| is_tried && run.rest != Rest::Nothing)?;
        let waits = 1 << record.attempts.saturating_sub(1).min(ATTEMPTS);
        let again = run.ended + TRIED_AGAIN * waits;
        (!self.is_too_late(record.slot, again)).then_some(again)
    }

    /// Whether a slot may not begin any more.
    fn is_too_late(&self, slot: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.within.is_some_and(|within| Span::between(slot, now) > within)
    }

    /// The slots between two, without them.
    pub fn between(&self, after: DateTime<Utc>, before: DateTime<Utc>) -> Missed {
        let mut missed = Missed::default();
        let mut last = after;
        while let Some(slot) = self.schedule.next(last).filter(|slot| *slot < before) {
            missed.first = missed.first.or(Some(slot));
            missed.count += 1;
            last = slot;
            if missed.count == COUNTED {
                break;
            }
        }
        missed
    }
}

/// The slots that may be true. One far ahead was written by a clock that went wrong, and stops nobody.
pub fn believable(records: &[Record], now: DateTime<Utc>) -> Vec<Record> {
    records.iter().filter(|record| record.slot - now < AHEAD).cloned().collect()
}

/// What is to be done for a job now, with these records of it in any order.
pub fn due(timing: &Timing, records: &[Record], now: DateTime<Utc>) -> Due {
    if !timing.has_slots() {
        return Due::NoSlots;
    }
    let records = &believable(records, now)[..];
    let is_running = |record: &&Record| matches!(record.state, SlotState::Running { .. });
    if let Some(running) = records.iter().filter(is_running).max_by_key(|record| record.slot) {
        return Due::Running(running.clone());
    }
    let Some(newest) = timing.newest(now) else { return Due::Later };
    let last = records.iter().max_by_key(|record| record.slot);
    let (attempts, before) = match last {
        // By another host's clock it is later than by ours: what is older than its slot is nobody's any more.
        Some(last) if last.slot > newest => return Due::Later,
        Some(Record { state: SlotState::Broken { attempts }, slot, .. }) if *slot == newest => (*attempts, None),
        Some(last) if last.slot == newest => match timing.again(last) {
            // That it failed stays what is known of it, once it is too late.
            Some(again) if again <= now && !timing.is_too_late(newest, now) => (last.attempts, last.run().cloned()),
            _ => return Due::Later,
        },
        _ => (0, None),
    };
    let lateness = Span::between(newest, now);
    let slot = DueSlot {
        at: newest,
        late: (lateness > ON_TIME).then_some(lateness),
        missed: missed(timing, records, newest),
        attempts,
        before,
    };
    match timing.is_too_late(newest, now) {
        // What was never run was not there when its time came.
        true if records.is_empty() => Due::Later,
        true => Due::Skip(slot),
        false => Due::Run(slot),
    }
}

/// What is to be done for a job that a change sets off: the moment of the change is its slot. One that was taken ill
/// gets another slot a while later, until it is well.
pub fn due_on_change(changed: DateTime<Utc>, records: &[Record], now: DateTime<Utc>) -> Due {
    let records = &believable(records, now)[..];
    let is_running = |record: &&Record| matches!(record.state, SlotState::Running { .. });
    if let Some(running) = records.iter().filter(is_running).max_by_key(|record| record.slot) {
        return Due::Running(running.clone());
    }
    let run = |at, attempts| Due::Run(DueSlot { at, late: None, missed: Missed::default(), attempts, before: None });
    let last = records.iter().max_by_key(|record| record.slot).filter(|last| last.slot >= changed);
    let again = |last: &Record| if now - last.slot < AGAIN { Due::Later } else { run(now.trunc_subsecs(0), 0) };
    match last {
        // By a clock that is ahead of ours it may have been changed in the future: no reason to wait for that.
        None if (TimeDelta::zero()..SETTLES).contains(&(now - changed)) => Due::Later,
        None => run(changed, 0),
        Some(Record { state: SlotState::Broken { attempts }, slot, .. }) if *attempts < ATTEMPTS => {
            run(*slot, *attempts)
        }
        // What cannot be read is not read in a while either.
        Some(last) if last.run().is_some_and(|run| run.ending.is_well() || run.rest == Rest::Nothing) => Due::Later,
        Some(last) => again(last),
    }
}

/// What nobody began, or began and never ended, since the last slot that was seen to.
fn missed(timing: &Timing, records: &[Record], newest: DateTime<Utc>) -> Missed {
    let ended = records.iter().filter(|record| record.run().is_some() && record.slot < newest);
    let Some(last) = ended.map(|record| record.slot).max() else {
        let broken = records.iter().filter(|record| record.slot < newest).map(|record| record.slot).min();
        return broken.map_or_else(Missed::default, |first| {
            let more = timing.between(first, newest);
            Missed { count: more.count + 1, first: Some(first) }
        });
    };
    timing.between(last, newest)
}

#[cfg(test)]
mod tests;
