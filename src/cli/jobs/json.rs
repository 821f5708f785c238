//! Jobs for scripts.

use serde::Serialize;

use super::Shown;
use crate::cli::Failure;
use crate::plan::{does, when};
use crate::protect::due::{Ending, JobStanding, SlotState};
use crate::text::instant::stamp;
use crate::text::{Clock, Span, SystemClock};

#[derive(Serialize)]
struct Report<'a> {
    jobs: Vec<OneJob<'a>>,
}

#[derive(Serialize)]
struct OneJob<'a> {
    name: &'a str,
    does: String,
    of: Option<&'a str>,
    when: String,
    by_slots: bool,
    last: Option<Last<'a>>,
    running: Option<Running<'a>>,
    next: Option<String>,
    late_since: Option<String>,
    late_seconds: Option<u64>,
    missed: u32,
    known: bool,
    needs_attention: bool,
    trouble: Option<&'a str>,
}

#[derive(Serialize)]
struct Last<'a> {
    slot: String,
    began: String,
    ended: String,
    seconds: f64,
    outcome: Ending,
    told: &'a str,
    host: &'a str,
}

#[derive(Serialize)]
struct Running<'a> {
    slot: String,
    since: String,
    holder: &'a str,
}

/// Prints them as one value.
pub(super) fn print(shown: &Shown<'_>) -> Result<(), Failure> {
    shown.context.out().json(&Report { jobs: shown.jobs.iter().map(one).collect() })
}

fn one<'a>(standing: &'a JobStanding<'_>) -> OneJob<'a> {
    let job = standing.job;
    OneJob {
        name: &job.name,
        does: does(job),
        of: job.of.as_deref(),
        when: when(job),
        by_slots: standing.has_slots,
        last: standing.last.as_ref().map(|run| Last {
            slot: stamp(run.slot),
            began: stamp(run.began),
            ended: stamp(run.ended),
            seconds: standing.took().unwrap_or_default().as_secs_f64(),
            outcome: run.ending,
            told: &run.told,
            host: &run.host,
        }),
        running: standing.running.as_ref().and_then(|record| match &record.state {
            SlotState::Running { holder, since, .. } => {
                Some(Running { slot: stamp(record.slot), since: stamp(*since), holder })
            }
            SlotState::Broken { .. } | SlotState::Ended(_) => None,
        }),
        next: standing.next.map(stamp),
        late_since: standing.late_since.map(stamp),
        late_seconds: standing.late_since.map(|since| Span::between(since, SystemClock.now()).approx_millis() / 1000),
        missed: standing.missed.count,
        known: standing.is_known,
        needs_attention: standing.needs_attention(),
        trouble: standing.trouble.as_deref(),
    }
}
