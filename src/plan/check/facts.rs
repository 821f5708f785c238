//! Conditions and limits on facts: nobody tells a fact that does not exist, and a fact is compared in its own unit.

use super::Rule;
use super::examined::Examined;
use super::places::entries;
use super::subjects::each_condition;
use super::words::list;
use crate::plan::facts::{self, FactInfo, Measure};
use crate::plan::names::nearest;
use crate::plan::source::Origin;
use crate::plan::types::Component;
use crate::plan::{Comparison, Condition, FactPath, FactValue, Finding};

pub const RULES: &[Rule] = &[conditions, answers, limits];

/// What can be known of the subjects that a path matches: by subject, its kind's word and its facts.
fn known(examined: &Examined<'_>, path: &FactPath) -> Vec<(String, Vec<&'static FactInfo>)> {
    let plan = examined.plan;
    let components = plan.component.iter().filter(|component| path.matches(&component.name));
    let components = components.map(|component| (format!("a {}", component.kind), of_component(component)));
    let list = |what: &str, names: Vec<&String>, facts: &'static [FactInfo]| {
        let matched = names.into_iter().filter(|name| path.matches(name));
        matched.map(|_| (what.to_owned(), facts.iter().collect())).collect::<Vec<(String, Vec<_>)>>()
    };
    let sites = list("a site", plan.site.iter().map(|site| &site.name).collect(), facts::SITE);
    let data = list("a category of data", plan.data.iter().map(|data| &data.name).collect(), facts::DATA);
    let stores = list("a store", plan.store.iter().map(|store| &store.name).collect(), facts::STORE);
    let jobs = list("a job", plan.job.iter().map(|job| &job.name).collect(), facts::JOB);
    components.chain(sites).chain(data).chain(stores).chain(jobs).collect()
}

fn of_component(component: &Component) -> Vec<&'static FactInfo> {
    facts::of_kind(component.kind).iter().chain(facts::EVERY).collect()
}

fn conditions(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    each_condition(examined, |condition, at| {
        let Condition::Fact { fact, compare, value, .. } = condition else { return };
        if let Some(info) = named(examined, fact, at, findings) {
            compared(fact, info, *compare, value, at, findings);
        }
    });
}

/// The facts that answer questions.
fn answers(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for decision in entries(&examined.plan.decision) {
        let path = decision.answer.as_deref().and_then(|answer| answer.parse::<FactPath>().ok());
        let at = || examined.key(decision, "answer");
        let Some(info) = path.and_then(|path| named(examined, &path, &at, findings)) else { continue };
        let Measure::Words(words) = info.measure else { continue };
        let is_known = |answer: &str| answer == "unknown" || words.contains(&answer);
        let strays = decision.item.then.keys().filter(|answer| !is_known(answer));
        for answer in strays.filter(|_| info.name != "verdict") {
            let at = examined.at(&examined.path(decision).to("then").to(answer));
            findings.push(no_word(&format!("{answer:?} is no answer"), answer, words, at));
        }
    }
}

fn limits(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let known = of_component(component.item);
        for (name, limit) in &component.item.limits {
            let at = || examined.at(&examined.path(component).to("limits").to(name));
            match known.iter().find(|info| info.name == name) {
                None => findings.push(no_fact(name, &format!("a {}", component.kind), &known, at())),
                Some(info) if !info.measure.takes(*limit) => {
                    findings.push(wrong_unit(name, info, &limit.to_string(), at()));
                }
                Some(_) => {}
            }
        }
    }
}

/// The fact that a path names, or a finding if no subject of it has such a fact. Subjects that do not exist are
/// another rule's.
fn named(
    examined: &Examined<'_>,
    path: &FactPath,
    at: &dyn Fn() -> Origin,
    findings: &mut Vec<Finding>,
) -> Option<&'static FactInfo> {
    let known = known(examined, path);
    let (what, facts) = known.first()?;
    let name = path.fact.as_str();
    let found = known.iter().flat_map(|(_, facts)| facts).find(|info| info.name == name).copied();
    if found.is_none() {
        findings.push(no_fact(name, what, facts, at()));
    }
    found
}

