//! Backups that do not work as backups: WAL without its base, and runs that overtake each other.

use super::Rule;
use super::examined::Examined;
use super::exposure::{Useless, needs_base};
use super::places::entries;
use super::telling::schedule_origin;
use crate::plan::types::Task;
use crate::plan::{Finding, Schedule};

pub const RULES: &[Rule] = &[bases, too_long];

/// WAL and increments whose base cannot carry them.
fn bases(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| needs_base(job.item) && job.task == Task::Backup) {
        let base = job.item.base.as_deref().and_then(|base| examined.jobs.get(base));
        let (message, finding_at) = match examined.exposures().stands_alone(&job.name) {
            Err(Useless::BaseIsDump) => (
                format!(
                    "{} cannot be replayed onto {}, which is a dump",
                    job.name,
                    job.base.as_deref().unwrap_or_default()
                ),
                examined.key(job, "base"),
            ),
            Err(Useless::NoBase) => {
                (format!("{} has no base backup to be replayed onto", job.name), examined.origin(job))
            }
            _ => continue,
        };
        let finding = Finding::warning("wal-base", message).at(finding_at, "needs a physical base backup");
        let finding = match base {
            Some(base) => finding.at(examined.key(base, "method"), "a logical dump"),
            None => finding,
        };
        findings.push(
            finding
                .because("WAL describes pages of one physical copy; without that copy not a single segment of it can be used")
                .mend("add a job with method = \"base\" for the same component, and name it as `base`"),
        );
    }
}

/// A backup that is still running when the next one begins.
fn too_long(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        let duration = job.item.expect.as_ref().and_then(|expect| expect.duration).map(|duration| duration.most);
        let scheduled =
            matches!(examined.exposures().schedule(job.index), Some(Schedule::Cron(_) | Schedule::Every(_)));
        let (Some(duration), Some(interval), true) = (duration, examined.exposures().interval(job.index), scheduled)
        else {
            continue;
        };
        if duration <= interval {
            continue;
        }
        findings.push(
            Finding::warning(
                "longer-than-interval",
                format!("{} takes {duration}, and begins again after {interval}", job.name),
            )
            .at(examined.at(&examined.path(job).to("expect").to("duration")), "how long it takes")
            .at(schedule_origin(examined, job), "how often it begins")
            .because(
                "each run finds the one before still at work, so runs are left out and copies are older than planned",
            )
            .mend(format!("run it at most every {duration}, or make it quicker")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn plan(jobs: &str) -> String {
        format!("[[component]]\nname='db'\nkind='postgres'\n{jobs}")
    }

    fn job(name: &str, rest: &str) -> String {
        format!("[[job]]\nname='{name}'\ndo='backup'\nof='db'\n{rest}\n")
    }

    #[test]
    fn a_backup_that_outlasts_its_interval_is_found() {
        let plan = |duration: &str| plan(&job("j", &format!("every='1h'\nexpect={{duration='{duration}'}}")));
        finds("longer-than-interval", &plan("2h"), &["duration='2h'", "every='1h'"]);
        accepts("longer-than-interval", &plan("1h"));
    }
}
