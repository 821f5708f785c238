//! How long copies are kept: against duties, against the base that WAL needs, and wishes against what the store keeps.

use std::collections::HashSet;

use super::Rule;
use super::examined::Examined;
use super::exposure::needs_base;
use super::places::{Entry, entries};
use super::words::list;
use crate::plan::Finding;
use crate::plan::source::{Origin, Path};
use crate::plan::types::{Data, Job, Keep, Store, Task};
use crate::text::Span;

pub const RULES: &[Rule] = &[duty, wal, per_store];

/// How long a store keeps what a job wrote there, and where that is said: by the job, else by the
/// store; nothing if for ever.
pub fn kept_of(
    examined: &Examined<'_>,
    job: Option<Entry<'_, Job>>,
    store: Entry<'_, Store>,
) -> Option<(Span, Origin)> {
    let said = |keep: Option<&Keep>, path: Path| {
        let (longest, word) = keep?.longest()?;
        Some((longest, examined.at(&path.to("keep").to(word))))
    };
    let own = job.and_then(|job| said(job.item.keep.as_ref(), examined.path(job)));
    let of_store = || said(store.item.keep.as_ref(), examined.path(store));
    own.or_else(of_store)
}

/// The longest that a store keeps anything of `data`; nothing if for ever.
fn longest_kept(examined: &Examined<'_>, data: &Data, store: Entry<'_, Store>) -> Option<(Span, Origin)> {
    let writers = jobs_of(examined, data).into_iter().filter(|job| job.item.to.contains(&store.item.name));
    let mut kept: Vec<_> = writers.map(|job| kept_of(examined, Some(job), store)).collect();
    if kept.is_empty() {
        return kept_of(examined, None, store);
    }
    // Nothing is longer than anything.
    kept.sort_by_key(|kept| kept.map_or((true, Span::ZERO), |(span, _)| (false, span)));
    kept.pop().flatten()
}

/// The jobs that copies of `data` go through: those that protect it, and uploads of what they made.
fn jobs_of<'a>(examined: &Examined<'a>, data: &Data) -> Vec<Entry<'a, Job>> {
    let mut open: Vec<&str> = data.protected_by.iter().map(String::as_str).collect();
    let mut seen: HashSet<usize> = HashSet::new();
    let mut jobs = Vec::new();
    while let Some(name) = open.pop() {
        let Some(job) = examined.jobs.get(name).filter(|job| seen.insert(job.index)) else { continue };
        jobs.push(job);
        let uploads = examined.exposures().uploads_of(&job.item.name);
        open.extend(uploads.filter_map(|upload| examined.plan.job.get(upload)).map(|upload| upload.name.as_str()));
    }
    jobs
}

/// The stores that copies of `data` come to, directly and by uploads.
pub fn stores_of<'a>(examined: &Examined<'a>, data: &Data) -> Vec<Entry<'a, Store>> {
    let written = jobs_of(examined, data).into_iter().flat_map(|job| job.item.to.iter());
    let names: HashSet<&str> = data.retention.keys().chain(written).map(String::as_str).collect();
    let mut stores: Vec<_> = names.into_iter().filter_map(|name| examined.stores.get(name)).collect();
    stores.sort_by_key(|store| store.index);
    stores
}

/// Data that must be kept longer than any store keeps them.
fn duty(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(duty) = data.keep_for else { continue };
        let stores = stores_of(examined, data.item);
        let how_long = |store: &Entry<'_, Store>| {
            let wanted = data.item.retention.get(&store.item.name);
            let at = || examined.at(&examined.path(data).to("retention").to(&store.item.name));
            wanted.map(|wanted| (*wanted, at())).or_else(|| longest_kept(examined, data.item, *store))
        };
        // A store without a limit keeps for ever.
        if stores.is_empty() || stores.iter().any(|store| how_long(store).is_none_or(|(kept, _)| kept >= duty)) {
            continue;
        }
        let longest =
            stores.iter().filter_map(|store| Some((store, how_long(store)?))).max_by_key(|(_, (kept, _))| *kept);
        let Some((longest, (kept, keep_origin))) = longest else { continue };
        findings.push(
            Finding::warning(
                "retention-duty",
                format!("{} must be kept for {duty}, and {} keeps it for {kept}", data.name, longest.name),
            )
            .at(examined.key(data, "keep_for"), "the duty")
            .at(keep_origin, "the longest that anything keeps it")
            .because(format!(
                "asked for what is older than {kept}, one has nothing to show, though the law or a contract asks for it"
            ))
            .mend("add a store that keeps it long enough, such as an archive, and a job that writes there"),
        );
    }
}

