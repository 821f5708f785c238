//! Making one tree of several files: the files of a directory side by side, overlays on top.

use super::tree::{Entry, Node, Value};
use crate::plan::Finding;

/// Adds the tree of another file of the same directory. Lists grow; nothing may be said twice.
pub fn join(into: &mut Node, other: Node, findings: &mut Vec<Finding>) {
    let Value::Table(entries) = other.value else { return };
    for entry in entries {
        let Value::Table(existing) = &mut into.value else { return };
        let Some(known) = existing.iter_mut().find(|known| known.key == entry.key) else {
            existing.push(entry);
            continue;
        };
        match (&mut known.node.value, entry.node.value) {
            (Value::Array(known), Value::Array(more)) => known.extend(more),
            (Value::Table(_), value @ Value::Table(_)) => {
                join(&mut known.node, Node { value, origin: entry.node.origin }, findings);
            }
            _ => findings.push(
                Finding::error("said-twice", format!("{} is said in two files", entry.key))
                    .at(entry.key_origin, "here")
                    .at(known.key_origin, "and here")
                    .because("nobody can tell at night which of the two holds")
                    .mend("keep one; what differs by site or environment belongs into an overlay"),
            ),
        }
    }
}

/// Lays an overlay over a tree: its values replace, and entries of lists are matched by name.
pub fn overlay(under: &mut Node, over: Node) {
    match (&mut under.value, over.value) {
        (Value::Table(known), Value::Table(entries)) => {
            for entry in entries {
                match known.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => overlay(&mut known.node, entry.node),
                    None => known.push(entry),
                }
            }
        }
        (Value::Array(known), Value::Array(elements)) if elements.iter().all(has_identity) && !elements.is_empty() => {
            for element in elements {
                match known.iter_mut().find(|known| same_identity(known, &element)) {
                    Some(known) => overlay(known, element),
                    None => known.push(element),
                }
            }
        }
        (_, value) => *under = Node { value, origin: over.origin },
    }
}

/// The keys that tell the entries of a list apart.
const IDENTITIES: [&str; 4] = ["name", "level", "severity", "role"];

fn identity(node: &Node) -> Option<&Entry> {
    IDENTITIES.iter().find_map(|key| node.get(key))
}

fn has_identity(node: &Node) -> bool {
    identity(node).is_some()
}

fn same_identity(one: &Node, other: &Node) -> bool {
    let same_value = |one: &Node, other: &Node| match (&one.value, &other.value) {
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Integer(one), Value::Integer(other)) => one == other,
        _ => false,
    };
    match (identity(one), identity(other)) {
        (Some(one), Some(other)) => one.key == other.key && same_value(&one.node, &other.node),
        _ => false,
    }
}
