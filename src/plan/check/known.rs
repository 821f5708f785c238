//! Looking up a name, and telling of one that names nothing.

use std::collections::HashSet;

use super::examined::Examined;
use super::places::{Entry, Listed};
use super::words::list;
use crate::plan::Finding;
use crate::plan::names::nearest;
use crate::plan::source::Origin;

/// The names of some lists, and what they are called.
pub struct Known<'a> {
    /// What they are names of.
    pub what: &'static str,
    /// The names.
    pub names: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    /// The names in some of the plan's lists.
    pub fn of(examined: &Examined<'a>, what: &'static str, lists: &[&str]) -> Known<'a> {
        Known { what, names: lists.iter().flat_map(|list| examined.names(list)).collect() }
    }

    /// Adds a finding if `name` is none of them.
    pub fn expect(&self, name: &str, at: impl FnOnce() -> Origin, findings: &mut Vec<Finding>) {
        if !self.names.contains(name) {
            findings.push(dangling(name, self.what, &self.names, at()));
        }
    }

    /// The same, where a free word is allowed too: only a misspelt name is a mistake.
    pub fn expect_unless_free(&self, name: &str, at: impl FnOnce() -> Origin, findings: &mut Vec<Finding>) {
        if !self.names.contains(name) && nearest(name, self.names.iter().copied()).is_some() {
            findings.push(dangling(name, self.what, &self.names, at()));
        }
    }

    /// The same for each name of a list of an entry.
    pub fn expect_all<T: Listed>(
        &self,
        examined: &Examined<'_>,
        entry: Entry<'_, T>,
        key: &str,
        names: &[String],
        findings: &mut Vec<Finding>,
    ) {
        for (index, name) in names.iter().enumerate() {
            self.expect(name, || examined.element(entry, key, index, name), findings);
        }
    }

    /// The same for a key of an entry.
    pub fn expect_key<T: Listed>(
        &self,
        examined: &Examined<'_>,
        entry: Entry<'_, T>,
        key: &str,
        name: Option<&String>,
        findings: &mut Vec<Finding>,
    ) {
        if let Some(name) = name {
            self.expect(name, || examined.key(entry, key), findings);
        }
    }
}

fn dangling(name: &str, what: &str, names: &HashSet<&str>, at: Origin) -> Finding {
    let mut sorted: Vec<&str> = names.iter().copied().collect();
    sorted.sort_unstable();
    let mend = match nearest(name, sorted.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if sorted.is_empty() => format!("add the {what}, or take the name out; the plan has none so far"),
        None if sorted.len() <= 12 => format!("name one of {}, or add it", list(sorted)),
        None => format!("name one of the {} that the plan has, or add it", sorted.len()),
    };
    Finding::error("dangling-name", format!("there is no {what} named \"{name}\""))
        .at(at, format!("no {what}"))
        .because(format!("whoever follows this on the night looks for \"{name}\" and finds nothing"))
        .mend(mend)
}
