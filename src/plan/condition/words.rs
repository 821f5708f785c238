//! A condition as a person would say it.

use super::{Comparison, Condition, FactValue, HowMany};

impl Condition {
    /// `redis is down for 5min`, `postgres: connections at least 90%`, `the cio decides`.
    pub fn told(&self) -> String {
        let (how_many, fact, compare, value, held) = match self {
            Condition::Manual { role: None } => return "somebody on call decides".to_owned(),
            Condition::Manual { role: Some(role) } => return format!("the {role} decides"),
            Condition::Fact { how_many, fact, compare, value, held } => (how_many, fact, *compare, value, held),
        };
        let subject = &fact.subject;
        let (who, is) = match how_many {
            HowMany::Any if !subject.contains('*') => (subject.clone(), "is"),
            HowMany::Any | HowMany::AtLeast(1) => (format!("one of {subject}"), "is"),
            HowMany::All => (format!("all of {subject}"), "are"),
            HowMany::AtLeast(number) => (format!("at least {number} of {subject}"), "are"),
        };
        let value = bound(compare, value);
        let held = held.map(|held| format!(" for {held}")).unwrap_or_default();
        match fact.fact.as_str() {
            "verdict" => format!("{who} {is} {value}{held}"),
            name => format!("{who}: {} {value}{held}", plain(name)),
        }
    }

    /// What a fact of `subject` is, as the condition looks at it: `redis is down`, `postgres: integrity passed`.
    pub fn finding(&self, subject: &str, value: Option<&str>) -> String {
        let name = match self {
            Condition::Fact { fact, .. } => fact.fact.as_str(),
            Condition::Manual { .. } => "",
        };
        match (name, value) {
            ("verdict", value) => format!("{subject} is {}", value.unwrap_or("not known")),
            (name, value) => format!("{subject}: {} {}", plain(name), value.unwrap_or("not known")),
        }
    }
}

fn bound(compare: Comparison, value: &FactValue) -> String {
    match (compare, value) {
        (Comparison::Equal, FactValue::Word(word)) => word.clone(),
        (Comparison::Equal, value) => format!("exactly {value}"),
        (Comparison::Different, value) => format!("not {value}"),
        (Comparison::AtMost, value) => format!("at most {value}"),
        (Comparison::AtLeast, value) => format!("at least {value}"),
        (Comparison::Below, value) => format!("below {value}"),
        (Comparison::Above, value) => format!("above {value}"),
    }
}

/// The name of a fact in words.
fn plain(name: &str) -> String {
    name.replace(['_', '.'], " ")
}
