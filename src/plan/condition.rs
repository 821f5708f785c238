//! Conditions on facts: `postgres.verdict == down for 5min`, `at least 2 of app-*.verdict == down`,
//! `manual by sre`.

mod words;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::types::Limit;
use crate::text::Span;

/// Something that is true or not, as the facts show or a person says.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A person decides.
    Manual {
        /// Who may; anybody on call if left out.
        role: Option<String>,
    },
    /// A fact is compared.
    Fact {
        /// Of the subjects that match, how many must fulfil it.
        how_many: HowMany,
        /// What is compared.
        fact: FactPath,
        /// How.
        compare: Comparison,
        /// With what.
        value: FactValue,
        /// For how long it must have been so.
        held: Option<Span>,
    },
}

/// How many of the subjects that match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowMany {
    /// One is enough; also if only one can match.
    Any,
    /// Each one.
    All,
    /// This many.
    AtLeast(u32),
}

/// A fact of a subject: `postgres.connections`, `app-*.verdict`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactPath {
    /// A component, a category of data or a site; `*` stands for any part of a name.
    pub subject: String,
    /// The fact's name.
    pub fact: String,
}

/// The ways to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    Different,
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `>`
    Above,
}

/// What a fact is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue {
    /// A number with or without a unit.
    Amount(Limit),
    /// A word.
    Word(String),
}

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no condition: {why}; write it like \"postgres.verdict == down for 5min\" or \"manual by sre\"")]
pub struct ConditionError {
    text: String,
    why: String,
}

const SIGNS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::Different),
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("<", Comparison::Below),
    (">", Comparison::Above),
];

impl Comparison {
    /// Whether a value that lies so to the wanted one is meant.
    pub fn allows(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::Different => order.is_ne(),
            Comparison::AtMost => order.is_le(),
            Comparison::AtLeast => order.is_ge(),
            Comparison::Below => order.is_lt(),
            Comparison::Above => order.is_gt(),
        }
    }
}

impl FactPath {
    /// Whether `name` is one of the subjects.
    pub fn matches(&self, name: &str) -> bool {
        subject_matches(&self.subject, name)
    }
}

/// Whether a name is meant by a pattern, in which `*` stands for any part of a name.
pub fn subject_matches(pattern: &str, name: &str) -> bool {
    glob(pattern.as_bytes(), name.as_bytes())
}

/// `*` stands for any run of characters.
fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|skipped| glob(rest, &name[skipped..])),
        Some((first, rest)) => name.split_first().is_some_and(|(letter, name)| letter == first && glob(rest, name)),
    }
}

impl FromStr for FactPath {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<FactPath, ConditionError> {
        let refuse = |why: &str| ConditionError { text: text.chars().take(80).collect(), why: why.to_owned() };
        let fits = |part: &str, glob: bool| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_') || (glob && c == '*'))
        };
        let (subject, fact) = text.split_once('.').ok_or_else(|| refuse("a fact is written subject.fact"))?;
        if !fits(subject, true) || subject.matches('*').count() > 4 {
            return Err(refuse("that is no name of a subject"));
        }
        if !fact.split('.').all(|part| fits(part, false)) {
            return Err(refuse("that is no name of a fact"));
        }
        Ok(FactPath { subject: subject.to_owned(), fact: fact.to_owned() })
    }
}

impl fmt::Display for FactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.subject, self.fact)
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Condition, ConditionError> {
        let trimmed = text.trim();
        let refuse = |why: &str| ConditionError { text: trimmed.chars().take(80).collect(), why: why.to_owned() };
        let words: Vec<&str> = trimmed.split_whitespace().collect();
        match words[..] {
            ["manual"] => return Ok(Condition::Manual { role: None }),
            ["manual", "by", role] => return Ok(Condition::Manual { role: Some(role.to_owned()) }),
            ["manual", "by", ..] => return Err(refuse("manual by is followed by one role")),
            ["manual", ..] => return Err(refuse("manual is followed by nothing, or by a role")),
            _ => {}
        }
        let (how_many, rest) = how_many(trimmed).ok_or_else(|| refuse("at least needs a number and the word of"))?;
        let (at, sign, compare) = SIGNS
            .iter()
            .filter_map(|(sign, compare)| rest.find(sign).map(|at| (at, *sign, *compare)))
            .min_by_key(|(at, sign, _)| (*at, std::cmp::Reverse(sign.len())))
            .ok_or_else(|| refuse("a comparison (== != < <= > >=) is missing"))?;
        let fact: FactPath = rest[..at].trim().parse()?;
        let value = rest[at + sign.len()..].trim();
        let (value, held) = match value.rsplit_once(" for ") {
            Some((value, held)) => (value.trim(), Some(held.parse().map_err(|error| refuse(&format!("{error}")))?)),
            None => (value, None),
        };
        let value = match value.parse() {
            Ok(amount) => FactValue::Amount(amount),
            Err(_) if value.is_empty() || value.contains(char::is_whitespace) => {
                return Err(refuse("the value to compare with is missing, or more than one word"));
            }
            Err(_) => FactValue::Word(value.to_owned()),
        };
        Ok(Condition::Fact { how_many, fact, compare, value, held })
    }
}

fn how_many(text: &str) -> Option<(HowMany, &str)> {
    if let Some(rest) = text.strip_prefix("any of ") {
        Some((HowMany::Any, rest))
    } else if let Some(rest) = text.strip_prefix("all of ") {
        Some((HowMany::All, rest))
    } else if let Some(rest) = text.strip_prefix("at least ") {
        let (number, rest) = rest.split_once(" of ")?;
        Some((HowMany::AtLeast(number.trim().parse().ok().filter(|number| *number > 0)?), rest))
    } else {
        Some((HowMany::Any, text))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Manual { role: None } => f.write_str("manual"),
            Condition::Manual { role: Some(role) } => write!(f, "manual by {role}"),
            Condition::Fact { how_many, fact, compare, value, held } => {
                match how_many {
                    HowMany::Any if fact.subject.contains('*') => f.write_str("any of ")?,
                    HowMany::Any => {}
                    HowMany::All => f.write_str("all of ")?,
                    HowMany::AtLeast(number) => write!(f, "at least {number} of ")?,
                }
                let sign = SIGNS.iter().find(|(_, known)| known == compare).map_or("==", |(sign, _)| *sign);
                write!(f, "{fact} {sign} {value}")?;
                held.map_or(Ok(()), |held| write!(f, " for {held}"))
            }
        }
    }
}

impl fmt::Display for FactValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FactValue::Amount(amount) => amount.fmt(f),
            FactValue::Word(word) => f.write_str(word),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Condition, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Condition".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A condition on facts",
            "examples": ["postgres.verdict == down for 5min", "at least 2 of app-*.verdict == down", "manual by sre"]
        })
    }
}

#[cfg(test)]
mod tests;
