//! The four verdicts: the only words that `.verdict` is compared with, and each led on by a question.

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use super::subjects::each_condition;
use super::words::list;
use crate::plan::names::nearest;
use crate::plan::source::Origin;
use crate::plan::{Comparison, Condition, FactPath, FactValue, Finding};

pub const RULES: &[Rule] = &[compared, answered];

const VERDICTS: [&str; 4] = ["healthy", "degraded", "down", "unknown"];

/// A condition on a verdict that never comes.
fn compared(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    each_condition(examined, |condition, at| {
        let Condition::Fact { fact, compare, value, .. } = condition else { return };
        if fact.fact != "verdict" {
            return;
        }
        let word = match value {
            FactValue::Word(word) => word.clone(),
            FactValue::Amount(amount) => amount.to_string(),
        };
        if !VERDICTS.contains(&word.as_str()) {
            findings.push(no_verdict(
                &word,
                at(),
                "a condition on it never becomes true, so what it should set off never starts",
            ));
        } else if !matches!(compare, Comparison::Equal | Comparison::Different) {
            findings.push(
                Finding::error("verdict", format!("a verdict is neither more nor less than {word}"))
                    .at(at(), "only == and != make sense here")
                    .because("a condition that nothing can fulfil never sets off what it should")
                    .mend(format!("write {fact} == {word}, or != for anything else")),
            );
        }
    });
}

/// A question that a verdict answers: each answer must be one, and each of them lead somewhere.
fn answered(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for decision in entries(&examined.plan.decision) {
        let fact = decision.item.answer.as_deref().and_then(|answer| answer.parse::<FactPath>().ok());
        if fact.is_none_or(|fact| fact.fact != "verdict") {
            continue;
        }
        let then = examined.path(decision).to("then");
        for answer in decision.item.then.keys().filter(|answer| !VERDICTS.contains(&answer.as_str())) {
            let at = examined.at(&then.to(answer));
            findings.push(no_verdict(answer, at, "no fact ever gives this answer, so where it leads nobody goes"));
        }
        let open: Vec<&str> = VERDICTS.into_iter().filter(|verdict| !examined.is_written(&then.to(*verdict))).collect();
        if open.is_empty() {
            continue;
        }
        let names = list(open.iter().copied());
        findings.push(
            Finding::warning(
                "unanswered-verdict",
                format!("{} leads nowhere when the answer is {names}", decision.name),
            )
            .at(examined.at(&then), format!("nothing for {names}"))
            .at(examined.key(decision, "answer"), "has one of four verdicts")
            .because("whoever follows the questions on the night stands still at this one")
            .mend(format!("say where each leads: {} = \"...\"", open.join(" = \"...\", "))),
        );
    }
}

fn no_verdict(word: &str, at: Origin, why: &str) -> Finding {
    let known = format!("a verdict is {}", list(VERDICTS).replace(" and ", " or "));
    Finding::error("verdict", format!("there is no verdict \"{word}\""))
        .at(at, "no verdict")
        .because(why)
        .mend(nearest(word, VERDICTS).map_or(known, |near| format!("did you mean \"{near}\"?")))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    const COMPONENT: &str = "[[component]]\nname='db'\nkind='postgres'\n";

    fn trigger(condition: &str) -> String {
        format!("{COMPONENT}[[scenario]]\nname='s'\ntriggers=['{condition}']")
    }

    #[test]
    fn a_verdict_that_never_comes_is_found() {
        finds("verdict", &trigger("db.verdict == donw"), &["'db.verdict == donw'"]);
        assert_eq!(only("verdict", &trigger("db.verdict == donw")).mend, "did you mean \"down\"?");
        finds("verdict", &trigger("db.verdict == 3"), &["'db.verdict == 3'"]);
        finds("verdict", &trigger("db.verdict > down"), &["'db.verdict > down'"]);
        accepts("verdict", &trigger("all of d*.verdict != healthy for 5min"));
        accepts("verdict", &trigger("db.integrity == failed"));
    }

    #[test]
    fn all_four_verdicts_must_lead_somewhere() {
        let plan = |then: &str| {
            format!(
                "{COMPONENT}[[procedure]]\nname='p'\n[[decision]]\nname='q'\nask='?'\nanswer='db.verdict'\nthen={{{then}}}"
            )
        };
        accepts("unanswered-verdict", &plan("healthy='p', degraded='p', down='p', unknown='p'"));
        finds("unanswered-verdict", &plan("healthy='p', degraded='p', down='p'"), &["then", "answer='db.verdict'"]);
        finds("verdict", &plan("helthy='p', degraded='p', down='p', unknown='p'"), &["helthy='p'"]);
        accepts("unanswered-verdict", &plan("passed='p'").replace("db.verdict", "db.integrity"));
    }
}
