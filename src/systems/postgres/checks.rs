//! The plan's own questions to the data.

use std::time::Duration;

use indexmap::IndexMap;
use tokio_postgres::Error;

use super::session::Session;
use super::trouble::{self, Damage, damage, quoted};
use crate::plan::facts::{Value, Verdict};
use crate::systems::number::whole;
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::Span;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long all of them together may take; what is left is asked the next time.
const TOGETHER: Duration = Duration::from_secs(30);
/// The questions whose answers are facts of their own.
const COUNTED: [&str; 2] = ["constraint_violations", "orphans"];

/// What came of the plan's questions.
#[derive(Debug, Default)]
pub struct Checked(Vec<(String, Outcome)>);

/// What came of one question.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Right,
    /// So many things are wrong.
    Wrong(u64),
    /// While it was looked for, a damaged page or index was found.
    Damaged(String),
    /// This login may not look at what it asks about.
    Denied(String),
    /// It could not be asked.
    Failed(String),
}

/// Asks all of them, one after the other.
pub async fn run(checks: &IndexMap<String, String>, session: &Session) -> Result<Checked, Error> {
    let begun = tokio::time::Instant::now();
    let mut checked = Checked::default();
    for (name, question) in checks {
        let outcome = if begun.elapsed() > TOGETHER {
            Outcome::Failed("the others took too long".to_owned())
        } else {
            ask(question, session).await?
        };
        checked.0.push((name.clone(), outcome));
    }
    Ok(checked)
}

async fn ask(question: &str, session: &Session) -> Result<Outcome, Error> {
    // As a subquery it must have one row and one column, and as text its type does not matter.
    let question = format!("SELECT (\n{}\n)::text", question.trim().trim_end_matches(';'));
    match session.ask_one(&question, &[], PATIENCE).await {
        Ok(rows) => {
            let answer = rows.first().and_then(|row| row.try_get::<_, Option<String>>(0).ok().flatten());
            Ok(read(answer.as_deref()))
        }
        Err(error) if trouble::is_dead(&error) => Err(error),
        Err(error) => Ok(refused(&error)),
    }
}

fn refused(error: &Error) -> Outcome {
    let Some(said) = error.as_db_error() else { return Outcome::Failed(error.to_string()) };
    let message = quoted(said.message());
    match (said.code().code(), damage(said.code().code())) {
        (_, Some(Damage::Page | Damage::Index)) => Outcome::Damaged(message),
        ("57014", _) => Outcome::Failed(format!("it took longer than {}", Span::from(PATIENCE).brief())),
        ("42501", _) => Outcome::Denied(message),
        _ => Outcome::Failed(message),
    }
}

fn read(answer: Option<&str>) -> Outcome {
    match answer {
        Some("true") => Outcome::Right,
        Some("false") => Outcome::Wrong(1),
        None => Outcome::Failed("it gave no answer".to_owned()),
        Some(text) => match text.parse::<f64>() {
            Ok(0.0) => Outcome::Right,
            Ok(number) if number.is_finite() => Outcome::Wrong(whole(number.abs().ceil())),
            _ => Outcome::Failed(format!("it gave {}, which is neither a number nor a yes or no", quoted(text))),
        },
    }
}

impl Checked {
    /// Whether any of them found something wrong.
    pub fn found_something(&self) -> bool {
        self.0.iter().any(|(_, outcome)| matches!(outcome, Outcome::Wrong(_) | Outcome::Damaged(_)))
    }

    /// Whether any of them could be asked.
    pub fn looked(&self) -> bool {
        self.0.iter().any(|(_, outcome)| !matches!(outcome, Outcome::Denied(_) | Outcome::Failed(_)))
    }

    /// Says what came of them.
    pub fn told(&self, told: &mut Told) {
        for fact in COUNTED {
            match self.0.iter().find(|(name, _)| name == fact).map(|(_, outcome)| outcome) {
                Some(Outcome::Right) => told.facts.set(fact, Value::Count(0)),
                Some(Outcome::Wrong(count)) => told.facts.set(fact, Value::Count(*count)),
                Some(Outcome::Damaged(why) | Outcome::Failed(why)) => told.facts.hide(fact, why.clone()),
                Some(Outcome::Denied(why)) => told.facts.deny(fact, why.clone()),
                None => told.facts.hide(fact, format!("the plan has no check called {fact}")),
            }
        }
        let others = || self.0.iter().filter(|(name, _)| !COUNTED.contains(&name.as_str())).map(|(_, outcome)| outcome);
        if others().any(|outcome| matches!(outcome, Outcome::Wrong(_) | Outcome::Damaged(_))) {
            told.facts.set("consistency", Value::word("failed"));
        } else if others().any(|outcome| *outcome == Outcome::Right) {
            told.facts.set("consistency", Value::word("passed"));
        } else {
            told.facts.hide("consistency", "no check of the plan says anything about it");
        }
        told.reasons.extend(self.0.iter().filter_map(|(name, outcome)| concern(name, outcome)));
        if !self.0.is_empty() {
            let rows = self.0.iter().map(|(name, outcome)| vec![name.clone(), words(outcome)]);
            told.facts.list("Checks", &["check", "answer"], rows.collect());
        }
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Right => "right".to_owned(),
        Outcome::Wrong(count) => format!("wrong: {}", Value::Count(*count)),
        Outcome::Damaged(why) => format!("damaged: {why}"),
        Outcome::Denied(why) | Outcome::Failed(why) => format!("cannot be told: {why}"),
    }
}

fn concern(name: &str, outcome: &Outcome) -> Option<Reason> {
    let name = quoted(name);
    let sentence = match outcome {
        Outcome::Right => return None,
        // A limit on the fact says it already.
        Outcome::Wrong(_) if COUNTED.contains(&name.as_str()) => return None,
        Outcome::Wrong(count) => format!("the check {name} finds {} wrong", Value::Count(*count)),
        Outcome::Damaged(why) => format!("the check {name} comes upon damage: {why}"),
        Outcome::Denied(why) | Outcome::Failed(why) => format!("the check {name} cannot be told: {why}"),
    };
    Some(Reason::of_fact(Verdict::Degraded, "consistency", sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_or_a_yes_or_no() {
        assert_eq!(read(Some("0")), Outcome::Right);
        assert_eq!(read(Some("0.00")), Outcome::Right);
        assert_eq!(read(Some("true")), Outcome::Right);
        assert_eq!(read(Some("false")), Outcome::Wrong(1));
        assert_eq!(read(Some("17")), Outcome::Wrong(17));
        assert_eq!(read(Some("-0.5")), Outcome::Wrong(1));
        assert!(matches!(read(Some("NaN")), Outcome::Failed(_)));
        assert!(matches!(read(Some("many")), Outcome::Failed(_)));
        assert!(matches!(read(None), Outcome::Failed(_)));
    }

    #[test]
    fn each_check_feeds_its_fact() {
        let all = [("orphans", Outcome::Wrong(3)), ("totals", Outcome::Right), ("x", Outcome::Failed("no".to_owned()))];
        let checked = Checked(all.map(|(name, outcome)| (name.to_owned(), outcome)).into());
        let mut told = Told::default();
        checked.told(&mut told);
        assert_eq!(told.facts.get("orphans"), Some(&Value::Count(3)));
        assert_eq!(told.facts.get("consistency"), Some(&Value::word("passed")));
        assert_eq!(told.facts.get("constraint_violations"), None);
        let said: Vec<&str> = told.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
        assert_eq!(said, ["the check x cannot be told: no"]);
        assert!(checked.found_something() && checked.looked());
    }
}
