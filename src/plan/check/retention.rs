//! How long copies are kept: against duties, against the base that WAL needs, and clean-ups and
//! wishes against what the store keeps.

use std::collections::HashSet;

use super::Rule;
use super::examined::Examined;
use super::exposure::needs_base;
use super::places::{Entry, entries};
use super::words::list;
use crate::plan::Finding;
use crate::plan::source::Origin;
use crate::plan::types::{Data, Job, Store, Task};
use crate::text::Span;

pub const RULES: &[Rule] = &[duty, wal, clean_up, per_store];

/// How long a store keeps what is in it, if it says so.
fn kept(store: &Store) -> Option<Span> {
    store.keep.as_ref()?.age
}

/// The stores that copies of `data` come to, directly and by uploads.
pub fn stores_of<'a>(examined: &Examined<'a>, data: &Data) -> Vec<Entry<'a, Store>> {
    let mut names: HashSet<&str> = data.retention.keys().map(String::as_str).collect();
    let mut jobs: Vec<&str> = data.protected_by.iter().map(String::as_str).collect();
    let mut seen: HashSet<&str> = HashSet::new();
    while let Some(name) = jobs.pop() {
        if !seen.insert(name) {
            continue;
        }
        names.extend(examined.jobs.get(name).into_iter().flat_map(|job| &job.item.to).map(String::as_str));
        let uploads = examined.exposures().uploads_of(name);
        jobs.extend(uploads.filter_map(|upload| examined.plan.job.get(upload)).map(|upload| upload.name.as_str()));
    }
    let mut stores: Vec<_> = names.into_iter().filter_map(|name| examined.stores.get(name)).collect();
    stores.sort_by_key(|store| store.index);
    stores
}

/// Data that must be kept longer than any store keeps them.
fn duty(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        let Some(duty) = data.keep_for else { continue };
        let stores = stores_of(examined, data.item);
        let how_long =
            |store: &Entry<'_, Store>| data.item.retention.get(&store.item.name).copied().or_else(|| kept(store.item));
        // A store without a limit keeps for ever.
        if stores.is_empty() || stores.iter().any(|store| how_long(store).is_none_or(|kept| kept >= duty)) {
            continue;
        }
        let Some(longest) = stores.iter().max_by_key(|store| how_long(store)) else { continue };
        let kept = how_long(longest).unwrap_or_default();
        findings.push(
            Finding::warning(
                "retention-duty",
                format!("{} must be kept for {duty}, and {} keeps it for {kept}", data.name, longest.name),
            )
            .at(examined.key(data, "keep_for"), "the duty")
            .at(keep_origin(examined, data, *longest), "the longest that anything keeps it")
            .because(format!(
                "asked for what is older than {kept}, one has nothing to show, though the law or a contract asks for it"
            ))
            .mend("add a store that keeps it long enough, such as an archive, and a job that writes there"),
        );
    }
}

fn keep_origin(examined: &Examined<'_>, data: Entry<'_, Data>, store: Entry<'_, Store>) -> Origin {
    if data.item.retention.contains_key(&store.item.name) {
        examined.at(&examined.path(data).to("retention").to(&store.item.name))
    } else {
        examined.at(&examined.path(store).to("keep").to("age"))
    }
}

/// WAL that is thrown away before the base it follows is replaced by the next one.
fn wal(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| needs_base(job.item)) {
        let job: Entry<'_, Job> = job;
        let Some(base) = job.item.base.as_deref().and_then(|base| examined.jobs.get(base)) else { continue };
        let Some(interval) = examined.exposures().interval(base.index) else { continue };
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
    let own = job.item.keep.as_ref().and_then(|keep| keep.age);
    let own = own.map(|age| (age, examined.at(&examined.path(job).to("keep").to("age"))));
    let of_store = || kept(store.item).map(|kept| (kept, examined.at(&examined.path(store).to("keep").to("age"))));
    let kept = own.or_else(of_store);
    let cleaned = entries(&examined.plan.job)
        .filter(|expire| expire.task == Task::Expire && expire.takes.contains(&job.item.name))
        .filter(|expire| expire.to.is_empty() || expire.to.contains(&store.item.name))
        .filter_map(|expire| Some((expire.older_than?, examined.key(expire, "older_than"))));
    kept.into_iter().chain(cleaned).min_by_key(|(span, _)| *span)
}

/// A clean-up whose age is not what the store it cleans keeps.
fn clean_up(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| job.task == Task::Expire) {
        let job: Entry<'_, Job> = job;
        let Some(older_than) = job.older_than else { continue };
        let written =
            job.item.takes.iter().filter_map(|taken| examined.jobs.get(taken)).flat_map(|taken| &taken.item.to);
        let names: Vec<&String> = if job.item.to.is_empty() { written.collect() } else { job.item.to.iter().collect() };
        let mut stores: Vec<_> = names.into_iter().filter_map(|name| examined.stores.get(name)).collect();
        stores.dedup_by_key(|store| store.index);
        for store in stores {
            let Some(kept) = kept(store.item).filter(|kept| *kept != older_than) else { continue };
            let (why, mend) = if older_than > kept {
                (
                    format!(
                        "what is counted on between {kept} and {older_than} of age may be gone, or fills a disk that was measured for {kept}"
                    ),
                    format!("clean up at {kept}, or let {} keep {older_than}", store.name),
                )
            } else {
                (
                    format!("{} promises {kept}, and from {older_than} of age on there is nothing left", store.name),
                    format!("clean up at {kept}, or promise {older_than} only"),
                )
            };
            findings.push(
                Finding::warning(
                    "clean-up",
                    format!("{} throws away after {older_than} what {} keeps for {kept}", job.name, store.name),
                )
                .at(examined.key(job, "older_than"), "thrown away")
                .at(examined.at(&examined.path(store).to("keep").to("age")), "kept")
                .because(why)
                .mend(mend),
            );
        }
    }
}

/// A category of data that is to be kept in a store for another time than the store keeps anything.
fn per_store(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for data in entries(&examined.plan.data) {
        for (name, wanted) in &data.item.retention {
            let Some(store) = examined.stores.get(name) else { continue };
            let Some(kept) = kept(store.item).filter(|kept| kept != wanted) else { continue };
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
                .at(examined.at(&examined.path(store).to("keep").to("age")), "kept")
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
    fn a_clean_up_that_is_not_what_the_store_keeps_is_found() {
        let plan = |age: &str| {
            store("7d") + &format!("[[job]]\nname='x'\ndo='expire'\nto=['s']\ncron='0 5 * * *'\nolder_than='{age}'")
        };
        finds("clean-up", &plan("30d"), &["older_than='30d'", "age='7d'"]);
        finds("clean-up", &plan("3d"), &["older_than='3d'", "age='7d'"]);
        accepts("clean-up", &plan("7d"));
        let through = |age: &str| {
            store("7d")
                + &format!(
                    "[[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['s']\n[[job]]\nname='x'\ndo='expire'\ntakes=['j']\ncron='0 5 * * *'\nolder_than='{age}'"
                )
        };
        finds("clean-up", &through("30d"), &["older_than='30d'", "age='7d'"]);
    }

    #[test]
    fn data_kept_for_another_time_than_their_store_keeps_are_found() {
        let plan = |wanted: &str| store("7d") + &format!("[[data]]\nname='d'\nretention={{s='{wanted}'}}");
        finds("retention-store", &plan("30d"), &["s='30d'", "age='7d'"]);
        finds("retention-store", &plan("1d"), &["s='1d'", "age='7d'"]);
        accepts("retention-store", &plan("7d"));
    }
}
