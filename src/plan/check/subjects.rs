//! Conditions on subjects that do not exist.

use super::Rule;
use super::examined::Examined;
use super::known::Known;
use super::places::entries;
use crate::plan::source::Origin;
use crate::plan::{Condition, FactPath, Finding};

pub const RULES: &[Rule] = &[conditions];

/// Whatever a fact can be about.
const SUBJECTS: [&str; 5] = ["component", "data", "site", "store", "job"];

/// The subjects of conditions, and the roles that may say them by hand.
fn conditions(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let subjects = Known::of(examined, "component, category of data, site, store or job", &SUBJECTS);
    let roles = Known::of(examined, "role", &["role"]);
    each_condition(examined, |condition, at| match condition {
        Condition::Manual { role: Some(role) } => roles.expect(role, at, findings),
        Condition::Manual { role: None } => {}
        Condition::Fact { fact, .. } => subject(&subjects, fact, at, findings),
    });
    for decision in entries(&examined.plan.decision) {
        let Some(answer) = &decision.answer else { continue };
        let at = || examined.key(decision, "answer");
        match answer.parse::<FactPath>() {
            Ok(fact) => subject(&subjects, &fact, &at, findings),
            Err(error) => findings.push(
                Finding::error("wrong-value", error.to_string())
                    .at(at(), "no fact")
                    .because("the decision tree stops at a question that no fact can answer")
                    .mend("write the fact that answers it, like \"postgres.verdict\", or leave the key out"),
            ),
        }
    }
}

/// Each condition of the plan, with where it stands.
pub fn each_condition(examined: &Examined<'_>, mut look: impl FnMut(&Condition, &dyn Fn() -> Origin)) {
    for scenario in entries(&examined.plan.scenario) {
        for (index, trigger) in scenario.triggers.iter().enumerate() {
            let at = || examined.at(&examined.path(scenario).to("triggers").to(index));
            look(trigger, &at);
        }
    }
    for procedure in entries(&examined.plan.procedure) {
        for step in entries(&procedure.item.step) {
            let at = || examined.at(&step.within(examined.tree, &examined.path(procedure)).to("proof"));
            step.proof.iter().for_each(|proof| look(proof, &at));
        }
    }
    for checklist in entries(&examined.plan.checklist) {
        for (index, item) in checklist.item.item.iter().enumerate() {
            let at = || examined.at(&examined.path(checklist).to("item").to(index).to("check"));
            item.check.iter().for_each(|check| look(check, &at));
        }
    }
}

fn subject(subjects: &Known<'_>, fact: &FactPath, at: &dyn Fn() -> Origin, findings: &mut Vec<Finding>) {
    if !fact.subject.contains('*') {
        subjects.expect(&fact.subject, at, findings);
    } else if !subjects.names.iter().any(|name| fact.matches(name)) {
        findings.push(
            Finding::error("dangling-name", format!("\"{}\" matches no {}", fact.subject, subjects.what))
                .at(at(), "matches nothing")
                .because("a condition on nothing never becomes true, so what it should set off never starts")
                .mend("make the pattern match the names it is meant for"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::finds;

    #[test]
    fn an_answer_that_is_no_fact_is_wrong() {
        finds("wrong-value", "[[decision]]\nname='d'\nask='?'\nanswer='is it up'", &["answer='is it up'"]);
    }
}
