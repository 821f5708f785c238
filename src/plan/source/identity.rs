//! The key that tells the entries of a list apart.

use super::tree::{Entry, Node};

/// The plan's own lists, and the key that tells their entries apart.
pub const IDENTITIES: [(&str, &str); 23] = [
    ("site", "name"),
    ("tier", "level"),
    ("priority", "level"),
    ("component", "name"),
    ("data", "name"),
    ("store", "name"),
    ("job", "name"),
    ("scenario", "name"),
    ("procedure", "name"),
    ("decision", "name"),
    ("person", "name"),
    ("role", "name"),
    ("rota", "role"),
    ("response", "severity"),
    ("escalation", "level"),
    ("contact", "name"),
    ("audience", "name"),
    ("channel", "name"),
    ("message", "name"),
    ("checklist", "name"),
    ("kpi", "name"),
    ("approval", "role"),
    ("review", "of"),
];

/// Of an entry of `list`, what tells it apart. Lists within entries go by names.
pub fn identity<'n>(list: &str, entry: &'n Node) -> Option<&'n Entry> {
    let key = IDENTITIES.iter().find(|(known, _)| *known == list).map_or("name", |(_, key)| key);
    entry.get(key)
}
