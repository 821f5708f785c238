//! RPOs of data held against what the schedules can really keep.

use super::Rule;
use super::examined::Examined;
use super::exposure::{Useless, needs_base};
use super::places::{Entry, entries};
use super::retention::stores_of;
use super::telling::{how_to_hold, lost, said, schedule_origin, sum, why_not};
use crate::plan::Finding;
use crate::plan::types::{Data, Job, Method, Task};

pub const RULES: &[Rule] = &[rpo, only_one, protections];

/// The best of all protections of a category of data is held against its RPO. One that misses it is
/// no fault as long as another one holds; that is the next rule's milder word.
fn rpo(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(rpo) = data.rpo else { continue };
        let exposures = examined.exposures();
        let best = exposures.best(data.item);
        if best.as_ref().is_some_and(|best| !best.misses(rpo)) || data.protected_by.is_empty() {
            continue;
        }
        let message = match &best {
            Some(best) => format!("{} may lose {}, and its RPO is {}", data.name, lost(best), said(rpo)),
            None => format!("nothing that protects {} can be restored by itself", data.name),
        };
        let mut finding = Finding::warning("rpo", message).at(examined.key(data, "rpo"), "what is promised");
        for (index, name) in data.protected_by.iter().enumerate() {
            let Some(job) = examined.jobs.get(name) else { continue };
            finding = match exposures.of(data.item, name) {
                Ok(exposure) => {
                    let alone = exposures.stands_alone(name, data.item.counts_in.as_deref());
                    let says = alone.map_or_else(|useless| why_not(useless, data.item), |()| sum(examined, &exposure));
                    finding.at(schedule_origin(examined, job), says)
                }
                Err(useless) => {
                    finding.at(examined.element(data, "protected_by", index, name), why_not(useless, data.item))
                }
            };
        }
        let lost_with = data.component.as_deref().unwrap_or(&data.name);
        let why = best.as_ref().map_or_else(
            || format!("when {lost_with} is lost, there is nothing to restore {} from", data.name),
            |best| {
                format!(
                    "when {lost_with} is lost just before the next copy is complete, everything since the one before is gone: {}",
                    sum(examined, best)
                )
            },
        );
        findings.push(finding.because(why).mend(how_to_hold(best.as_ref(), rpo)));
    }
}

/// An RPO that hangs on one protection, where others are named beside it.
fn only_one(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(rpo) = data.item.rpo else { continue };
        let exposures = examined.exposures();
        let counted: Vec<_> = data.item.protected_by.iter().filter(|name| exposures.counts(data.item, name)).collect();
        let taken = |name: &String| {
            examined.jobs.get(name).is_some_and(|job| {
                job.item.task == Task::Upload
                    && job.item.takes.iter().any(|taken| data.item.protected_by.contains(taken))
            })
        };
        let chains = counted.into_iter().filter(|name| !is_base(examined, data.item, name) && !taken(name));
        let lost_by = chains.filter_map(|name| Some((name, exposures.of(data.item, name).ok()?)));
        let (hold, miss): (Vec<_>, Vec<_>) = lost_by.partition(|(_, exposure)| !exposure.misses(rpo));
        let next = miss.iter().min_by_key(|(_, exposure)| exposure.worst);
        let ([(only, _)], Some((name, exposure))) = (&hold[..], next) else { continue };
        let Some(job) = examined.jobs.get(name) else { continue };
        findings.push(
            Finding::warning(
                "rpo-of-job",
                format!(
                    "only {only} keeps the RPO of {}, {}: {name}, the next best, may lose {}",
                    data.name,
                    said(rpo),
                    lost(exposure)
                ),
            )
            .at(schedule_origin(examined, job), sum(examined, exposure))
            .at(examined.key(data, "rpo"), "what is promised")
            .because(format!(
                "if what {only} keeps turns out to be damaged, restoring from {name} loses {}",
                lost(exposure)
            ))
            .mend(format!("{}, or keep it as a second line and know it", how_to_hold(Some(exposure), rpo))),
        );
    }
}

