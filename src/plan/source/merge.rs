//! Making one tree of several files: the files of a directory side by side, overlays on top.

use super::identity::identity;
use super::tree::{Node, Value};
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

/// Lays an overlay over a tree: its values replace, and entries of lists are matched by what tells
/// them apart.
pub fn overlay(under: &mut Node, over: Node) {
    overlay_at("", under, over);
}

/// The same for what stands under `key`.
fn overlay_at(key: &str, under: &mut Node, over: Node) {
    let is_named =
        |elements: &[Node]| !elements.is_empty() && elements.iter().all(|node| identity(key, node).is_some());
    match (&mut under.value, over.value) {
        (Value::Table(known), Value::Table(entries)) => {
            for entry in entries {
                match known.iter_mut().find(|known| known.key == entry.key) {
                    Some(known) => overlay_at(&entry.key, &mut known.node, entry.node),
                    None => known.push(entry),
                }
            }
        }
        (Value::Array(known), Value::Array(elements)) if is_named(&elements) => {
            for element in elements {
                match known.iter_mut().find(|known| same_identity(key, known, &element)) {
                    Some(known) => overlay_at(key, known, element),
                    None => known.push(element),
                }
            }
        }
        (_, value) => *under = Node { value, origin: over.origin },
    }
}

fn same_identity(list: &str, one: &Node, other: &Node) -> bool {
    let same_value = |one: &Node, other: &Node| match (&one.value, &other.value) {
        (Value::Text(one), Value::Text(other)) => one == other,
        (Value::Integer(one), Value::Integer(other)) => one == other,
        _ => false,
    };
    identity(list, one).zip(identity(list, other)).is_some_and(|(one, other)| same_value(&one.node, &other.node))
}
