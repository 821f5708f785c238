//! How a job stands, kept without the plan.

use std::path::Path;

use chrono::{DateTime, Utc};

use crate::plan::Plan;
use crate::protect::due::{Asker, Books, Ending, JobStanding, Run, SlotState, standings};
use crate::protect::work::is_run;
use crate::reach::Secrets;

/// How a job stands.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSeen {
    /// Its place among the jobs of the plan.
    pub job: usize,
    /// Its newest run that ended.
    pub last: Option<Run>,
    /// Who is at it, and since when.
    pub running: Option<(String, DateTime<Utc>)>,
    /// When it runs next.
    pub next: Option<DateTime<Utc>>,
    /// The first slot that nobody has begun in its time.
    pub late_since: Option<DateTime<Utc>>,
    /// Whether it runs by slots at all.
    pub has_slots: bool,
    /// Whether it could be seen what became of its slots.
    pub is_known: bool,
    /// What stands in the way of knowing more.
    pub trouble: Option<String>,
}

impl JobSeen {
    /// Whether it failed the last time.
    pub fn has_failed(&self) -> bool {
        self.last.as_ref().is_some_and(|run| run.ending == Ending::Failed)
    }

    fn of(job: usize, standing: JobStanding<'_>) -> JobSeen {
        let running = standing.running.and_then(|record| match record.state {
            SlotState::Running { holder, since, .. } => Some((holder, since)),
            SlotState::Broken { .. } | SlotState::Ended(_) => None,
        });
        JobSeen {
            job,
            last: standing.last,
            running,
            next: standing.next,
            late_since: standing.late_since,
            has_slots: standing.has_slots,
            is_known: standing.is_known,
            trouble: standing.trouble,
        }
    }
}

/// Where jobs are booked.
pub(super) async fn open(plan: &Plan, state: &Path, secrets: &Secrets) -> Books {
    Books::to_look_at(plan, state, &Asker::here(), secrets).await
}

/// How every job of a plan stands. To be called where blocking does no harm.
pub(super) fn seen(plan: &Plan, books: &Books, now: DateTime<Utc>) -> Vec<JobSeen> {
    let all = standings(plan, books, now, |_| true, is_run);
    all.into_iter().enumerate().map(|(job, standing)| JobSeen::of(job, standing)).collect()
}