/// Named protections that take no copy, or keep it where it does not count.
fn protections(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        for (index, name) in data.protected_by.iter().enumerate() {
            let Some(job) = examined.jobs.get(name) else { continue };
            match examined.exposures().of(data.item, name) {
                Err(Useless::TakesNothing) => findings.push(
                    Finding::warning(
                        "protects-nothing",
                        format!("{name} does not protect {}: it takes no copy of it", data.name),
                    )
                    .at(examined.element(data, "protected_by", index, name), "named as a protection")
                    .at(examined.origin(job), "but this is what it does")
                    .because(format!(
                        "on the night {} looks protected by {name}, and there is nothing to restore",
                        data.name
                    ))
                    .mend("name the job that takes the copy instead"),
                ),
                Err(Useless::NotInStore) if !keeps_for_duty(examined, data.item, name) => {
                    findings.push(not_in_store(examined, data, index, job));
                }
                _ => {}
            }
        }
    }
}

/// A protection whose copies lie elsewhere than where they count.
fn not_in_store(examined: &Examined<'_>, data: Entry<'_, Data>, index: usize, job: Entry<'_, Job>) -> Finding {
    let store = data.item.counts_in.as_deref().unwrap_or_default();
    let name = &job.item.name;
    Finding::warning(
        "not-in-store",
        format!("{name} does not count for the RPO of {}: its copies never reach {store}", data.name),
    )
    .at(examined.element(data, "protected_by", index, name), "named as a protection")
    .at(examined.key(data, "counts_in"), "only what lies here counts")
    .at(examined.key(job, "to"), "where it writes")
    .because(format!("when only {store} is left, whatever {name} had is gone, however young it was"))
    .mend(format!("add \"{store}\" to its `to`, or an upload job that takes {name} and writes to {store}"))
}

/// Whether a job is named for the sake of the law: it writes to a store that keeps as long as the
/// data must be kept. Nobody counts on it for the RPO.
fn keeps_for_duty(examined: &Examined<'_>, data: &Data, name: &str) -> bool {
    let Some(duty) = data.keep_for else { return false };
    let only_this = Data { protected_by: vec![name.to_owned()], retention: indexmap::IndexMap::new(), ..data.clone() };
    let kept = |store: &crate::plan::types::Store| store.keep.as_ref().and_then(|keep| keep.age);
    stores_of(examined, &only_this).iter().any(|store| kept(store.item).is_none_or(|kept| kept >= duty))
}

