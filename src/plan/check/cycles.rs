//! Things that wait for each other: steps, components, questions, jobs, and a recovery that needs
//! what it restores.

use std::collections::{HashMap, HashSet};

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, element, entries};
use crate::plan::source::Origin;
use crate::plan::types::{Job, Procedure, StoreKind};
use crate::plan::{Finding, needs_of};

pub const RULES: &[Rule] = &[steps, components, decisions, jobs, recoveries, sources];

/// Steps of a procedure that wait for each other.
fn steps(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let steps = &procedure.item.step;
        let edges: Vec<Vec<usize>> = (0..steps.len()).map(|index| needs_of(procedure.item, index)).collect();
        for circle in circles(&edges) {
            let names = chain(circle.iter().map(|index| steps[*index].name.as_str()));
            let finding =
                Finding::error("step-cycle", format!("steps of {} wait for each other: {names}", procedure.name));
            let at = |index: usize| {
                let step = Entry { index, item: &steps[index] };
                let path = step.within(examined.tree, &examined.path(procedure));
                if step.needs.is_some() { examined.at(&path.to("needs")) } else { examined.at(&path) }
            };
            findings.push(
                underline(finding, &circle, &steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), at)
                    .because("none of these steps could ever begin, so the recovery would stand still on the night")
                    .mend("take out the need that is not real; a step without `needs` waits for the one above it"),
            );
        }
    }
}

/// Components that need each other.
fn components(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let list = &examined.plan.component;
    let edges = list.iter().map(|component| {
        component.needs.iter().filter_map(|name| examined.components.get(name)).map(|need| need.index).collect()
    });
    let names: Vec<&str> = list.iter().map(|component| component.name.as_str()).collect();
    for circle in circles(&edges.collect::<Vec<_>>()) {
        let finding = Finding::error(
            "component-cycle",
            format!("components need each other: {}", chain(circle.iter().map(|index| names[*index]))),
        );
        let at = |index: usize| examined.key(Entry { index, item: &list[index] }, "needs");
        findings.push(
            underline(finding, &circle, &names, at)
                .because(
                    "after a power cut nobody could tell which of them to start first, as each waits for the other",
                )
                .mend("take out the need without which the component still starts, if only degraded"),
        );
    }
}

/// Questions that lead back to themselves.
fn decisions(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let list = &examined.plan.decision;
    let position: HashMap<&str, usize> =
        list.iter().enumerate().map(|(at, question)| (question.name.as_str(), at)).collect();
    let edges = list
        .iter()
        .map(|question| question.then.values().filter_map(|next| position.get(next.as_str()).copied()).collect());
    let names: Vec<&str> = list.iter().map(|question| question.name.as_str()).collect();
    for circle in circles(&edges.collect::<Vec<_>>()) {
        let finding = Finding::error(
            "decision-cycle",
            format!("the decision tree goes in a circle: {}", chain(circle.iter().map(|index| names[*index]))),
        );
        let at = |index: usize| examined.key(Entry { index, item: &list[index] }, "then");
        findings.push(
            underline(finding, &circle, &names, at)
                .because("whoever follows the questions comes back to where they were, with less time left")
                .mend("let one of the answers lead to a procedure instead"),
        );
    }
}

/// Jobs that work on each other's results.
fn jobs(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let list = &examined.plan.job;
    let edges = list.iter().map(|job| {
        let takes = job.takes.iter().chain(&job.base);
        takes.filter_map(|name| examined.jobs.get(name)).map(|taken| taken.index).collect()
    });
    let names: Vec<&str> = list.iter().map(|job| job.name.as_str()).collect();
    for circle in circles(&edges.collect::<Vec<_>>()) {
        let finding = Finding::error(
            "job-cycle",
            format!("jobs work on each other's results: {}", chain(circle.iter().map(|index| names[*index]))),
        );
        let at = |index: usize| {
            let job = Entry { index, item: &list[index] };
            examined.key(job, if job.takes.is_empty() { "base" } else { "takes" })
        };
        findings.push(
            underline(finding, &circle, &names, at)
                .because("none of them ever has anything to work on, so there is nothing to restore from")
                .mend("let the first of them take its data from a component with `of`"),
        );
    }
}

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