/// WAL that is thrown away before the base it follows is replaced by the next one.
fn wal(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| needs_base(job.item)) {
        let job: Entry<'_, Job> = job;
        let bases = examined.exposures().bases_of(job.item).into_iter();
        let bases = bases.filter_map(|base| Some((examined.exposures().interval(base)?, base)));
        let Some((interval, base)) = bases.min_by_key(|(interval, _)| *interval) else { continue };
        let Some(base) = examined.plan.job.get(base).map(|item| Entry { index: base, item }) else { continue };
        let takes = base.item.expect.as_ref().and_then(|expect| expect.duration).map(|duration| duration.most);
        let needed = interval + takes.unwrap_or_default();
        let stores = job.item.to.iter().filter_map(|store| examined.stores.get(store));
        let short: Vec<_> = stores
            .filter_map(|store| Some((store, shortest(examined, job, store)?)))
            .filter(|(_, (kept, _))| *kept <= needed)
            .collect();
        let Some((_, (kept, _))) = short.iter().min_by_key(|(_, (kept, _))| *kept) else { continue };
        let names = list(short.iter().map(|(store, _)| store.item.name.as_str()));
        let finding = Finding::warning(
            "retention-wal",
            format!("{} is kept for {kept} in {names}, and its base may be {needed} old", job.name),
        );
        let mut places: Vec<(Origin, String)> = Vec::new();
        for (_, (kept, place)) in &short {
            if places.iter().all(|(known, _)| known != place) {
                places.push((*place, format!("after {kept} it is thrown away")));
            }
        }
        let finding = places.into_iter().fold(finding, |finding, (place, says)| finding.at(place, says));
        findings.push(
            finding
                .at(super::telling::schedule_origin(examined, base), format!("{} up to {interval} apart", base.name))
                .because(format!(
                    "shortly before the next base backup the WAL right after the last one is gone, and nothing since can be replayed: up to {needed} are lost"
                ))
                .mend(format!("keep it longer than {needed}, better as long as the base backups it belongs to")),
        );
    }
}

/// How long what a job writes survives in a store: what the store keeps, or a clean-up before that.
fn shortest(examined: &Examined<'_>, job: Entry<'_, Job>, store: Entry<'_, Store>) -> Option<(Span, Origin)> {
    let kept = kept_of(examined, Some(job), store);
    let cleaned = entries(&examined.plan.job)
        .filter(|expire| expire.task == Task::Expire && expire.takes.contains(&job.item.name))
        .filter(|expire| expire.to.is_empty() || expire.to.contains(&store.item.name))
        .filter_map(|expire| Some((expire.older_than?, examined.key(expire, "older_than"))));
    kept.into_iter().chain(cleaned).min_by_key(|(span, _)| *span)
}