/// Whether another protection of `data` builds on the copies of the job named `name`: a base backup is
/// old by nature, and the WAL that follows it makes up for that.
fn is_base(examined: &Examined<'_>, data: &Data, name: &str) -> bool {
    let others = data.protected_by.iter().filter_map(|other| examined.jobs.get(other));
    others.filter(|other| needs_base(other.item)).any(|other| {
        let base = other.item.base.as_deref();
        let shared =
            || examined.jobs.get(name).is_some_and(|job| job.method == Some(Method::Base) && job.of == other.of);
        base.map_or_else(shared, |base| base == name)
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    const STORES: &str = "[[store]]\nname='near'\nkind='directory'\n[[store]]\nname='far'\nkind='s3'\n";

    fn plan(data: &str, jobs: &str) -> String {
        format!("{STORES}[[component]]\nname='db'\nkind='postgres'\n[[data]]\nname='d'\ncomponent='db'\n{data}\n{jobs}")
    }

    fn job(name: &str, rest: &str) -> String {
        format!("[[job]]\nname='{name}'\ndo='backup'\nof='db'\nto=['near']\n{rest}\n")
    }

    #[test]
    fn hourly_and_five_minutes_is_more_than_an_hour() {
        let jobs = job("j", "every = '1h'\nexpect={duration='5min'}");
        finds("rpo", &plan("rpo='1h'\nprotected_by=['j']", &jobs), &["rpo='1h'", "every = '1h'"]);
        let finding = only("rpo", &plan("rpo='1h'\nprotected_by=['j']", &jobs));
        assert_eq!(finding.message, "d may lose 1h 5min, and its RPO is 1h");
        assert_eq!(finding.mend, "run it at most 55min apart");
        accepts("rpo", &plan("rpo='1h 5min'\nprotected_by=['j']", &jobs));
    }

    #[test]
    fn a_quarter_of_an_hour_does_not_give_a_quarter_of_an_hour() {
        let jobs = job("j", "every='15min'");
        finds("rpo", &plan("rpo='15min'\nprotected_by=['j']", &jobs), &["rpo='15min'", "every='15min'"]);
        accepts("rpo", &plan("rpo='16min'\nprotected_by=['j']", &jobs));
    }

    #[test]
    fn real_time_is_held_by_what_a_change_sets_off() {
        accepts("rpo", &plan("rpo='real-time'\nprotected_by=['j']", &job("j", "on_change=true")));
        finds(
            "rpo",
            &plan("rpo='real-time'\nprotected_by=['j']", &job("j", "continuous=true")),
            &["rpo='real-time'", "continuous=true"],
        );
        finds(
            "rpo",
            &plan("rpo='real-time'\nprotected_by=['j']", &job("j", "continuous=true\nlag='1s'")),
            &["rpo='real-time'", "lag='1s'"],
        );
    }

    #[test]
    fn the_best_protection_counts_and_the_other_is_told_of_mildly() {
        let jobs = job("aof", "method='aof'\ncontinuous=true\nlag='1s'")
            + &job("rdb", "method='snapshot'\ncron = '0 * * * *'");
        let plan = plan("rpo='15min'\nprotected_by=['aof', 'rdb']", &jobs);
        accepts("rpo", &plan);
        finds("rpo-of-job", &plan, &["cron = '0 * * * *'", "rpo='15min'"]);
        let second = job("more", "method='aof'\ncontinuous=true\nlag='5s'");
        accepts("rpo-of-job", &(plan.replace("['aof', ", "['aof', 'more', ") + &second));
    }

    #[test]
    fn wal_counts_with_its_base_only() {
        let wal = |base: &str| job("wal", &format!("method='wal'\ncontinuous=true\nlag='5min'\n{base}"));
        let daily = |method: &str| job("daily", &format!("method = '{method}'\ncron='0 2 * * *'"));
        let plan =
            |base: &str, method: &str| plan("rpo='1h'\nprotected_by=['wal', 'daily']", &(wal(base) + &daily(method)));
        accepts("rpo", &plan("base='daily'", "base"));
        accepts("rpo-of-job", &plan("base='daily'", "base"));
        accepts("wal-base", &plan("base='daily'", "base"));
        finds("wal-base", &plan("base='daily'", "dump"), &["base='daily'", "method = 'dump'"]);
        finds("rpo", &plan("base='daily'", "dump"), &["rpo='1h'", "lag='5min'", "cron='0 2 * * *'"]);
        finds("wal-base", &plan("", "dump"), &["name='wal'"]);
    }

    #[test]
    fn definitions_alone_bring_no_messages_back() {
        let jobs =
            job("defs", "method='definitions'\nevery='30min'") + &job("dump", "method='messages'\ncron='0 3 * * *'");
        finds(
            "rpo",
            &plan("rpo='1h'\nprotected_by=['defs', 'dump']", &jobs),
            &["rpo='1h'", "every='30min'", "cron='0 3 * * *'"],
        );
        accepts("rpo", &plan("rpo='1h'\nprotected_by=['defs']", &jobs));
    }

    #[test]
    fn what_does_not_reach_the_store_that_counts_does_not_count() {
        let near = plan("rpo='2h'\ncounts_in='far'\nprotected_by=['j']", &job("j", "every='1h'"));
        finds("not-in-store", &near, &["'j'", "counts_in='far'", "to"]);
        accepts("protects-nothing", &near);
        let uploaded = format!("{near}[[job]]\nname='u'\ndo='upload'\ntakes=['j']\nevery='10min'\nto=['far']\n");
        accepts("not-in-store", &uploaded);
        accepts("rpo", &uploaded);
        let verify = "[[job]]\nname='v'\ndo='verify'\nevery='1h'";
        finds("protects-nothing", &plan("protected_by=['v']", verify), &["'v'", "name='v'"]);
    }

    #[test]
    fn a_copy_for_the_law_need_not_lie_where_the_rpo_counts() {
        let plan = |keep: &str| {
            format!("[[store]]\nname='ice'\nkind='archive'\nkeep={{age='{keep}'}}\n")
                + &plan(
                    "counts_in='far'\nkeep_for='7y'\nprotected_by=['j']",
                    &job("j", "every='24h'").replace("'near'", "'ice'"),
                )
        };
        accepts("not-in-store", &plan("7y"));
        finds("not-in-store", &plan("1y"), &["'j'", "counts_in='far'", "to"]);
    }
}
