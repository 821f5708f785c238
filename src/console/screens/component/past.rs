//! What a component was like: the last minutes as graphs, what others see, and the journal's entries about it.

use super::One;
use crate::console::screens::events as shown;
use crate::console::widgets::{Line, Page, age, graph::Graph, lasting};
use crate::console::{Piece, Role};
use crate::watch::every;

/// How many entries of the journal are shown.
const EVENTS: usize = 8;
/// What stands before a graph and after it.
const LABEL: usize = 14;
const AFTER: usize = 22;

/// The last minutes: the verdict, how long answers took, and the key fact.
pub(super) fn graphs(one: &One<'_>, page: &mut Page) {
    let room = page.columns().saturating_sub(LABEL + AFTER);
    let graph = Graph::of(&one.seen.history, every(one.component), one.view.now, room);
    if graph.is_empty() {
        return;
    }
    let marks = one.view.theme.marks();
    page.heading(&format!("The last {}", age(graph.covers())));
    let label = |text: &str| Line::of(format!("  {text:<width$}", width = LABEL - 2), Role::Dim);
    let mut verdicts = label("Verdict");
    verdicts.0.extend(graph.verdicts().map(|verdict| match verdict {
        Some(verdict) => Piece::new(marks.verdict(verdict), Role::of(verdict)),
        None => Piece::plain(" "),
    }));
    page.line(verdicts);
    let (took, longest) = graph.took(marks);
    let longest = crate::text::Span::from_millis(u64::from(longest)).brief();
    page.line(label("Answer").and(took, Role::Graph).and(format!("  at most {longest}"), Role::Dim));
    let is_number = one.seen.history.samples().any(|sample| sample.key.is_some());
    if let Some((title, value)) = one.seen.key_fact(one.component).filter(|_| is_number) {
        let title = label(&marks.cut(title, LABEL - 3));
        page.line(match graph.key(marks) {
            Some(bars) => title.and(bars, Role::Graph).and(format!("  {value} now"), Role::Dim),
            None => title.and(format!("{value}, the same all along"), Role::Dim),
        });
    }
}

/// What is seen of it from other places.
pub(super) fn elsewhere(one: &One<'_>, page: &mut Page) {
    if one.seen.elsewhere.is_empty() {
        return;
    }
    page.heading("From other places");
    for other in &one.seen.elsewhere {
        let verdict = other.reading.verdict;
        let mark = one.view.theme.marks().verdict(verdict);
        let why = other.reading.reason();
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let told = format!("{}  {mark} {}{why}", other.vantage, lasting(verdict, one.view.since(other.since)));
        page.text(2, &told, Role::of(verdict));
    }
}

/// The journal's newest entries about it.
pub(super) fn events(one: &One<'_>, page: &mut Page) {
    let about = one.view.desk.events.iter().rev().filter(|entry| entry.subject == one.component.name);
    let entries: Vec<_> = about.take(EVENTS).collect();
    if entries.is_empty() {
        return;
    }
    page.heading("In the journal");
    for entry in entries {
        page.labelled(&one.view.moment(entry.at), &shown::summary(entry), shown::role(entry));
    }
}
