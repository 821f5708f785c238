//! A plan as a tree in which every value knows where it was written.

use std::ops::Range;

use serde_spanned::Spanned;
use toml::de::{DeTable, DeValue};

use super::depth::{DEEPEST, too_deep};
use super::{Part, Path};
use crate::plan::Finding;

/// Where a value was written: a range of bytes in one of the plan's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Which file, as an index into the plan's sources.
    pub file: usize,
    /// First byte.
    pub start: usize,
    /// One after the last byte.
    pub end: usize,
}

impl Origin {
    fn new(file: usize, span: Range<usize>) -> Origin {
        Origin { file, start: span.start, end: span.end }
    }

    /// From the start of this to the end of `other`, if both are in one file and in that order.
    #[must_use]
    pub fn through(self, other: Origin) -> Origin {
        if self.file == other.file && self.start <= other.end { Origin { end: other.end, ..self } } else { self }
    }
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its place.
    pub origin: Origin,
}

/// What a TOML document is made of.
#[derive(Clone, Debug)]
pub enum Value {
    /// Keys and values, in the order they were written.
    Table(Vec<Entry>),
    /// Values.
    Array(Vec<Node>),
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// Yes or no.
    Boolean(bool),
    /// A date or a time, as written.
    Date(String),
}

/// A key with its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key was written.
    pub key_origin: Origin,
    /// Its value.
    pub node: Node,
}

impl Node {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }

    /// The elements of an array; none for anything else.
    pub fn elements(&self) -> &[Node] {
        match &self.value {
            Value::Array(nodes) => nodes,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// How many values it holds, itself included.
    pub fn count(&self) -> usize {
        1 + match &self.value {
            Value::Table(entries) => entries.iter().map(|entry| entry.node.count()).sum(),
            Value::Array(nodes) => nodes.iter().map(Node::count).sum(),
            _ => 0,
        }
    }

    /// What to underline for `path`: the key with its value, or as much of the way as exists.
    pub fn locate(&self, path: &Path) -> Origin {
        let mut node = self;
        let mut found = self.origin;
        for part in path.parts() {
            match part {
                Part::Key(key) => {
                    let Some(entry) = node.get(key) else { return found };
                    node = &entry.node;
                    found = match node.value {
                        Value::Table(_) | Value::Array(_) => entry.key_origin,
                        _ => entry.key_origin.through(node.origin),
                    };
                }
                Part::Index(index) => {
                    let Some(element) = node.elements().get(*index) else { return found };
                    node = element;
                    // A table in a list is best known by its name.
                    found = node.get("name").map_or(node.origin, |name| name.key_origin.through(name.node.origin));
                }
            }
        }
        found
    }
}

/// Reads one file. All syntax errors are found, and what could be understood is returned.
pub fn parse(file: usize, text: &str) -> (Node, Vec<Finding>) {
    if let Some(at) = too_deep(text) {
        let message = format!("there are more than {DEEPEST} brackets or names within each other");
        let finding = Finding::error("syntax", message)
            .at(Origin::new(file, at..at + 1), "")
            .because("no plan is nested so deeply, and reading it would take forever")
            .mend("close the brackets that were opened before, or look whether this is a plan at all");
        return (Node { value: Value::Table(Vec::new()), origin: Origin::new(file, 0..0) }, vec![finding]);
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    // Below a broken heading the keys of many tables fall into one, and only the heading is wrong.
    let is_repeat = |message: &str| message == "duplicate key";
    // What is no plan at all is wrong once, not on each of its lines.
    let is_something =
        table.get_ref().values().any(|value| matches!(value.get_ref(), DeValue::Table(_) | DeValue::Array(_)));
    let most = if is_something { usize::MAX } else { 1 };
    let mut errors = errors;
    errors.truncate(most);
    let all_repeat = errors.iter().all(|error| is_repeat(error.message()));
    let findings = errors
        .into_iter()
        .filter(|error| all_repeat || !is_repeat(error.message()))
        .map(|error| {
            let span = error.span().unwrap_or(0..0);
            Finding::error("syntax", format!("this is not TOML: {}", error.message()))
                .at(Origin::new(file, span), "")
                .because("nothing of a plan that cannot be read helps anybody")
                .mend(
                    "correct the line (https://toml.io shows the syntax in a page); what the plan means is checked once it can be read",
                )
        })
        .collect();
    let span = table.span();
    (table_node(file, span, table.into_inner()), findings)
}

fn table_node(file: usize, span: Range<usize>, table: DeTable<'_>) -> Node {
    let entries = table
        .into_iter()
        .map(|(key, value)| Entry {
            key_origin: Origin::new(file, key.span()),
            key: key.into_inner().into_owned(),
            node: node(file, value),
        })
        .collect();
    Node { value: Value::Table(entries), origin: Origin::new(file, span) }
}

fn node(file: usize, spanned: Spanned<DeValue<'_>>) -> Node {
    let span = spanned.span();
    let value = match spanned.into_inner() {
        DeValue::Table(table) => return table_node(file, span, table),
        DeValue::Array(array) => Value::Array(array.into_iter().map(|element| node(file, element)).collect()),
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Text(number.to_string()),
        },
        DeValue::Float(number) => match number.as_str().parse() {
            Ok(number) => Value::Float(number),
            Err(_) => Value::Text(number.to_string()),
        },
        DeValue::Boolean(yes) => Value::Boolean(yes),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
    };
    Node { value, origin: Origin::new(file, span) }
}