fn compared(
    path: &FactPath,
    info: &FactInfo,
    compare: Comparison,
    value: &FactValue,
    at: &dyn Fn() -> Origin,
    findings: &mut Vec<Finding>,
) {
    let is_order = !matches!(compare, Comparison::Equal | Comparison::Different);
    match (info.measure, value) {
        // Another rule's.
        _ if info.name == "verdict" => {}
        (Measure::Words(_) | Measure::Text, _) if is_order => findings.push(
            Finding::error("fact-value", format!("{path} is a word: it is neither more nor less than another"))
                .at(at(), "only == and != make sense here")
                .because("a condition that nothing can fulfil never sets off what it should")
                .mend(format!("write {path} == {value}, or != for anything else")),
        ),
        (Measure::Words(words), _) => {
            let word = value.to_string();
            if !words.contains(&word.as_str()) {
                findings.push(no_word(&format!("{path} is never {word}"), &word, words, at()));
            }
        }
        (Measure::Text, _) => {}
        (Measure::Flag, FactValue::Word(word)) if word == "yes" || word == "no" => {}
        (measure, FactValue::Amount(limit)) if measure.takes(*limit) => {}
        (_, value) => findings.push(wrong_unit(&path.to_string(), info, &value.to_string(), at())),
    }
}

fn no_fact(name: &str, what: &str, known: &[&FactInfo], at: Origin) -> Finding {
    let names = || known.iter().map(|info| info.name);
    let mend = match nearest(name, names()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("it has {}", list(names())),
    };
    Finding::error("unknown-fact", format!("{what} has no fact \"{name}\""))
        .at(at, "no fact")
        .because("nobody ever tells it, so what waits for it waits for ever")
        .mend(mend)
}

fn no_word(message: &str, word: &str, words: &[&str], at: Origin) -> Finding {
    let mend = nearest(word, words.iter().copied()).map_or_else(
        || format!("it is one of {}", list(words.iter().copied())),
        |near| format!("did you mean \"{near}\"?"),
    );
    Finding::error("fact-value", message.to_owned())
        .at(at, "never so")
        .because("a condition that nothing can fulfil never sets off what it should")
        .mend(mend)
}

fn wrong_unit(name: &str, info: &FactInfo, written: &str, at: Origin) -> Finding {
    let example = match info.measure {
        Measure::Share => "a percentage, like 90%",
        Measure::Span | Measure::Moment => "a length of time, like 30s",
        Measure::Size => "an amount of data, like 4GB",
        Measure::Flag => "yes or no, also written 1 and 0",
        Measure::Count | Measure::PerSecond | Measure::Words(_) | Measure::Text => "a number, like 100",
    };
    Finding::error("fact-value", format!("{name} cannot be compared with {written}"))
        .at(at, "another unit")
        .because("values of different units are never compared, so the condition never becomes true")
        .mend(format!("{} is {example}", info.title.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds, only};

    const COMPONENT: &str = "[[component]]\nname='db'\nkind='postgres'\n[[component]]\nname='app'\nkind='http'\n";

    fn trigger(condition: &str) -> String {
        format!("{COMPONENT}[[scenario]]\nname='s'\ntriggers=['{condition}']")
    }

    #[test]
    fn a_fact_that_nobody_tells_is_found() {
        finds("unknown-fact", &trigger("db.conections > 90%"), &["'db.conections > 90%'"]);
        assert_eq!(only("unknown-fact", &trigger("db.conections > 90%")).mend, "did you mean \"connections\"?");
        finds("unknown-fact", &trigger("app.replication_lag > 3s"), &["'app.replication_lag > 3s'"]);
        accepts("unknown-fact", &trigger("any of *.replication_lag > 3s"));
        accepts("unknown-fact", &trigger("db.latency > 1s for 1min"));
    }

    #[test]
    fn a_fact_is_compared_in_its_unit() {
        for wrong in ["db.connections > 90", "db.replication_lag > 30%", "db.size > 30s", "db.role > primary"] {
            finds("fact-value", &trigger(wrong), &[&format!("'{wrong}'")]);
        }
        for right in ["db.connections > 90%", "db.size > 3GB", "db.role == standby", "db.read_only == 1"] {
            accepts("fact-value", &trigger(right));
        }
        assert_eq!(only("fact-value", &trigger("db.integrity == faild")).mend, "did you mean \"failed\"?");
    }

    #[test]
    fn limits_are_on_facts_of_the_kind() {
        let limit = |limit: &str| format!("[[component]]\nname='db'\nkind='postgres'\nlimits={{{limit}}}");
        finds("unknown-fact", &limit("memory='90%'"), &["memory='90%'"]);
        finds("fact-value", &limit("connections='30s'"), &["connections='30s'"]);
        accepts("fact-value", &limit("connections='80%', replication_lag='5s'"));
    }

    #[test]
    fn an_answer_must_be_one_that_the_fact_gives() {
        let plan = |then: &str| {
            format!(
                "{COMPONENT}[[procedure]]\nname='p'\n[[decision]]\nname='q'\nask='?'\nanswer='db.integrity'\nthen={{{then}}}"
            )
        };
        accepts("fact-value", &plan("passed='p', failed='p'"));
        finds("fact-value", &plan("passd='p'"), &["passd='p'"]);
    }
}
