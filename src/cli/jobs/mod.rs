//! `lifeboat jobs`: when each job ran last and how that ended, when it runs next, and which are late.

mod json;
mod table;

use super::status::unknown;
use super::{Changes, Context, Failure, Group, Info};
use crate::plan::subject_matches;
use crate::plan::types::Plan;
use crate::protect::due::{Asker, Books, JobStanding, standings};
use crate::protect::work::is_run;
use crate::reach::Secrets;
use crate::text::{Clock, Exit, SystemClock};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "jobs",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat jobs", "Every job of the plan: its last run, its next; exit code 3 if one is late or failed"),
        ("lifeboat jobs 'postgres-*' --attention", "Of some only those that somebody should look at"),
        ("lifeboat jobs --json", "The same for scripts"),
    ],
}];

/// `lifeboat jobs`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these; `*` stands for any part of a name
    #[arg(value_name = "JOB")]
    jobs: Vec<String>,
    /// Only those that are late, or failed the last time
    #[arg(long)]
    attention: bool,
}

/// What is shown.
struct Shown<'a> {
    context: &'a Context,
    plan: &'a Plan,
    jobs: Vec<JobStanding<'a>>,
    /// How many there are, chosen or not.
    all: usize,
}

impl Args {
    /// Prints them; ends with 3 where one is late or failed the last time.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let names = || plan.job.iter().map(|job| job.name.as_str());
        for wanted in &self.jobs {
            if !names().any(|name| subject_matches(wanted, name)) {
                return Err(unknown("job", wanted, names()));
            }
        }
        let secrets = Secrets::new(context.redactor());
        let state = context.state()?.path;
        let books = context.block_on(async |_| Ok(Books::to_look_at(plan, &state, &Asker::here(), &secrets).await))?;
        let is_chosen = |name: &str| self.jobs.is_empty() || self.jobs.iter().any(|one| subject_matches(one, name));
        let mut jobs = standings(plan, &books, SystemClock.now(), |job| is_chosen(&job.name), is_run);
        let is_well = !jobs.iter().any(JobStanding::needs_attention);
        if self.attention {
            jobs.retain(JobStanding::needs_attention);
        }
        let shown = Shown { context, plan, jobs, all: plan.job.len() };
        if context.out().is_json() {
            json::print(&shown)?;
        } else {
            table::print(&shown)?;
        }
        Ok(if is_well { Exit::Done } else { Exit::Attention })
    }
}
