//! Things that wait for each other: steps, components, questions, jobs.

use std::collections::HashMap;

use super::Rule;
use super::circles::circles;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::source::Origin;
use crate::plan::{Finding, all_needs};

pub const RULES: &[Rule] = &[steps, components, decisions, jobs];

/// Steps of a procedure that wait for each other.
fn steps(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for procedure in entries(&examined.plan.procedure) {
        let steps = &procedure.item.step;
        let edges = all_needs(procedure.item);
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

/// A longer circle is understood from its beginning.
const MOST_PLACES: usize = 12;

fn underline(finding: Finding, circle: &[usize], names: &[&str], at: impl Fn(usize) -> Origin) -> Finding {
    circle.iter().enumerate().take(MOST_PLACES).fold(finding, |finding, (position, index)| {
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

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

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
}
