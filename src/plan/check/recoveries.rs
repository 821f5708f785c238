//! Recoveries that need what they restore.

use std::collections::{HashMap, HashSet};

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, element, entries};
use crate::plan::Finding;
use crate::plan::types::{Job, Procedure, StoreKind};

pub const RULES: &[Rule] = &[recoveries, sources];

/// A procedure that cannot work without what it is there to bring back.
fn recoveries(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let procedure: Entry<'_, Procedure> = procedure;
        let restored: HashSet<&str> = procedure.item.restores.iter().map(String::as_str).collect();
        for (index, need) in procedure.item.needs.iter().enumerate() {
            let Some(way) = way_to(examined, need, &restored) else { continue };
            let target = way.last().copied().unwrap_or(need);
            let message = if way.len() == 1 {
                format!("{} needs {need}, which it restores", procedure.name)
            } else {
                format!("{} needs {}, which it restores", procedure.name, way.join(", which needs "))
            };
            let back = procedure.item.restores.iter().position(|name| name == target).unwrap_or(0);
            findings.push(
                Finding::error("recovery-needs-itself", message)
                    .at(examined.element(procedure, "needs", index, need), "needed here")
                    .at(examined.element(procedure, "restores", back, target), "restored here")
                    .because(format!("on the night {target} is away, and this way out only works while it is there"))
                    .mend(format!("take {need} out of `needs`, or plan a way that works without {target}")),
            );
        }
    }
}

/// The way from `start` along needs to one of `targets`.
fn way_to<'a>(examined: &Examined<'a>, start: &'a str, targets: &HashSet<&str>) -> Option<Vec<&'a str>> {
    let mut from: HashMap<&str, Option<&'a str>> = HashMap::from([(start, None)]);
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(name) = queue.pop_front() {
        if targets.contains(name) {
            let mut way: Vec<&str> =
                std::iter::successors(Some(name), |name| from.get(name).copied().flatten()).collect();
            way.reverse();
            return Some(way);
        }
        for need in examined.components.get(name).into_iter().flat_map(|component| &component.item.needs) {
            from.entry(need).or_insert_with(|| {
                queue.push_back(need);
                Some(name)
            });
        }
    }
    None
}

/// A step that works from a store which is itself what the procedure brings back.
fn sources(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let procedure: Entry<'_, Procedure> = procedure;
        for step in entries(&procedure.item.step) {
            let Some(from) = &step.from else { continue };
            let Some(lost) = procedure.item.restores.iter().find(|name| holds_all(examined, from, name)) else {
                continue;
            };
            let path = step.within(examined.tree, &examined.path(procedure)).to("from");
            let restores = examined.path(procedure).to("restores");
            findings.push(
                Finding::error(
                    "recovery-needs-itself",
                    format!("{} restores {lost} from {from}, which lies in it", procedure.name),
                )
                .at(examined.at(&path), "restored from here")
                .at(examined.at(&element(examined.tree, &restores, 0, lost)), "what is away")
                .because(format!("when {lost} is away, so is {from}, and with it the only thing to restore from"))
                .mend("restore from a store that lies elsewhere"),
            );
        }
    }
}

/// Whether everything in `from`, a store or a job's stores, lies in the bucket that `component` is.
fn holds_all(examined: &Examined<'_>, from: &str, component: &str) -> bool {
    let Some(bucket) = examined.components.get(component).filter(|component| component.item.bucket.is_some()) else {
        return false;
    };
    let is_it = |store: &str| {
        examined.stores.get(store).is_some_and(|store| {
            let name = store.item.bucket.as_deref();
            let address =
                bucket.address.as_deref().map(|address| address.trim_start_matches("s3://").trim_end_matches('/'));
            store.kind == StoreKind::S3
                && name.is_some()
                && (name == address || name == Some(bucket.item.name.as_str()))
        })
    };
    let job: Option<Entry<'_, Job>> = examined.jobs.get(from);
    job.map_or_else(|| is_it(from), |job| !job.to.is_empty() && job.to.iter().all(|store| is_it(store)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    const PLAN: &str =
        "[[component]]\nname='db'\nkind='postgres'\n[[component]]\nname='vault'\nkind='http'\nneeds=['db']\n";

    #[test]
    fn a_recovery_that_needs_what_it_restores_is_found() {
        let rule = "recovery-needs-itself";
        let plan = |needs: &str| format!("{PLAN}[[procedure]]\nname='p'\nrestores=['db']\nneeds=[{needs}]");
        finds(rule, &plan("'db'"), &["'db'", "'db'"]);
        finds(rule, &plan("'vault'"), &["'vault'", "'db'"]);
        assert!(only(rule, &plan("'vault'")).message.contains("vault, which needs db"));
        accepts(rule, &format!("{PLAN}[[procedure]]\nname='p'\nrestores=['vault']\nneeds=['db']"));
    }

    #[test]
    fn a_recovery_from_the_bucket_that_is_lost_is_found() {
        let rule = "recovery-needs-itself";
        let plan = |store: &str| {
            format!(
                "[[component]]\nname='files'\nkind='s3-bucket'\naddress='s3://prod-files'\nbucket={{}}\n\
                 [[store]]\nname='same'\nkind='s3'\nbucket='prod-files'\n[[store]]\nname='other'\nkind='s3'\nbucket='copies'\n\
                 [[procedure]]\nname='p'\nrestores=['files']\n[[procedure.step]]\nname='s'\nfrom='{store}'"
            )
        };
        finds(rule, &plan("same"), &["from='same'", "'files'"]);
        accepts(rule, &plan("other"));
    }
}
