//! What the journal of this host is told about jobs.

use serde_json::json;

use super::decide::DueSlot;
use super::record::Run;
use crate::journal::{Draft, Journal, JournalError, Kind};
use crate::plan::types::Job;
use crate::text::instant::stamp;

/// A slot of a job was begun.
pub const STARTED: Kind = Kind::new("job.started");
/// It ended.
pub const ENDED: Kind = Kind::new("job.ended");
/// Slots passed that nobody began.
pub const MISSED: Kind = Kind::new("job.missed");

/// That a slot begins, and what was missed before it. Nothing of it may be done before this is certain.
pub(super) async fn started(journal: &Journal, job: &Job, slot: &DueSlot, place: &str) -> Result<(), JournalError> {
    let late = slot.late.map(|late| late.approx_millis() / 1000);
    let body = json!({ "slot": stamp(slot.at), "late_seconds": late, "book": place, "attempt": slot.attempts + 1 });
    let started = Draft::new(STARTED, &job.name).with(body);
    let drafts = missed(job, slot).into_iter().chain([started]).collect();
    journal.record_all(drafts)?.await.map(drop)
}

/// That a slot was left out because it was too late for it.
pub(super) async fn skipped(journal: &Journal, job: &Job, slot: &DueSlot, run: &Run) -> Result<(), JournalError> {
    let drafts = missed(job, slot)
        .into_iter()
        .chain([Draft::new(MISSED, &job.name).with(json!({ "count": 1, "first": stamp(slot.at), "told": run.told }))]);
    journal.record_all(drafts.collect())?.await.map(drop)
}

/// How a slot ended.
pub(super) async fn ended(journal: &Journal, job: &Job, run: &Run) -> Result<(), JournalError> {
    let seconds = (run.ended - run.began).num_milliseconds() as f64 / 1000.0;
    let body = json!({ "slot": stamp(run.slot), "outcome": run.ending, "seconds": seconds, "told": run.told });
    journal.record(Draft::new(ENDED, &job.name).with(body))?.await.map(drop)
}

fn missed(job: &Job, slot: &DueSlot) -> Option<Draft> {
    // Whoever began this slot before has told it.
    let first = slot.missed.first.filter(|_| slot.attempts == 0)?;
    Some(Draft::new(MISSED, &job.name).with(json!({ "count": slot.missed.count, "first": stamp(first) })))
}
