//! Jobs in the wrong order: looking at what is made only later, or the same work planned twice.

use chrono::TimeDelta;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::telling::schedule_origin;
use super::words::{about, list};
use crate::plan::Finding;
use crate::plan::types::{Job, Task};
use crate::text::Span;

pub const RULES: &[Rule] = &[too_early, twice];

/// A verification or an upload that runs shortly before what it works on: it then always works on
/// yesterday's. A proof may restore any of them, so its hour does not matter.
fn too_early(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        if !matches!(job.task, Task::Verify | Task::Upload) {
            continue;
        }
        let sources = sources(examined, job);
        let late: Vec<_> =
            sources.into_iter().filter_map(|source| Some((source, wait_for(examined, job, source)?))).collect();
        let Some((_, worst)) = late.iter().max_by_key(|(_, wait)| wait.age) else { continue };
        let names = list(late.iter().map(|(source, _)| source.item.name.as_str()));
        let (rule, does) = match job.task {
            Task::Upload => ("upload-before-backup", "uploads"),
            _ => ("verify-before-upload", "looks at"),
        };
        let finding = Finding::warning(
            rule,
            format!("{} {does} what is up to {} old, shortly before the next of {names}", job.name, about(worst.age)),
        )
        .at(schedule_origin(examined, job), "runs first");
        let finding = late.iter().fold(finding, |finding, (source, wait)| {
            finding.at(
                schedule_origin(examined, *source),
                format!("{} is complete {} later", source.name, about(wait.until)),
            )
        });
        findings.push(
            finding
                .because(format!(
                    "a copy that went wrong stays unnoticed for {}, and until then it is the newest there is",
                    about(worst.age)
                ))
                .mend(format!("run {} when {names} are complete", job.name)),
        );
    }
}

/// What a job works on: the jobs it names, and uploads of the same things into its stores.
fn sources<'a>(examined: &Examined<'a>, job: Entry<'a, Job>) -> Vec<Entry<'a, Job>> {
    let named: Vec<_> = job.item.takes.iter().filter_map(|name| examined.jobs.get(name)).collect();
    let mut all = named.clone();
    if job.task != Task::Upload && !job.to.is_empty() {
        let same_things = |upload: &Entry<'_, Job>| {
            let shares_store = upload.to.iter().any(|store| job.to.contains(store));
            let shares_source = job.takes.is_empty() || upload.takes.iter().any(|taken| job.takes.contains(taken));
            let shares_component = job.of.is_none() || upload.of.is_none() || upload.of == job.of;
            upload.task == Task::Upload && shares_store && shares_source && shares_component
        };
        let is_new = |upload: &Entry<'_, Job>| named.iter().all(|known| known.index != upload.index);
        all.extend(
            entries(&examined.plan.job)
                .filter(|upload| upload.index != job.index && same_things(upload) && is_new(upload)),
        );
    }
    all
}

/// How old what is worked on is, and when the next would have been there.
struct Wait {
    age: Span,
    until: Span,
}

/// The wait, where `job` runs nearer before its source than after it. Sources that come much more
/// often than the job does are never waited for, and a job that comes more often waits for nothing.
fn wait_for(examined: &Examined<'_>, job: Entry<'_, Job>, source: Entry<'_, Job>) -> Option<Wait> {
    let exposures = examined.exposures();
    let interval = exposures.interval(source.index)?;
    // Only a cron says at which hour.
    if job.cron.is_none() || source.cron.is_none() {
        return None;
    }
    if interval < Span::from_hours(6) || exposures.interval(job.index)? != interval {
        return None;
    }
    let takes = source.item.expect.as_ref().and_then(|expect| expect.duration).map(|duration| duration.most);
    // Whatever it takes, what begins at the same moment is not complete.
    let takes = TimeDelta::from_std(takes.unwrap_or(Span::from_secs(1)).approx()).ok()?;
    let run = exposures.schedule(job.index)?.next(examined.now)?;
    let runs = exposures.schedule(source.index)?;
    let last = runs.previous(run - takes + TimeDelta::milliseconds(1))?;
    let next = runs.next(run - takes)?;
    let (age, until) = (run - last - takes, next + takes - run);
    (until < age).then_some(Wait { age: Span::from(age.to_std().ok()?), until: Span::from(until.to_std().ok()?) })
}

/// The same work on the same thing, equally often, at two times.
fn twice(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let repeats = [Task::Verify, Task::Prove, Task::Upload, Task::Expire, Task::RewriteAof, Task::Drill];
    let jobs: Vec<_> =
        entries(&examined.plan.job).filter(|job| repeats.contains(&job.task) && job.cron.is_some()).collect();
    for (position, job) in jobs.iter().enumerate() {
        for first in &jobs[..position] {
            let differs = first.cron != job.cron;
            let equally_often = examined.exposures().interval(first.index) == examined.exposures().interval(job.index);
            if first.task != job.task || !differs || !equally_often || !same_target(examined, first.item, job.item) {
                continue;
            }
            findings.push(
                Finding::warning(
                    "same-work-twice",
                    format!("{} and {} do the same at different times", first.name, job.name),
                )
                .at(schedule_origin(examined, *job), format!("{} at this time", job.name))
                .at(schedule_origin(examined, *first), format!("{} at this", first.name))
                .because("one of the two times is wrong, and whoever waits for the result looks at the wrong hour")
                .mend("keep one of the two jobs, or say in `of`, `takes` or `kinds` what they do differently"),
            );
        }
    }
}