fn underline(finding: Finding, circle: &[usize], names: &[&str], at: impl Fn(usize) -> Origin) -> Finding {
    circle.iter().enumerate().fold(finding, |finding, (position, index)| {
        let next = circle[(position + 1) % circle.len()];
        finding.at(at(*index), format!("{} waits for {}", names[*index], names[next]))
    })
}

fn chain<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.extend(names.first().copied());
    if names.len() > 8 {
        let rest = names.len() - 8;
        names.truncate(7);
        return format!("{} -> ... ({rest} more)", names.join(" -> "));
    }
    names.join(" -> ")
}

/// The circles in a graph: of each knot one, each beginning with its first node. Without recursion,
/// because a plan may be as deep as somebody made it.
fn circles(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        Unseen,
        OnTheWay,
        Done,
    }
    let mut marks = vec![Mark::Unseen; edges.len()];
    let mut found = Vec::new();
    for start in 0..edges.len() {
        if marks[start] != Mark::Unseen {
            continue;
        }
        let mut way: Vec<(usize, usize)> = vec![(start, 0)];
        marks[start] = Mark::OnTheWay;
        while let Some((node, next)) = way.last_mut() {
            let Some(&target) = edges[*node].get(*next) else {
                marks[*node] = Mark::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match marks[target] {
                Mark::Unseen => {
                    marks[target] = Mark::OnTheWay;
                    way.push((target, 0));
                }
                Mark::OnTheWay => {
                    let begin = way.iter().position(|(node, _)| *node == target).unwrap_or(0);
                    found.push(way[begin..].iter().map(|(node, _)| *node).collect());
                }
                Mark::Done => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};
    use super::circles;

    #[test]
    fn circles_are_found_once_each() {
        assert_eq!(circles(&[vec![1], vec![2], vec![0], vec![3], vec![]]), [vec![0, 1, 2], vec![3]]);
        assert!(circles(&[vec![1, 2], vec![2], vec![]]).is_empty());
        let deep: Vec<Vec<usize>> = (0..100_000).map(|node| vec![node + 1]).chain([vec![0]]).collect();
        assert_eq!(circles(&deep)[0].len(), 100_001);
    }

    #[test]
    fn steps_that_wait_for_each_other_are_found() {
        let plan = |needs: &str| {
            format!(
                "[[procedure]]\nname='p'\n[[procedure.step]]\nname='a'\nneeds=[{needs}]\n[[procedure.step]]\nname='b'"
            )
        };
        finds("step-cycle", &plan("'b'"), &["needs", "name='b'"]);
        accepts("step-cycle", &plan(""));
        finds("step-cycle", &plan("'a'"), &["needs"]);
    }

    #[test]
    fn components_that_need_each_other_are_found() {
        let plan = |needs: &str| {
            format!(
                "[[component]]\nname='a'\nkind='host'\nneeds=['b']\n[[component]]\nname='b'\nkind='host'\nneeds=[{needs}]"
            )
        };
        finds("component-cycle", &plan("'a'"), &["needs", "needs"]);
        accepts("component-cycle", &plan(""));
    }

    #[test]
    fn questions_that_go_in_a_circle_are_found() {
        let plan = |then: &str| {
            format!(
                "[[procedure]]\nname='p'\n[[decision]]\nname='a'\nask='?'\nthen={{yes='b'}}\n[[decision]]\nname='b'\nask='?'\nthen={{no='{then}'}}"
            )
        };
        finds("decision-cycle", &plan("a"), &["then", "then"]);
        accepts("decision-cycle", &plan("p"));
    }

    #[test]
    fn jobs_that_take_from_each_other_are_found() {
        let plan = |takes: &str| {
            format!(
                "[[job]]\nname='a'\ndo='upload'\nevery='1h'\ntakes=['b']\n[[job]]\nname='b'\ndo='upload'\nevery='1h'\ntakes=[{takes}]"
            )
        };
        finds("job-cycle", &plan("'a'"), &["takes", "takes"]);
        accepts("job-cycle", &plan(""));
    }

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
