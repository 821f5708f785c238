//! Sizes, growth, and how long copies of that size take.

use chrono::NaiveDate;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::words::about;
use crate::plan::Finding;
use crate::plan::source::Path;
use crate::plan::types::{Component, Method, Task};
use crate::text::{Rate, Size, Span};

pub const RULES: &[Rule] = &[size, growth, restore, backup, proof];

fn capacity(examined: &Examined<'_>, component: Entry<'_, Component>, key: &str) -> Path {
    examined.path(component).to("capacity").to(key)
}

/// The most that a component may hold, on how many nodes that each hold a part of it, and where that
/// is said: a limit of its own for all of it, else one a node. Replicas hold all of it once more.
fn limit(examined: &Examined<'_>, component: Entry<'_, Component>) -> Option<(Size, u64, Path)> {
    if let Some(limit) = component.item.capacity.as_ref().and_then(|capacity| capacity.limit) {
        return Some((limit, 1, capacity(examined, component, "limit")));
    }
    let redis = component.item.redis.as_ref()?;
    let replicas = u32::try_from(redis.replicas.len()).unwrap_or(u32::MAX);
    let nodes = component.nodes.unwrap_or(1).saturating_sub(replicas).max(1);
    Some((redis.memory_limit?, u64::from(nodes), examined.path(component).to("redis").to("memory_limit")))
}

/// More in it than it may hold.
fn size(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let Some((limit, nodes, place)) = limit(examined, component) else { continue };
        let Some(size) = component.item.capacity.as_ref().and_then(|capacity| capacity.size) else { continue };
        let room = Size(limit.0.saturating_mul(nodes));
        if size <= room {
            continue;
        }
        let of = if nodes > 1 { format!("{limit} on each of {nodes} nodes") } else { limit.to_string() };
        findings.push(
            Finding::warning("over-limit", format!("{} holds {size}, and its limit is {of}", component.name))
                .at(examined.at(&capacity(examined, component, "size")), "how much it holds")
                .at(examined.at(&place), "how much it may hold")
                .because(
                    "one of the two is wrong: a restore of this size into that limit evicts data or fails half-way",
                )
                .mend("correct the size that is wrong, or raise the limit above it"),
        );
    }
}

/// Growth that reaches the limit within a year. Counted from the day somebody last looked.
fn growth(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let Some(capacity_of) = component.item.capacity.as_ref() else { continue };
        let Some((limit, _, place)) = limit(examined, component) else { continue };
        let (Some(used), Some(growth)) = (capacity_of.used.or(capacity_of.size), capacity_of.growth) else { continue };
        let measured = examined.plan.platform.reviewed.unwrap_or_else(|| examined.today());
        let Some(full) = full_on(measured, limit.0.saturating_sub(used.0), growth) else { continue };
        let horizon = examined.today().checked_add_months(chrono::Months::new(12));
        if used > limit || horizon.is_none_or(|horizon| full > horizon) {
            continue;
        }
        let is_past = full <= examined.today();
        let when = if is_past { format!("was full on {full}") } else { format!("is full on {full}") };
        let raise =
            capacity_of.raise_to.map_or_else(|| "raise it".to_owned(), |to| format!("raise it to {to} as planned"));
        let key = if capacity_of.used.is_some() { "used" } else { "size" };
        findings.push(
            Finding::warning("fills-up", format!("{} {when}: {used} of {limit}, growing by {growth}", component.name))
                .at(examined.at(&capacity(examined, component, "growth")), "grows")
                .at(examined.at(&capacity(examined, component, key)), format!("from this, on {measured}"))
                .at(examined.at(&place), "to this")
                .because(
                    "from that day on it evicts or refuses what is written, and a restore of what it held does not fit",
                )
                .mend(format!("{raise} before {full}, and look again at how it grows")),
        );
    }
}

/// The day on which `room` is used up.
fn full_on(measured: NaiveDate, room: u64, growth: Rate) -> Option<NaiveDate> {
    let a_year = growth.over(Span::from_months(12)).0;
    if a_year == 0 {
        return None;
    }
    let days = u128::from(room) * 365 / u128::from(a_year);
    measured.checked_add_days(chrono::Days::new(u64::try_from(days).ok()?))
}

/// A full restore that takes longer than the component may be away.
fn restore(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let restore = component.item.capacity.as_ref().and_then(|capacity| capacity.restore);
        let (Some(restore), Some(rto)) = (restore, component.rto) else { continue };
        if restore <= rto {
            continue;
        }
        findings.push(
            Finding::warning(
                "restore-longer-than-rto",
                format!("a restore of {} takes {restore}, and it may be away for {rto}", component.name),
            )
            .at(examined.at(&capacity(examined, component, "restore")), "how long it takes")
            .at(examined.key(component, "rto"), "what is promised")
            .because(format!(
                "the copying alone ends {} after the promise, before anything is looked at",
                restore.less(rto)
            ))
            .mend("keep a standby that can take over, or promise what a restore can keep"),
        );
    }
}

