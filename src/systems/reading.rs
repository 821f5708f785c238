//! What a system told when it was asked: facts, a verdict, its reasons, and when.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::plan::facts::{Value, Verdict};
use crate::text::{Redactor, Shape, Span, untrusted};

/// How much of a text from outside a fact keeps.
const LONGEST: usize = 200;
/// How many entries of a list are kept; what is left out is counted.
const LONGEST_LIST: usize = 200;

/// One answer, or the lack of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// What it comes to.
    pub verdict: Verdict,
    /// Why, the worst first; empty when all is well.
    pub reasons: Vec<Reason>,
    /// What it says it is, in one line; empty without an answer.
    pub identity: String,
    /// What was learnt.
    pub facts: Facts,
    /// When it was asked.
    pub asked: DateTime<Utc>,
    /// When it had answered, or was given up.
    pub answered: DateTime<Utc>,
    /// How long that took, by a clock that never jumps.
    pub took: Span,
}

/// Why a verdict is not `healthy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// How bad this is.
    pub verdict: Verdict,
    /// The fact that shows it, where one does.
    pub fact: Option<String>,
    /// One plain sentence, without capital or full stop.
    pub sentence: String,
}

/// What was learnt of a system.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// By name.
    values: IndexMap<String, Value>,
    /// What could not be seen, with the reason.
    unseen: IndexMap<String, String>,
    /// What of that the system itself does not let us see.
    #[serde(default)]
    denied: BTreeSet<String>,
    /// Facts about several things of one sort: standbys, queues, nodes.
    lists: Vec<FactList>,
}

/// Facts about several things of one sort.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FactList {
    /// What they are.
    pub title: String,
    /// The heads of the columns; the first one names the thing.
    pub columns: Vec<String>,
    /// A row for each thing, what deserves a look first.
    pub rows: Vec<Vec<String>>,
    /// How many more there are.
    pub left_out: usize,
}

impl Reason {
    /// A reason that comes with a fact.
    pub fn of_fact(verdict: Verdict, fact: impl Into<String>, sentence: impl Into<String>) -> Reason {
        Reason { verdict, fact: Some(fact.into()), sentence: sentence.into() }
    }

    /// A reason of another sort.
    pub fn new(verdict: Verdict, sentence: impl Into<String>) -> Reason {
        Reason { verdict, fact: None, sentence: sentence.into() }
    }
}

impl Reading {
    /// The reason that is told first, in one sentence; empty when all is well.
    pub fn reason(&self) -> &str {
        self.reasons.first().map_or("", |reason| &reason.sentence)
    }

    /// The value of a fact.
    pub fn fact(&self, name: &str) -> Option<&Value> {
        self.facts.get(name)
    }

    /// The same without any secret: who was asked may send back what it was asked with.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> Reading {
        strip(&mut self.identity, redactor);
        self.reasons.iter_mut().for_each(|reason| strip(&mut reason.sentence, redactor));
        self.facts.redact(redactor);
        self
    }
}

fn strip(text: &mut String, redactor: &Redactor) {
    if let Cow::Owned(clean) = redactor.redact(text) {
        *text = clean;
    }
}

impl Facts {
    /// Notes a fact under the name that the plan's vocabulary gives it.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    fn redact(&mut self, redactor: &Redactor) {
        for value in self.values.values_mut() {
            if let Value::Text(Cow::Owned(text)) = value {
                strip(text, redactor);
            }
        }
        self.unseen.values_mut().for_each(|why| strip(why, redactor));
        let lists = self.lists.iter_mut();
        lists.flat_map(|list| list.rows.iter_mut().flatten()).for_each(|cell| strip(cell, redactor));
    }

    /// Notes it unless it is known already.
    pub fn set_default(&mut self, name: &'static str, value: Value) {
        self.values.entry(name.to_owned()).or_insert(value);
    }

    /// Notes it if it is known.
    pub fn set_some(&mut self, name: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Notes a text from outside, made harmless.
    pub fn set_text(&mut self, name: &'static str, text: impl AsRef<[u8]>) {
        self.set(name, Value::Text(untrusted(text, Shape::line(LONGEST)).into()));
    }

    /// Notes that a fact could not be seen, and why.
    pub fn hide(&mut self, name: &'static str, why: impl Into<String>) {
        self.unseen.insert(name.to_owned(), why.into());
    }

    /// Notes that the system does not let this login see a fact: it said so, by its code or by what it grants.
    pub fn deny(&mut self, name: &'static str, why: impl Into<String>) {
        self.denied.insert(name.to_owned());
        self.hide(name, why);
    }

    /// What this login may not see.
    pub fn denied(&self) -> impl Iterator<Item = &str> {
        self.denied.iter().map(String::as_str)
    }

    /// Notes facts about several things, the most noteworthy first. Cells are made harmless.
    pub fn list(&mut self, title: &str, columns: &[&str], rows: Vec<Vec<String>>) {
        let left_out = rows.len().saturating_sub(LONGEST_LIST);
        let safe = |row: Vec<String>| row.into_iter().map(|cell| untrusted(cell, Shape::line(LONGEST))).collect();
        self.lists.push(FactList {
            title: title.to_owned(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            rows: rows.into_iter().take(LONGEST_LIST).map(safe).collect(),
            left_out,
        });
    }

    /// The same where only the first rows of so many are given.
    pub fn list_of(&mut self, title: &str, columns: &[&str], rows: Vec<Vec<String>>, total: usize) {
        let more = total.saturating_sub(rows.len());
        self.list(title, columns, rows);
        if let Some(list) = self.lists.last_mut() {
            list.left_out += more;
        }
    }

    /// The value of a fact.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// All values by name, in the order in which they were learnt.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// What could not be seen, with the reason.
    pub fn unseen(&self) -> impl Iterator<Item = (&str, &str)> {
        self.unseen.iter().map(|(name, why)| (name.as_str(), why.as_str()))
    }

    /// Facts about several things.
    pub fn lists(&self) -> &[FactList] {
        &self.lists
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