/// A category of data that is to be kept in a store for another time than the store keeps anything.
fn per_store(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        for (name, wanted) in &data.item.retention {
            let Some(store) = examined.stores.get(name) else { continue };
            let Some((kept, place)) = longest_kept(examined, data.item, store).filter(|(kept, _)| kept != wanted)
            else {
                continue;
            };
            let why = if *wanted > kept {
                format!("of {} only {kept} are left in {name} when {wanted} are asked for", data.name)
            } else {
                format!("{} lies in {name} for {kept}, longer than anybody agreed to", data.name)
            };
            findings.push(
                Finding::warning(
                    "retention-store",
                    format!("{} is to be kept in {name} for {wanted}, and {name} keeps {kept}", data.name),
                )
                .at(examined.at(&examined.path(data).to("retention").to(name)), "wanted")
                .at(place, "kept")
                .because(why)
                .mend(format!("write one of the two in both places, or keep {} in a store of its own", data.name)),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn store(keep: &str) -> String {
        format!("[[store]]\nname='s'\nkind='directory'\nkeep={{age='{keep}'}}\n")
    }

    #[test]
    fn a_duty_longer_than_any_store_keeps_is_found() {
        let plan = |keep: &str| {
            store(keep)
                + "[[data]]\nname='d'\nkeep_for='7y'\nprotected_by=['j']\n\
                   [[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['s']\n"
        };
        finds("retention-duty", &plan("90d"), &["keep_for='7y'", "age='90d'"]);
        accepts("retention-duty", &plan("7y"));
        let archive = "[[store]]\nname='a'\nkind='archive'\nkeep={age='7y'}\n[[job]]\nname='u'\ndo='upload'\ntakes=['j']\nevery='1d'\nto=['a']\n";
        accepts("retention-duty", &(plan("90d") + archive));
    }

    #[test]
    fn periods_keep_as_long_as_the_longest_of_them() {
        let plan = |keep: &str| {
            format!("[[store]]\nname='s'\nkind='directory'\nkeep={{{keep}}}\n")
                + "[[data]]\nname='d'\nkeep_for='2y'\nprotected_by=['j']\n\
                   [[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['s']\n"
        };
        finds("retention-duty", &plan("age='7d', monthly=12"), &["keep_for='2y'", "monthly=12"]);
        accepts("retention-duty", &plan("age='7d', yearly=3"));
    }

    fn wal(keep: &str, rest: &str) -> String {
        store(keep)
            + "[[job]]\nname='wal'\ndo='backup'\nmethod='wal'\ncontinuous=true\nbase='base'\nto=['s']\n\
               [[job]]\nname='base'\ndo='backup'\nmethod='base'\ncron='0 2 * * *'\nexpect={duration='30min'}\n"
            + rest
    }

    #[test]
    fn wal_that_goes_before_its_base_is_found() {
        finds("retention-wal", &wal("24h", ""), &["age='24h'", "cron='0 2 * * *'"]);
        accepts("retention-wal", &wal("7d", ""));
        let cleaned = "[[job]]\nname='x'\ndo='expire'\ntakes=['wal']\ncron='0 3 * * *'\nolder_than='12h'";
        finds("retention-wal", &wal("7d", cleaned), &["older_than='12h'", "cron='0 2 * * *'"]);
    }

    #[test]
    fn data_kept_for_another_time_than_their_store_keeps_are_found() {
        let plan = |wanted: &str| store("7d") + &format!("[[data]]\nname='d'\nretention={{s='{wanted}'}}");
        finds("retention-store", &plan("30d"), &["s='30d'", "age='7d'"]);
        finds("retention-store", &plan("1d"), &["s='1d'", "age='7d'"]);
        accepts("retention-store", &plan("7d"));
    }

    #[test]
    fn what_a_job_keeps_itself_comes_before_what_its_store_keeps() {
        let job =
            |keep: &str| format!("[[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['s']\nkeep={{age = '{keep}'}}\n");
        let duty = |keep: &str| store("7y") + &job(keep) + "[[data]]\nname='d'\nkeep_for='7y'\nprotected_by=['j']";
        finds("retention-duty", &duty("90d"), &["keep_for='7y'", "age = '90d'"]);
        accepts("retention-duty", &duty("7y"));
        let wanted =
            |keep: &str| store("7d") + &job(keep) + "[[data]]\nname='d'\nprotected_by=['j']\nretention={s='30d'}";
        accepts("retention-store", &wanted("30d"));
        finds("retention-store", &wanted("14d"), &["s='30d'", "age = '14d'"]);
    }

    #[test]
    fn wal_goes_before_the_base_of_its_component_too() {
        let plan = |keep: &str| {
            wal(keep, "").replace("base='base'\n", "of='db'\n").replace("method='base'", "method='base'\nof='db'")
        };
        finds("retention-wal", &plan("24h"), &["age='24h'", "cron='0 2 * * *'"]);
        accepts("retention-wal", &plan("7d"));
    }
}
