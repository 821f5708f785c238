//! Names and conditions given twice.

use std::collections::HashMap;

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use crate::plan::Finding;
use crate::plan::source::{IDENTITIES, Node, Origin, Path};

pub const RULES: &[Rule] = &[names, ways_on, steps, triggers];

/// Two entries of one list with one name.
fn names(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for (list, key) in IDENTITIES {
        let Some(entry) = examined.tree.get(list) else { continue };
        twice(entry.node.elements(), list, key, findings);
    }
}

/// A question and a procedure of one name: `then` could mean either.
fn ways_on(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for (index, decision) in examined.plan.decision.iter().enumerate() {
        if let Some(procedure) = examined.procedures.get(&decision.name) {
            let here = examined.at(&Path::entry("decision", index));
            findings.push(duplicate("question or procedure", &decision.name, here, examined.origin(procedure)));
        }
    }
}

/// Two steps of one procedure with one name.
fn steps(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let Some(procedures) = examined.tree.get("procedure") else { return };
    for procedure in procedures.node.elements() {
        if let Some(steps) = procedure.get("step") {
            twice(steps.node.elements(), "step", "name", findings);
        }
    }
}

/// Two triggers of one scenario that are the same condition.
fn triggers(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for scenario in entries(&examined.plan.scenario) {
        let at = |index: usize| examined.at(&examined.path(scenario).to("triggers").to(index));
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (index, trigger) in scenario.triggers.iter().enumerate() {
            if let Some(first) = seen.insert(trigger.to_string(), index) {
                findings.push(
                    Finding::warning("same-trigger-twice", format!("\"{trigger}\" stands twice in one scenario"))
                        .at(at(index), "the second")
                        .at(at(first), "the first")
                        .because("it fires once; the other one was meant to say something else, or is of no use")
                        .mend("correct one of them, or take it out"),
                );
            }
        }
    }
}

fn twice(elements: &[Node], what: &str, key: &str, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<String, Origin> = HashMap::new();
    for element in elements {
        let Some(entry) = element.get(key) else { continue };
        let name = match &entry.node.value {
            crate::plan::source::Value::Text(text) => text.clone(),
            crate::plan::source::Value::Integer(number) => number.to_string(),
            _ => continue,
        };
        let here = entry.key_origin.through(entry.node.origin);
        match seen.get(&name) {
            Some(first) => findings.push(duplicate(what, &name, here, *first)),
            None => {
                seen.insert(name, here);
            }
        }
    }
}

fn duplicate(what: &str, name: &str, here: Origin, first: Origin) -> Finding {
    Finding::error("duplicate-name", format!("there are two of {what} \"{name}\""))
        .at(here, "the second")
        .at(first, "the first")
        .because("whoever is told to use it on the night takes one of the two, and nobody knows which")
        .mend("give one of them another name, or take it out; what differs by environment belongs into an overlay")
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    const RULE: &str = "duplicate-name";

    #[test]
    fn two_of_one_name_are_found() {
        finds(RULE, "[[site]]\nname='a'\n[[site]]\nname =\"a\"", &["name =\"a\"", "name='a'"]);
        finds(
            RULE,
            "[[escalation]]\nlevel=1\nfrom='0s'\nwho=[]\n[[escalation]]\nlevel = 1\nfrom='5min'\nwho=[]",
            &["level = 1", "level=1"],
        );
    }

    #[test]
    fn two_steps_of_one_name_are_found_within_a_procedure_only() {
        let step = "[[procedure.step]]\nname='s'\n";
        finds(RULE, &format!("[[procedure]]\nname='p'\n{step}{step}"), &["name='s'", "name='s'"]);
        accepts(RULE, &format!("[[procedure]]\nname='p'\n{step}[[procedure]]\nname='q'\n{step}"));
    }

    #[test]
    fn a_question_and_a_procedure_share_their_names() {
        finds(RULE, "[[decision]]\nname='x'\nask='?'\n[[procedure]]\nname = 'x'", &["name='x'", "name = 'x'"]);
    }

    #[test]
    fn one_condition_twice_in_a_scenario_is_found() {
        let plan = |first: &str, second: &str| {
            format!(
                "[[component]]\nname='db'\nkind='postgres'\naddress='postgresql://h/d'\n\
                 [[scenario]]\nname='s'\ntriggers=['db.verdict == {first}', 'db.verdict  == {second}']"
            )
        };
        let rule = "same-trigger-twice";
        finds(rule, &plan("down", "down"), &["'db.verdict  == down'", "'db.verdict == down'"]);
        accepts(rule, &plan("down", "down for 5min"));
    }

    #[test]
    fn names_of_different_lists_may_be_alike() {
        accepts(RULE, "[[site]]\nname='a'\n[[role]]\nname='a'\n[[data]]\nname='a'\n[[store]]\nname='a'\nkind='git'");
    }
}
