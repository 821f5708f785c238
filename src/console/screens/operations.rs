//! What is under way in one line, for screens that are about something else.

use crate::console::canvas::harmless;
use crate::console::widgets::Line;
use crate::console::{Role, View};

/// `▸ 2 under way: backup of postgres by dump, 12.0MB of about 100MB, 3.00MB/s, about 30s left`
pub(super) fn line(view: &View<'_>, width: u16) -> Option<Line> {
    let running: Vec<_> = view.desk.operations.iter().filter(|seen| seen.is_running()).collect();
    let first = running.last()?;
    let count = match running.len() {
        1 => String::new(),
        count => format!("{count} under way: "),
    };
    let told = match first.operation.progress_told() {
        told if told.is_empty() => first.operation.at.clone(),
        told => told,
    };
    let marks = view.theme.marks();
    let text = format!("{count}{}, {told}", first.operation.about.title());
    let room = usize::from(width).saturating_sub(4);
    Some(Line::of(format!("  {} ", marks.folded), Role::Strong).and(marks.cut(&harmless(&text), room), Role::Text))
}
