//! What the rules' tests share: a plan from a few lines, and what was found with what was underlined.

use chrono::{DateTime, Utc};

use super::check;
use crate::plan::source::File;
use crate::plan::{Finding, assemble};

/// The time at which the tests' plans are checked.
pub fn now() -> DateTime<Utc> {
    "2024-12-01T09:00:00Z".parse().unwrap()
}

/// What is found in a plan whose platform is `p`, and its whole text.
pub fn findings(rest: &str) -> (Vec<Finding>, String) {
    let text = if rest.contains("[platform]") { rest.to_owned() } else { format!("[platform]\nname = 'p'\n{rest}") };
    let loaded = assemble(vec![File { path: "plan.toml".into(), text: text.clone() }], Vec::new());
    let findings = check(&loaded, now());
    for finding in &findings {
        assert!(!finding.why.is_empty() && !finding.mend.is_empty(), "says why and how to mend: {finding:?}");
        assert!(!finding.places.is_empty(), "says where: {finding:?}");
        assert!(finding.places.iter().all(|(place, _)| place.end <= text.len()), "is in the file: {finding:?}");
    }
    (findings, text)
}

/// What `rule` underlines in a plan: of each of its findings the places, in order.
pub fn underlined(rule: &str, plan: &str) -> Vec<Vec<String>> {
    let (findings, text) = findings(plan);
    let of_rule = findings.iter().filter(|finding| finding.rule == rule);
    of_rule.map(|finding| finding.places.iter().map(|(at, _)| text[at.start..at.end].to_owned()).collect()).collect()
}

/// The one finding of `rule`.
pub fn only(rule: &str, plan: &str) -> Finding {
    let (findings, _) = findings(plan);
    let mut of_rule = findings.iter().filter(|finding| finding.rule == rule);
    match (of_rule.next(), of_rule.next()) {
        (Some(only), None) => only.clone(),
        _ => panic!("{rule} is not found exactly once in {findings:#?}"),
    }
}

/// That `rule` underlines just this, once.
pub fn finds(rule: &str, plan: &str, places: &[&str]) {
    assert_eq!(underlined(rule, plan), [places], "{:#?}", findings(plan).0);
}

/// That `rule` finds nothing.
pub fn accepts(rule: &str, plan: &str) {
    let found = underlined(rule, plan);
    assert!(found.is_empty(), "{rule} finds {found:?}");
}