/// Whether two jobs work on the same thing.
fn same_target(examined: &Examined<'_>, one: &Job, other: &Job) -> bool {
    if one.task == Task::Drill {
        return one.scenario == other.scenario && one.kinds == other.kinds && one.environment == other.environment;
    }
    if !one.to.is_empty() && !other.to.is_empty() && !one.to.iter().any(|store| other.to.contains(store)) {
        return false;
    }
    let components = |job: &Job| -> Vec<String> {
        let taken =
            job.takes.iter().filter_map(|name| examined.jobs.get(name)).filter_map(|taken| taken.item.of.clone());
        job.of.iter().cloned().chain(taken).collect()
    };
    let (mine, theirs) = (components(one), components(other));
    if !one.takes.is_empty() && !other.takes.is_empty() {
        return one.takes.iter().any(|taken| other.takes.contains(taken));
    }
    mine.iter().any(|component| theirs.contains(component))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn plan(task: &str, at: &str, upload_at: &str) -> String {
        format!(
            "[[job]]\nname='b'\ndo='backup'\nof='db'\ncron='0 2 * * *'\nto=['near']\n\
             [[job]]\nname='u'\ndo='upload'\ntakes=['b']\ncron='{upload_at}'\nto=['far']\nexpect={{duration='10min'}}\n\
             [[job]]\nname='v'\ndo='{task}'\ntakes=['u']\ncron='{at}'\n"
        )
    }

    #[test]
    fn a_verification_before_the_upload_is_found() {
        finds(
            "verify-before-upload",
            &plan("verify", "0 3 * * *", "0 4 * * *"),
            &["cron='0 3 * * *'", "cron='0 4 * * *'"],
        );
        finds(
            "verify-before-upload",
            &plan("verify", "5 4 * * *", "0 4 * * *"),
            &["cron='5 4 * * *'", "cron='0 4 * * *'"],
        );
        finds(
            "verify-before-upload",
            &plan("verify", "0 4 * * *", "0 4 * * *"),
            &["cron='0 4 * * *'", "cron='0 4 * * *'"],
        );
        accepts("verify-before-upload", &plan("verify", "0 5 * * *", "0 4 * * *"));
        accepts("verify-before-upload", &plan("verify", "0 3 * * 0", "0 4 * * *"));
        accepts("verify-before-upload", &plan("prove", "0 3 * * *", "0 4 * * *"));
        accepts("verify-before-upload", &plan("verify", "10 4 * * *", "0 4 * * *"));
        accepts("verify-before-upload", &plan("verify", "0 3 * * *", "*/15 * * * *"));
    }

    #[test]
    fn a_verification_of_a_store_waits_for_the_uploads_into_it() {
        let plan = |at: &str| {
            format!(
                "[[job]]\nname='u'\ndo='upload'\ntakes=['b']\ncron='0 4 * * *'\nto=['far']\n\
                 [[job]]\nname='v'\ndo='verify'\ntakes=['b']\nto=['far']\ncron='{at}'\n"
            )
        };
        finds("verify-before-upload", &plan("0 3 * * *"), &["cron='0 3 * * *'", "cron='0 4 * * *'"]);
        accepts("verify-before-upload", &plan("0 6 * * *"));
    }

    #[test]
    fn an_upload_before_the_backup_is_found() {
        finds(
            "upload-before-backup",
            &plan("verify", "0 9 * * *", "0 1 * * *"),
            &["cron='0 1 * * *'", "cron='0 2 * * *'"],
        );
        accepts("upload-before-backup", &plan("verify", "0 9 * * *", "0 4 * * *"));
    }

    fn proofs(one: &str, other: &str) -> String {
        format!(
            "[[job]]\nname='a'\ndo='prove'\nof='db'\ncron = '{one}'\n[[job]]\nname='b'\ndo='prove'\nof='db'\ncron='{other}'"
        )
    }

    #[test]
    fn the_same_test_at_two_times_is_found() {
        finds("same-work-twice", &proofs("0 0 * * 0", "0 1 * * 0"), &["cron='0 1 * * 0'", "cron = '0 0 * * 0'"]);
        accepts("same-work-twice", &proofs("0 0 * * 0", "0 1 1 * *"));
        accepts(
            "same-work-twice",
            &proofs("0 0 * * 0", "0 1 * * 0").replace("name='b'\ndo='prove'", "name='b'\ndo='verify'"),
        );
        accepts("same-work-twice", &proofs("0 0 * * 0", "0 1 * * 0").replacen("of='db'", "of='cache'", 1));
    }
}
