//! The schedule of a plan for whatever starts programs on a host: cron, systemd.
//!
//! Both only ask more or less often what is due. What is due, in which time zone and in the nights when clocks change,
//! the plan's own schedule decides; that it is run once, the claims on its slots.

mod crontab;
mod shape;
mod systemd;

pub use crontab::crontab;
pub use systemd::{Unit, units};

use super::work::is_run;
use crate::plan::types::{Job, Plan};
use crate::text::{Shape, untrusted};

/// How often it is asked at least what is due, where one line serves all jobs.
const OFTEN_MINUTES: u32 = 5;

/// How often it is asked what is left over, where each job has a line of its own.
const REST_MINUTES: u32 = 15;

/// How the program is called.
#[derive(Clone, Debug)]
pub struct Call {
    /// The program, and what stands before its verb: which plan, which state.
    pub program: Vec<String>,
    /// As whom it runs; whoever owns the table if nothing is said.
    pub user: Option<String>,
    /// The time zone of the plan.
    pub zone: String,
}

impl Call {
    fn words(&self, words: &[&str]) -> Vec<String> {
        self.program.iter().cloned().chain(words.iter().map(|word| (*word).to_owned())).collect()
    }
}

/// How often it is asked what is due, where one line serves all jobs: as often as the most frequent of them comes.
fn often(jobs: &[&Job]) -> u32 {
    jobs.iter().map(|job| shape::least_minutes(job)).min().unwrap_or(OFTEN_MINUTES).clamp(1, OFTEN_MINUTES)
}

/// `minute`, `5 minutes`.
fn every(minutes: u32) -> String {
    if minutes == 1 { "minute".to_owned() } else { format!("{minutes} minutes") }
}

/// The jobs that run by slots, and for each of the others why it is not there, as comments.
fn sorted(plan: &Plan) -> (Vec<&Job>, Vec<String>) {
    let is_elsewhere = |job: &&Job| job.continuous == Some(true) || job.on_change == Some(true) || !is_run(job);
    let (others, timed): (Vec<&Job>, Vec<&Job>) = plan.job.iter().partition(is_elsewhere);
    let note = |job: &Job| {
        let name = plain(&job.name);
        if !is_run(job) {
            return format!("# Not here: {name}; this version does not run it.");
        }
        if job.on_change == Some(true) {
            return format!(
                "# {name}: a change sets it off; `lifeboat watch` sees one at once, these lines at their time."
            );
        }
        format!("# Not here: {name}; it never stops, and whoever watches does it.")
    };
    (timed, others.into_iter().map(note).collect())
}

/// A name on a line of its own file: it can begin no other line.
fn plain(name: &str) -> String {
    untrusted(name, Shape::line(120))
}
