//! How much is lost and why, in words.

use super::examined::Examined;
use super::exposure::{Exposure, Hop, Useless};
use super::places::Entry;
use super::words::{about, list};
use crate::plan::Schedule;
use crate::plan::source::Origin;
use crate::plan::types::{Data, Job};
use crate::text::Span;

/// What a job's schedule is underlined by.
pub fn schedule_origin(examined: &Examined<'_>, job: Entry<'_, Job>) -> Origin {
    let key = match &job.item {
        Job { continuous: Some(true), lag: Some(_), .. } => "lag",
        Job { continuous: Some(true), .. } => "continuous",
        Job { cron: Some(_), .. } => "cron",
        Job { every: Some(_), .. } => "every",
        _ => "on_change",
    };
    examined.key(job, key)
}

/// `25h 5min: every 25h at worst, 5min to take, 10min to upload`
pub fn sum(examined: &Examined<'_>, exposure: &Exposure) -> String {
    let parts = exposure.hops.last().map(|hop| {
        let job = examined.plan.job.get(hop.job);
        let name = job.map_or("", |job| job.name.as_str());
        let first = match job {
            Some(Job { continuous: Some(true), lag: None, cron: None, .. }) => format!("{name} without stopping"),
            Some(Job { continuous: Some(true), .. }) => format!("{name} up to {} behind", about(hop.interval)),
            Some(Job { on_change: Some(true), .. }) => format!("{name} on each change"),
            _ => format!(
                "{name} up to {} apart{}",
                about(hop.interval),
                if longer_night(examined, hop) { " when the clocks change" } else { "" }
            ),
        };
        let mut parts = vec![first];
        let mut add = |span: Span, what: &str| {
            if !span.is_zero() {
                parts.push(format!("{} {what}", about(span)));
            }
        };
        add(hop.age, "old is what it takes");
        add(hop.duration, "to take");
        add(hop.upload, "to travel");
        parts
    });
    let parts = parts.unwrap_or_default();
    let unknown = match (exposure.is_known, exposure.worst.is_zero()) {
        (true, _) => "",
        (false, true) => ", but the plan does not state how far behind it may be",
        (false, false) => ", and the time it takes, which the plan does not state",
    };
    format!("{}{unknown}", list(parts.iter().map(String::as_str)))
}

/// Whether the longest time between two runs is that of the night on which clocks change.
fn longer_night(examined: &Examined<'_>, hop: &Hop) -> bool {
    match examined.exposures().schedule(hop.job) {
        Some(Schedule::Cron(cron)) => cron
            .usual_interval()
            .is_some_and(|usual| usual < hop.interval && hop.interval.less(usual) <= Span::from_hours(1)),
        _ => false,
    }
}

/// How much is lost, or that it is more than that.
pub fn lost(exposure: &Exposure) -> String {
    match (exposure.is_known, exposure.worst.is_zero()) {
        (true, _) => about(exposure.worst).to_string(),
        (false, true) => "nobody knows how much".to_owned(),
        (false, false) => format!("more than {}", about(exposure.worst)),
    }
}

/// An RPO in words.
pub fn said(rpo: Span) -> String {
    if rpo.is_zero() { "nothing at all".to_owned() } else { rpo.to_string() }
}

/// Why a protection does not count.
pub fn why_not(useless: Useless, data: &Data) -> String {
    match useless {
        Useless::TakesNothing => "it takes no copy".to_owned(),
        Useless::NoSchedule => "it never runs".to_owned(),
        Useless::NotInStore => format!("its copies never reach {}", data.counts_in.as_deref().unwrap_or("a store")),
        Useless::NoBase => "there is no base backup to replay it onto".to_owned(),
        Useless::BaseIsDump => "it cannot be replayed onto a dump".to_owned(),
        Useless::BaseElsewhere => {
            format!("its base backups never reach {}", data.counts_in.as_deref().unwrap_or("that store"))
        }
    }
}

/// The interval that would hold, if one does.
pub fn how_to_hold(exposure: Option<&Exposure>, rpo: Span) -> String {
    let Some(hop) = exposure.and_then(|exposure| exposure.hops.last()) else {
        return "name a job that takes copies which can be restored by themselves".to_owned();
    };
    if exposure.is_some_and(|exposure| exposure.worst.is_zero()) {
        return "state how far behind it may be: lag = \"1min\"; for nothing at all a synchronous copy is needed"
            .to_owned();
    }
    let rest = rpo.less(hop.age + hop.duration + hop.upload);
    if rest.is_zero() {
        "protect it continuously (WAL, append-only file, replication), as no schedule can keep this".to_owned()
    } else if exposure.is_some_and(|exposure| exposure.is_known) {
        format!("run it at most {rest} apart")
    } else {
        format!("run it less than {rest} apart, and state how long it takes in `expect`")
    }
}
