//! RPOs held against what the schedules can really keep.

use super::Rule;
use super::examined::Examined;
use super::exposure::{Useless, needs_base};
use super::places::{Entry, entries};
use super::telling::{how_to_hold, lost, said, schedule_origin, sum, why_not};
use super::words::about;
use crate::plan::Finding;
use crate::plan::types::{Data, Method, Purpose, Scenario};

pub const RULES: &[Rule] = &[rpo, protections, scenario_rpo];

/// The best of all protections of a category of data is held against its RPO. One that misses it is
/// no fault as long as another one holds; that is the other rule's milder word.
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
                Ok(exposure) => finding.at(schedule_origin(examined, job), sum(examined, &exposure)),
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

/// Each named protection for itself, where another one holds the RPO.
fn protections(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let exposures = examined.exposures();
        let holds = |rpo| exposures.best(data.item).is_some_and(|best| !best.misses(rpo));
        for (index, name) in data.protected_by.iter().enumerate() {
            let Some(job) = examined.jobs.get(name) else { continue };
            let here = || examined.element(data, "protected_by", index, name);
            match (exposures.of(data.item, name), data.rpo) {
                (Ok(exposure), Some(rpo))
                    if exposure.misses(rpo) && holds(rpo) && !is_base(examined, data.item, name) =>
                {
                    findings.push(
                        Finding::warning(
                            "rpo-of-job",
                            format!(
                                "{name} alone does not keep the RPO of {}: it may lose {} of {}",
                                data.name,
                                lost(&exposure),
                                said(rpo)
                            ),
                        )
                        .at(schedule_origin(examined, job), sum(examined, &exposure))
                        .at(examined.key(data, "rpo"), "what is promised")
                        .because(format!(
                            "if the other protections of {} turn out to be damaged, restoring from {name} loses {}",
                            data.name,
                            lost(&exposure)
                        ))
                        .mend(format!(
                            "{}, or keep it as a second line and know it",
                            how_to_hold(Some(&exposure), rpo)
                        )),
                    );
                }
                (Err(useless @ (Useless::TakesNothing | Useless::NotInStore)), _) => findings.push(
                    Finding::warning(
                        "protects-nothing",
                        format!("{name} does not protect {}: {}", data.name, why_not(useless, data.item)),
                    )
                    .at(here(), "named as a protection")
                    .at(examined.origin(job), "but this is what it does")
                    .because(format!(
                        "on the night {} looks protected by {name}, and there is nothing to restore",
                        data.name
                    ))
                    .mend(match data.counts_in.as_deref() {
                        Some(store) if useless == Useless::NotInStore => {
                            format!(
                                "add \"{store}\" to its `to`, or an upload job that takes {name} and writes to {store}"
                            )
                        }
                        _ => "name the job that takes the copy instead".to_owned(),
                    }),
                ),
                _ => {}
            }
        }
    }
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

/// A scenario's own RPO against the data that it strikes, where its way out goes back to a copy: a
/// repair loses nothing, and neither does a standby that takes over. Any copy counts, as the stores
/// are still there.
fn scenario_rpo(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for scenario in entries(&examined.plan.scenario) {
        let Some(rpo) = scenario.rpo else { continue };
        let procedure = scenario.item.procedure.as_deref().and_then(|name| examined.procedures.get(name));
        if procedure.and_then(|procedure| procedure.purpose).is_some_and(|purpose| purpose != Purpose::Restore) {
            continue;
        }
        for data in entries(&examined.plan.data).filter(|data| strikes(examined, scenario.item, data.item)) {
            // What the data promise themselves is held against their own RPO.
            if data.rpo.is_some_and(|own| own <= rpo) {
                continue;
            }
            let Some(best) = examined.exposures().best(&anywhere(data.item)).filter(|best| best.misses(rpo)) else {
                continue;
            };
            let finding = Finding::warning(
                "scenario-rpo",
                format!("{} promises {} of {}, and {} may be lost", scenario.name, said(rpo), data.name, lost(&best)),
            );
            let job =
                best.hops.first().and_then(|hop| Some(Entry { index: hop.job, item: examined.plan.job.get(hop.job)? }));
            let finding = finding.at(examined.key(scenario, "rpo"), "what is promised");
            let finding = match job {
                Some(job) => finding.at(schedule_origin(examined, job), sum(examined, &best)),
                None => finding,
            };
            findings.push(
                finding
                    .because(format!("in {} the best copy of {} may be {} old", scenario.name, data.name, lost(&best)))
                    .mend(format!(
                        "{}, or promise what can be kept: rpo = \"{}\"",
                        how_to_hold(Some(&best), rpo),
                        about(best.worst)
                    )),
            );
        }
    }
}

/// The same data, with any copy counting.
fn anywhere(data: &Data) -> Data {
    Data { counts_in: None, ..data.clone() }
}

/// Whether a scenario strikes where `data` live: what it is about, else what its procedure restores.
fn strikes(examined: &Examined<'_>, scenario: &Scenario, data: &Data) -> bool {
    let component = data.component.as_ref();
    if !scenario.of.is_empty() {
        return scenario.of.contains(&data.name) || component.is_some_and(|component| scenario.of.contains(component));
    }
    let procedure = scenario.procedure.as_deref().and_then(|name| examined.procedures.get(name));
    procedure.is_some_and(|procedure| component.is_some_and(|component| procedure.item.restores.contains(component)))
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
        accepts("rpo", &plan("rpo='real-time'\nprotected_by=['j']", &job("j", "continuous=true")));
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
    fn what_does_not_reach_the_store_that_counts_protects_nothing() {
        let near = plan("rpo='2h'\ncounts_in='far'\nprotected_by=['j']", &job("j", "every='1h'"));
        finds("protects-nothing", &near, &["'j'", "name='j'"]);
        let uploaded = format!("{near}[[job]]\nname='u'\ndo='upload'\ntakes=['j']\nevery='10min'\nto=['far']\n");
        accepts("protects-nothing", &uploaded);
        accepts("rpo", &uploaded);
        let verify = "[[job]]\nname='v'\ndo='verify'\nevery='1h'";
        finds("protects-nothing", &plan("protected_by=['v']", verify), &["'v'", "name='v'"]);
    }

    #[test]
    fn a_scenario_may_promise_more_than_the_data_do() {
        let plan = |rpo: &str| {
            plan("rpo='5h'\nprotected_by=['j']", &job("j", "every='4h'\nexpect={duration='10min'}"))
                + &format!("[[scenario]]\nname='s'\nof=['db']\nrpo = '{rpo}'")
        };
        finds("scenario-rpo", &plan("15min"), &["rpo = '15min'", "every='4h'"]);
        accepts("scenario-rpo", &plan("5h"));
        let repaired = |purpose: &str| {
            plan("15min").replace("[[scenario]]", "[[scenario]]\nprocedure='p'")
                + &format!("\n[[procedure]]\nname='p'\npurpose='{purpose}'")
        };
        finds("scenario-rpo", &repaired("restore"), &["rpo = '15min'", "every='4h'"]);
        accepts("scenario-rpo", &repaired("repair"));
    }
}
