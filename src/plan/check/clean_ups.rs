//! Clean-ups held against what stores and jobs promise to keep.

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use super::retention::kept_of;
use crate::plan::Finding;
use crate::plan::source::Origin;
use crate::plan::types::{Job, Store, Task};
use crate::text::Span;

pub const RULES: &[Rule] = &[clean_up];

/// A clean-up whose age is not what the store it cleans keeps.
fn clean_up(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for job in entries(&examined.plan.job).filter(|job| job.task == Task::Expire) {
        let job: Entry<'_, Job> = job;
        let Some(older_than) = job.older_than else { continue };
        for (store, (kept, place)) in cleaned(examined, job).into_iter().filter(|(_, (kept, _))| *kept != older_than) {
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
                .at(place, "kept")
                .because(why)
                .mend(mend),
            );
        }
    }
}

/// The stores that a clean-up works on, with how long what it throws away is kept there: once for each
/// time that its jobs and the store say.
fn cleaned<'a>(examined: &Examined<'a>, clean_up: Entry<'_, Job>) -> Vec<(Entry<'a, Store>, (Span, Origin))> {
    let taken: Vec<_> = clean_up.item.takes.iter().filter_map(|taken| examined.jobs.get(taken)).collect();
    let stores = |names: &'a [String]| names.iter().filter_map(|name| examined.stores.get(name));
    let mut pairs: Vec<(Option<Entry<'_, Job>>, Entry<'a, Store>)> = Vec::new();
    for job in &taken {
        let in_scope =
            |store: &Entry<'_, Store>| clean_up.item.to.is_empty() || clean_up.item.to.contains(&store.item.name);
        pairs.extend(stores(&job.item.to).filter(in_scope).map(|store| (Some(*job), store)));
    }
    if taken.is_empty() {
        let named = clean_up.item.to.iter().filter_map(|name| examined.stores.get(name));
        pairs.extend(named.map(|store| (None, store)));
    }
    let mut kept: Vec<_> =
        pairs.into_iter().filter_map(|(job, store)| Some((store, kept_of(examined, job, store)?))).collect();
    kept.sort_by_key(|(store, (kept, place))| (store.index, *kept, place.start));
    kept.dedup_by_key(|(store, (kept, _))| (store.index, *kept));
    kept
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn store(keep: &str) -> String {
        format!("[[store]]\nname='s'\nkind='directory'\nkeep={{age='{keep}'}}\n")
    }

    fn job(keep: &str) -> String {
        format!("[[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['s']\nkeep={{age = '{keep}'}}\n")
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
    fn a_store_is_told_of_once_whatever_stands_between() {
        let plan = "[[store]]\nname='t'\nkind='git'\n".to_owned()
            + &store("7d")
            + "[[job]]\nname='j'\ndo='backup'\nevery='1h'\nto=['s', 't']\n[[job]]\nname='k'\ndo='backup'\nevery='1h'\nto=['s']\n\
               [[job]]\nname='x'\ndo='expire'\ntakes=['j', 'k']\ncron='0 5 * * *'\nolder_than='30d'";
        finds("clean-up", &plan, &["older_than='30d'", "age='7d'"]);
    }

    #[test]
    fn what_a_job_keeps_itself_comes_before_what_its_store_keeps() {
        let clean_up = "[[job]]\nname='x'\ndo='expire'\ntakes=['j']\ncron='0 5 * * *'\nolder_than='30d'";
        accepts("clean-up", &(store("7d") + &job("30d") + clean_up));
        finds("clean-up", &(store("30d") + &job("7d") + clean_up), &["older_than='30d'", "age = '7d'"]);
    }
}
