//! Schedules that cannot be kept: no cron expression, none or two of them, an unknown time zone.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries, walk};
use crate::plan::names::nearest;
use crate::plan::source::{Origin, Path};
use crate::plan::types::Job;
use crate::plan::{Finding, ScheduleError};
use crate::text::{Span, Zone};

pub const RULES: &[Rule] = &[time_zone, schedules, too_often];

/// The zone that schedules are meant in.
fn time_zone(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some(zone) = examined.plan.platform.time_zone.as_deref() else { return };
    if zone.parse::<Zone>().is_ok() {
        return;
    }
    let near = nearest(zone, Zone::names());
    findings.push(
        Finding::error("time-zone", format!("there is no time zone \"{zone}\""))
            .at(examined.at(&Path::root().to("platform").to("time_zone")), "no time zone")
            .because("every schedule would run at another hour than was meant, and every time shown would be wrong")
            .mend(near.map_or_else(
                || "write a name like Europe/Berlin, or UTC".to_owned(),
                |near| format!("did you mean \"{near}\"?"),
            )),
    );
}

/// More often than anybody looks: cron begins no minute twice.
fn too_often(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        let job: Entry<'_, Job> = job;
        let Some(every) = job.item.every.filter(|every| *every < Span::from_mins(1)) else { continue };
        findings.push(
            Finding::warning(
                "too-often",
                format!("{} is to run every {every}, and is looked at once a minute", job.name),
            )
            .at(examined.key(job, "every"), "too often")
            .because("most of its slots pass before anybody can begin them")
            .mend("write a minute or more, or `continuous = true` for what never stops"),
        );
    }
}

/// What each job says about when it runs.
fn schedules(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job) {
        let Some(error) = examined.exposures().schedule_error(job.index) else { continue };
        let path = examined.path(job);
        let keys = ["cron", "every", "continuous", "on_change"];
        if *error == ScheduleError::None && keys.iter().any(|key| examined.is_written(&path.to(*key))) {
            let said_no = job.continuous == Some(false) || job.on_change == Some(false);
            if !said_no {
                // What was written could not be read, and that is a finding already.
                continue;
            }
        }
        findings.push(
            underlined(examined, job, error)
                .because(format!("{} would never run, and nobody would notice until it is needed", job.name))
                .mend(
                    "write one of cron = \"0 2 * * *\" (minute, hour, day, month, weekday), every = \"15min\", \
                     continuous = true and on_change = true",
                ),
        );
    }
}

fn underlined(examined: &Examined<'_>, job: Entry<'_, Job>, error: &ScheduleError) -> Finding {
    let finding = Finding::error("schedule", format!("{}: {error}", job.name));
    match error {
        ScheduleError::None => finding.at(examined.origin(job), "without a schedule"),
        ScheduleError::Several(first, second) => {
            finding.at(examined.key(job, second), "one").at(examined.key(job, first), "and another")
        }
        ScheduleError::Cron { field, .. } => finding.at(
            field.and_then(|field| field_at(examined, job, field)).unwrap_or_else(|| examined.key(job, "cron")),
            "this",
        ),
        ScheduleError::Never(_) => finding.at(examined.key(job, "cron"), "never comes"),
        ScheduleError::Zero => finding.at(examined.key(job, "every"), "no time at all"),
    }
}

/// Where one field of a cron expression stands.
fn field_at(examined: &Examined<'_>, job: Entry<'_, Job>, field: usize) -> Option<Origin> {
    let value = walk(examined.tree, &examined.path(job).to("cron"))?.origin;
    let text = examined.sources.get(value.file)?.text.get(value.start..value.end)?;
    let mut end = text.find(|letter| letter != '"' && letter != '\'')?;
    let mut start = end;
    for word in text.trim_matches(['"', '\'']).split_whitespace().take(field + 1) {
        start = end + text[end..].find(word)?;
        end = start + word.len();
    }
    Some(Origin { start: value.start + start, end: value.start + end, ..value })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_to_run_more_often_than_anybody_looks_is_found() {
        let plan = |every: &str| format!("[[job]]\nname='j'\ndo='command'\nrun=['true']\nevery='{every}'\n");
        finds("too-often", &plan("1ms"), &["every='1ms'"]);
        accepts("too-often", &plan("1min"));
    }

    use super::super::testing::{accepts, finds, only};

    fn job(rest: &str) -> String {
        format!("[[job]]\nname='j'\ndo='command'\n{rest}")
    }

    #[test]
    fn a_wrong_field_of_a_cron_is_underlined() {
        finds("schedule", &job("cron = '0 25 * * *'"), &["25"]);
        finds("schedule", &job("cron = \"0  2 * * FOO\""), &["FOO"]);
        finds("schedule", &job("cron='0 2 * *'"), &["cron='0 2 * *'"]);
        finds("schedule", &job("cron='0 0 30 2 *'"), &["cron='0 0 30 2 *'"]);
        for cron in ["*/5 * * * *", "0 10 * * THU#1", "0 9 * * MON-FRI", "0 4 1 * *"] {
            accepts("schedule", &job(&format!("cron='{cron}'")));
        }
    }

    #[test]
    fn exactly_one_schedule_is_asked_for() {
        finds("schedule", &job(""), &["name='j'"]);
        finds("schedule", &job("every='1h'\ncron='0 2 * * *'"), &["every='1h'", "cron='0 2 * * *'"]);
        finds("schedule", &job("every='0s'"), &["every='0s'"]);
        accepts("schedule", &job("continuous=true\nlag='1s'"));
        accepts("schedule", &job("every='soon'"));
    }

    #[test]
    fn an_unknown_time_zone_is_found() {
        let plan = |zone: &str| format!("[platform]\nname='p'\ntime_zone='{zone}'");
        finds("time-zone", &plan("Europe/Berlim"), &["time_zone='Europe/Berlim'"]);
        assert_eq!(only("time-zone", &plan("Europe/Berlim")).mend, "did you mean \"Europe/Berlin\"?");
        accepts("time-zone", &plan("Europe/Berlin"));
    }
}
