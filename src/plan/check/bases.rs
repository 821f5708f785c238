//! Backups that do not work as backups: WAL without its base, and runs that overtake each other.

use super::Rule;
use super::examined::Examined;
use super::exposure::{Useless, needs_base};
use super::places::entries;
use super::telling::schedule_origin;
use crate::plan::types::{Method, Task};
use crate::plan::{Finding, Schedule};

pub const RULES: &[Rule] = &[bases, elsewhere, lag, too_long];

/// WAL and increments whose base cannot carry them.
fn bases(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| needs_base(job.item) && job.task == Task::Backup) {
        let base = job.item.base.as_deref().and_then(|base| examined.jobs.get(base));
        let (message, finding_at) = match examined.exposures().stands_alone(&job.name, None) {
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

/// WAL and increments in the store that counts, without their base backups.
fn elsewhere(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(store) = data.item.counts_in.as_deref() else { continue };
        for (index, name) in data.item.protected_by.iter().enumerate() {
            let Some(job) = examined.jobs.get(name) else { continue };
            let exposures = examined.exposures();
            let lies_there = exposures.of(data.item, name).is_ok();
            if !lies_there || exposures.stands_alone(name, Some(store)) != Err(Useless::BaseElsewhere) {
                continue;
            }
            let finding = Finding::warning(
                "base-elsewhere",
                format!("{name} reaches {store}, and the base backups it is put on never do"),
            )
            .at(examined.element(data, "protected_by", index, name), "counted on")
            .at(examined.key(data, "counts_in"), "only what lies here counts");
            let bases = exposures
                .bases_of(job.item)
                .into_iter()
                .filter_map(|base| Some(super::places::Entry { index: base, item: examined.plan.job.get(base)? }));
            let finding = bases.fold(finding, |finding, base| {
                finding.at(examined.key(base, "to"), format!("{} stays here", base.item.name))
            });
            findings.push(
                finding
                    .because(format!(
                        "when only {store} is left, nothing of {name} there can be used without a base backup"
                    ))
                    .mend(format!("add \"{store}\" to the base backup's `to`, or an upload job that takes it there")),
            );
        }
    }
}

/// WAL that is archived without a bound: a segment leaves the server when it is full, however long
/// that takes.
fn lag(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        let is_wal = job.item.task == Task::Backup && job.item.method == Some(Method::Wal);
        let is_open = matches!(examined.exposures().schedule(job.index), Some(Schedule::Continuous { lag: None }));
        if !is_wal || !is_open || examined.is_written(&examined.path(job).to("lag")) {
            continue;
        }
        findings.push(
            Finding::warning("wal-lag", format!("{} does not say for how long WAL may lie on its server", job.name))
                .at(examined.key(job, "continuous"), "how far behind?")
                .because("a segment is archived when it is full, and on a quiet night 16 MB may take hours: all of that is lost with the server")
                .mend("set archive_timeout in PostgreSQL, and write the same here: lag = \"1min\""),
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

    #[test]
    fn a_base_that_does_not_reach_the_store_that_counts_is_found() {
        let db = plan;
        let plan = |to: &str| {
            format!(
                "[[store]]\nname='near'\nkind='directory'\n[[store]]\nname='far'\nkind='s3'\n\
                 [[data]]\nname='d'\ncomponent='db'\nrpo='2h'\nprotected_by=['w']\ncounts_in='far'\n{}{}",
                job("w", "method='incremental'\nevery='1h'\nto=['near', 'far']\nbase='b'"),
                job("b", &format!("method='base'\nevery='24h'\nto = [{to}]"))
            )
        };
        finds("base-elsewhere", &db(&plan("'near'")), &["'w'", "counts_in='far'", "to"]);
        finds("rpo", &db(&plan("'near'")), &["rpo='2h'", "every='1h'"]);
        accepts("base-elsewhere", &db(&plan("'near', 'far'")));
        accepts("rpo", &db(&plan("'near', 'far'")));
    }

    #[test]
    fn wal_without_a_bound_is_found() {
        let plan = |rest: &str| plan(&job("w", &format!("method='wal'\ncontinuous=true\n{rest}")));
        finds("wal-lag", &plan(""), &["continuous=true"]);
        accepts("wal-lag", &plan("lag='1min'"));
        accepts("wal-lag", &plan("cron='*/5 * * * *'"));
        accepts("wal-lag", &plan("").replace("'wal'", "'log'"));
    }
}
