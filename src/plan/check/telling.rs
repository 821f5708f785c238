//! How much is lost and why, in words.

use super::examined::Examined;
use super::exposure::{Exposure, Useless};
use super::places::Entry;
use super::words::{about, list};
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
        let name = examined.plan.job.get(hop.job).map_or("", |job| job.name.as_str());
        let mut parts = vec![format!("{name} up to {} apart", about(hop.interval))];
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
    let unknown = if exposure.is_known { "" } else { ", and the time it takes, which the plan does not state" };
    format!("{}{unknown}", list(parts.iter().map(String::as_str)))
}

/// How much is lost, or that it is more than that.
pub fn lost(exposure: &Exposure) -> String {
    let more = if exposure.is_known { "" } else { "more than " };
    format!("{more}{}", about(exposure.worst))
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
    }
}

/// The interval that would hold, if one does.
pub fn how_to_hold(exposure: Option<&Exposure>, rpo: Span) -> String {
    let Some(hop) = exposure.and_then(|exposure| exposure.hops.last()) else {
        return "name a job that takes copies which can be restored by themselves".to_owned();
    };
    let rest = rpo.less(hop.age + hop.duration + hop.upload);
    if rest.is_zero() {
        "protect it continuously (WAL, append-only file, replication), as no schedule can keep this".to_owned()
    } else if hop.interval > rest {
        format!("run it at most {rest} apart")
    } else {
        format!("run it less than {rpo} apart, and state how long it takes in `expect`")
    }
}
