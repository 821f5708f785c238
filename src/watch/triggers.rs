//! The plan's triggers, held against the facts. What they set off comes from elsewhere.

use chrono::{DateTime, TimeDelta, Utc};

use super::Picture;
use super::jumps::moved;
use crate::plan::{Condition, HowMany};
use crate::text::Span;

/// A trigger of a scenario, and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Trigger {
    /// The scenario it belongs to.
    pub scenario: String,
    /// The condition.
    pub condition: Condition,
    /// Whether it holds now.
    pub truth: Truth,
    /// Since when it has held without a break.
    pub since: Option<DateTime<Utc>>,
    /// Whether it has held for as long as it must.
    pub fired: bool,
    /// What speaks for it, and against.
    pub evidence: Vec<Evidence>,
    /// Since when it has not been known whether it still holds.
    lost_since: Option<DateTime<Utc>>,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// The facts say so.
    Holds,
    /// The facts say otherwise.
    Not,
    /// The facts are not known.
    Unknown,
    /// A person has to say.
    Asked,
}

/// One fact that a trigger looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Whose fact it is.
    pub subject: String,
    /// What it is, as shown; nothing where it is not known.
    pub value: Option<String>,
    /// Whether it fulfils the condition.
    pub holds: Option<bool>,
}

impl Trigger {
    /// A trigger about which nothing is known yet.
    pub fn new(scenario: &str, condition: &Condition) -> Trigger {
        Trigger {
            scenario: scenario.to_owned(),
            condition: condition.clone(),
            truth: Truth::Unknown,
            since: None,
            fired: false,
            evidence: Vec::new(),
            lost_since: None,
        }
    }

    /// How it stands, in a few words.
    pub const fn told(&self) -> &'static str {
        match self.truth {
            Truth::Holds if self.fired => "fired",
            Truth::Holds => "about to fire",
            Truth::Not => "not now",
            Truth::Unknown => "not known",
            Truth::Asked => "by hand",
        }
    }

    /// What a fact that it looks at says, as a person would: `redis is down`, `postgres: integrity passed`.
    pub fn finding(&self, fact: &Evidence) -> String {
        self.condition.finding(&fact.subject, fact.value.as_deref())
    }

    /// What speaks for it, in one line.
    pub fn because(&self) -> String {
        let speaking = self.evidence.iter().filter(|fact| fact.holds == Some(true));
        speaking.map(|fact| self.finding(fact)).collect::<Vec<_>>().join(", ")
    }

    /// How long it has still to hold until it fires; nothing where it does not hold or has fired.
    pub fn remaining(&self, now: DateTime<Utc>) -> Option<Span> {
        let Condition::Fact { held: Some(held), .. } = &self.condition else { return None };
        let since = self.since.filter(|_| !self.fired)?;
        Some(held.less(Span::between(since, now)))
    }

    /// Moves with the wall clock, which has jumped.
    pub(super) fn clock_jumped(&mut self, by: TimeDelta) {
        for moment in [&mut self.since, &mut self.lost_since].into_iter().flatten() {
            *moment = moved(*moment, by);
        }
    }

    /// Looks at the facts again.
    pub(super) fn look(&mut self, picture: &Picture, now: DateTime<Utc>) {
        let Condition::Fact { how_many, fact, compare, value, held } = &self.condition else {
            self.truth = Truth::Asked;
            return;
        };
        let known = picture.facts(fact);
        self.evidence = known
            .into_iter()
            .map(|known| Evidence {
                subject: known.subject.to_owned(),
                holds: known.value.as_ref().and_then(|found| found.holds(*compare, value, now)),
                value: known.value.map(|found| found.to_string()),
            })
            .collect();
        self.truth = truth(*how_many, &self.evidence);
        match self.truth {
            Truth::Holds => {
                // The time in which nothing was known does not count.
                if let (Some(since), Some(lost)) = (&mut self.since, self.lost_since.take()) {
                    *since += now - lost;
                }
                let since = *self.since.get_or_insert(now);
                self.fired |= held.is_none_or(|held| Span::between(since, now) >= held);
            }
            Truth::Unknown if self.since.is_some() => {
                let lost = *self.lost_since.get_or_insert(now);
                if Span::between(lost, now) > picture.lasting(fact) {
                    self.forget();
                }
            }
            Truth::Unknown | Truth::Not | Truth::Asked => self.forget(),
        }
    }

    fn forget(&mut self) {
        (self.since, self.lost_since, self.fired) = (None, None, false);
    }
}

fn truth(how_many: HowMany, evidence: &[Evidence]) -> Truth {
    let count = |wanted: Option<bool>| evidence.iter().filter(|fact| fact.holds == wanted).count();
    let (for_it, against, open) = (count(Some(true)), count(Some(false)), count(None));
    let needed = match how_many {
        HowMany::Any => 1,
        HowMany::All => evidence.len().max(1),
        HowMany::AtLeast(number) => usize::try_from(number).unwrap_or(usize::MAX),
    };
    if for_it >= needed {
        Truth::Holds
    } else if for_it + open >= needed && open > 0 || (against == 0 && evidence.is_empty()) {
        Truth::Unknown
    } else {
        Truth::Not
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(holds: &[Option<bool>]) -> Vec<Evidence> {
        let fact = |holds: &Option<bool>| Evidence { subject: "a".to_owned(), value: None, holds: *holds };
        holds.iter().map(fact).collect()
    }

    #[test]
    fn what_is_not_known_counts_neither_way() {
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(truth(HowMany::Any, &of(&[no, yes])), Truth::Holds);
        assert_eq!(truth(HowMany::Any, &of(&[no, None])), Truth::Unknown);
        assert_eq!(truth(HowMany::Any, &of(&[no, no])), Truth::Not);
        assert_eq!(truth(HowMany::All, &of(&[yes, yes])), Truth::Holds);
        assert_eq!(truth(HowMany::All, &of(&[yes, None])), Truth::Unknown);
        assert_eq!(truth(HowMany::All, &of(&[no, None])), Truth::Not);
        assert_eq!(truth(HowMany::AtLeast(2), &of(&[yes, None, no])), Truth::Unknown);
        assert_eq!(truth(HowMany::AtLeast(2), &of(&[yes, no, no])), Truth::Not);
        assert_eq!(truth(HowMany::AtLeast(2), &of(&[yes, no, yes])), Truth::Holds);
        assert_eq!(truth(HowMany::All, &of(&[])), Truth::Unknown);
    }
}
