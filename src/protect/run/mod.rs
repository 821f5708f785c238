//! The sorts of jobs that hand no bytes to a store: an append-only file rewritten, a WAL segment finished, files
//! committed, a program run.
//!
//! Decides only what is asked of whom; how a system does it lies with the system.

mod command;
mod commit;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::due::{DueSlot, Executor, Outcome};
use crate::plan::types::{Component, Job, Plan, Task};
use crate::systems::{Contact, ContactError, Rewritten, Switched, rewrite_aof, switch_wal};
use crate::text::Explain;

/// How long such a job may take where the plan does not say what is usual.
const PATIENCE: Duration = Duration::from_hours(1);
/// A job may take so many times as long as is usual before it is ended.
const SLACK: u32 = 3;
/// And never less than this.
const LEAST: Duration = Duration::from_mins(5);

/// Does the jobs that need no store: `rewrite-aof`, `switch-wal`, `git-commit` and `command`.
pub struct Chores<'a> {
    /// The plan that they are of.
    pub plan: &'a Plan,
    /// Ways, secrets, the clock.
    pub with: &'a Contact<'a>,
}

impl Executor for Chores<'_> {
    fn offers(&self, job: &Job) -> bool {
        match job.task {
            Task::RewriteAof | Task::SwitchWal | Task::GitCommit | Task::Command => true,
            Task::Backup | Task::Upload | Task::Verify | Task::Prove | Task::Expire | Task::Drill => false,
        }
    }

    async fn run(&self, job: &Job, _: &DueSlot, stop: CancellationToken) -> Outcome {
        let with = Contact { stop, ..*self.with };
        let outcome = match job.task {
            Task::RewriteAof => self.rewrite(job, &with).await,
            Task::SwitchWal => self.switch(job, &with).await,
            Task::GitCommit => commit::run(self.plan, job, &with).await,
            Task::Command => command::run(job, &with).await,
            Task::Backup | Task::Upload | Task::Verify | Task::Prove | Task::Expire | Task::Drill => {
                Outcome::failed("this needs a store, and is not done here")
            }
        };
        if with.stop.is_cancelled() && !outcome.ending.is_well() { Outcome::interrupted(outcome.told) } else { outcome }
    }
}

impl Chores<'_> {
    async fn rewrite(&self, job: &Job, with: &Contact<'_>) -> Outcome {
        let component = match component(self.plan, job) {
            Ok(component) => component,
            Err(outcome) => return outcome,
        };
        match rewrite_aof(component, with, patience(job)).await {
            Ok(Rewritten::Done { sizes: Some((before, after)) }) => {
                Outcome::done(format!("the append-only file went from {} to {}", before.approx(), after.approx()))
            }
            Ok(Rewritten::Done { sizes: None }) => Outcome::done("the append-only file was rewritten"),
            Ok(Rewritten::Not(why)) => Outcome::failed(why),
            Err(error) => unanswered(error, with),
        }
    }

    async fn switch(&self, job: &Job, with: &Contact<'_>) -> Outcome {
        let component = match component(self.plan, job) {
            Ok(component) => component,
            Err(outcome) => return outcome,
        };
        match switch_wal(component, with, patience(job)).await {
            Ok(Switched::Done { segment, archived: true }) => Outcome::done(format!("{segment} is in the archive")),
            Ok(Switched::Done { segment, archived: false }) => {
                Outcome::done(format!("{segment} is finished; the server archives nothing"))
            }
            Ok(Switched::Not(why)) => Outcome::failed(why),
            Err(error) => unanswered(error, with),
        }
    }
}

/// The component of a job.
fn component<'a>(plan: &'a Plan, job: &Job) -> Result<&'a Component, Outcome> {
    let found = job.of.as_ref().and_then(|of| plan.component.iter().find(|component| component.name == *of));
    found.ok_or_else(|| Outcome::failed("the plan does not say of which component (`of`)"))
}

/// How long a job may take.
fn patience(job: &Job) -> Duration {
    let usual = job.expect.as_ref().and_then(|expect| expect.duration).map(|duration| duration.most.approx());
    usual.map_or(PATIENCE, |usual| (usual * SLACK).max(LEAST))
}

fn unanswered(error: ContactError, with: &Contact<'_>) -> Outcome {
    let error = error.redacted(with.secrets.redactor());
    Outcome::failed(format!("{error}; {}", error.next_step()))
}