/// A full backup that takes longer than the time between two of them.
fn backup(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let full = [Method::Dump, Method::Sql, Method::Base, Method::Snapshot, Method::Stream];
    for job in entries(&examined.plan.job) {
        let is_full = job.task == Task::Backup && job.method.is_some_and(|method| full.contains(&method));
        let Some(component) = job.item.of.as_deref().and_then(|name| examined.components.get(name)).filter(|_| is_full)
        else {
            continue;
        };
        let takes = component.item.capacity.as_ref().and_then(|capacity| capacity.backup);
        let (Some(takes), Some(interval)) = (takes, examined.exposures().interval(job.index)) else { continue };
        if interval.is_zero() || takes <= interval {
            continue;
        }
        findings.push(
            Finding::warning(
                "longer-than-interval",
                format!(
                    "a full backup of {} takes {takes}, and {} begins one every {}",
                    component.name,
                    job.name,
                    about(interval)
                ),
            )
            .at(examined.at(&capacity(examined, component, "backup")), "how long it takes")
            .at(super::telling::schedule_origin(examined, job), "how often it begins")
            .because(
                "each run finds the one before still at work, so runs are left out and copies are older than planned",
            )
            .mend(format!("run it at most every {takes}, or protect what changes continuously")),
        );
    }
}

/// A restore test that is said to be over before the restore can be.
fn proof(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| job.task == Task::Prove) {
        let taken =
            job.item.takes.first().and_then(|name| examined.jobs.get(name)).and_then(|taken| taken.item.of.as_deref());
        let Some(component) = job.item.of.as_deref().or(taken).and_then(|name| examined.components.get(name)) else {
            continue;
        };
        let expected = job.item.expect.as_ref().and_then(|expect| expect.duration).map(|duration| duration.most);
        let restore = component.item.capacity.as_ref().and_then(|capacity| capacity.restore);
        let (Some(expected), Some(restore)) = (expected, restore) else { continue };
        if restore <= expected {
            continue;
        }
        findings.push(
            Finding::warning(
                "proof-too-short",
                format!("{} is to take {expected}, and a restore of {} takes {restore}", job.name, component.name),
            )
            .at(examined.at(&examined.path(job).to("expect").to("duration")), "expected")
            .at(examined.at(&capacity(examined, component, "restore")), "what a restore takes")
            .because("each test looks too slow, so on the day when a restore really has become slow nobody believes it")
            .mend(format!("expect at least {restore}, or correct the restore's time")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    #[test]
    fn more_than_fits_is_found() {
        let plan = |nodes: u32| {
            format!(
                "[[component]]\nname='a'\nkind='redis'\nnodes={nodes}\ncapacity={{size='20GB'}}\nredis={{memory_limit='4GB'}}"
            )
        };
        finds("over-limit", &plan(3), &["size='20GB'", "memory_limit='4GB'"]);
        accepts("over-limit", &plan(5));
        let replicas = plan(5).replace("memory_limit", "replicas=['b', 'c'], memory_limit");
        finds("over-limit", &replicas, &["size='20GB'", "memory_limit='4GB'"]);
        let total = plan(5).replace("size='20GB'", "size='20GB', limit='4GB'");
        finds("over-limit", &total, &["size='20GB'", "limit='4GB'"]);
    }

    #[test]
    fn the_day_on_which_it_is_full_is_told() {
        let plan = |growth: &str| {
            format!(
                "[platform]\nname='p'\nreviewed=2024-11-18\n[[component]]\nname='a'\nkind='redis'\n\
                 capacity={{used='450MB', limit='512MB', growth='{growth}', raise_to='2GB'}}"
            )
        };
        finds("fills-up", &plan("10MB/month"), &["growth='10MB/month'", "used='450MB'", "limit='512MB'"]);
        let finding = only("fills-up", &plan("10MB/month"));
        assert!(finding.message.contains("is full on 2025-05-25"), "{}", finding.message);
        assert!(finding.mend.contains("raise it to 2GB as planned"), "{}", finding.mend);
        assert!(only("fills-up", &plan("10MB/h")).message.contains("was full on 2024-11-18"));
        accepts("fills-up", &plan("1MB/month"));
    }

    #[test]
    fn a_restore_longer_than_the_rto_is_found() {
        let plan =
            |rto: &str| format!("[[component]]\nname='a'\nkind='postgres'\nrto='{rto}'\ncapacity={{restore='35min'}}");
        finds("restore-longer-than-rto", &plan("30min"), &["restore='35min'", "rto='30min'"]);
        accepts("restore-longer-than-rto", &plan("35min"));
    }

    #[test]
    fn a_full_backup_longer_than_its_interval_is_found() {
        let plan = |method: &str| {
            format!(
                "[[component]]\nname='a'\nkind='postgres'\ncapacity={{backup='25min'}}\n[[job]]\nname='j'\ndo='backup'\nof='a'\nmethod='{method}'\nevery='15min'"
            )
        };
        finds("longer-than-interval", &plan("dump"), &["backup='25min'", "every='15min'"]);
        accepts("longer-than-interval", &plan("incremental"));
    }

    #[test]
    fn a_test_shorter_than_the_restore_it_makes_is_found() {
        let plan = |duration: &str| {
            format!(
                "[[component]]\nname='a'\nkind='postgres'\ncapacity={{restore='35min'}}\n[[job]]\nname='j'\ndo='prove'\nof='a'\ncron='0 1 * * 0'\nexpect={{duration='{duration}'}}"
            )
        };
        finds("proof-too-short", &plan("30min"), &["duration='30min'", "restore='35min'"]);
        accepts("proof-too-short", &plan("35min"));
    }
}
