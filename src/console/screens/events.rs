//! An event of the journal on one line, as several screens show it.

use crate::console::widgets::Line;
use crate::console::{Piece, Role, View};
use crate::desk::Entry;

/// Kinds that tell of trouble with the journal itself.
const TROUBLE: [&str; 5] = [
    "journal.tail-altered",
    "journal.cut-short",
    "journal.clock-jumped",
    "journal.disk-full",
    "journal.tail-set-aside",
];

/// `03:12:05  postgres  down, was healthy: connection refused`
pub(super) fn line(view: &View<'_>, entry: &Entry) -> Line {
    Line(vec![
        Piece::new(format!("  {:<12}  ", view.moment(entry.at)), Role::Dim),
        Piece::new(format!("{:<16}  ", subject(entry)), Role::Strong),
        Piece::new(summary(entry), role(entry)),
    ])
}

/// What an event is about; who tells it where it is about nothing.
pub(super) fn subject(entry: &Entry) -> &str {
    let teller = entry.kind.split('.').next().unwrap_or_default();
    if entry.subject.is_empty() { teller } else { &entry.subject }
}

/// What an event says; what happened, in a word or two, where it says nothing.
pub(super) fn summary(entry: &Entry) -> String {
    let happened = entry.kind.rsplit('.').next().unwrap_or_default();
    if entry.summary.is_empty() { happened.replace('-', " ") } else { entry.summary.clone() }
}

/// How an event looks: a change of verdict like the verdict, trouble with the journal like trouble.
pub(super) fn role(entry: &Entry) -> Role {
    if let Some(verdict) = entry.verdict {
        return Role::of(verdict);
    }
    if TROUBLE.contains(&entry.kind.as_str()) { Role::Degraded } else { Role::Text }
}
