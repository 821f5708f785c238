//! What is known of a component: facts with their thresholds, lists, what is asked rarely, what could not be seen.

use super::One;
use crate::console::Role;
use crate::console::widgets::{FactRow, Page};
use crate::plan::facts::{self, FactInfo, Value, Verdict, Worse};
use crate::systems::Reading;

/// From this width on it is said what a fact means.
const ROOMY: usize = 90;
/// How many rows of a list are shown.
const ROWS: usize = 20;

/// The facts of every interval.
pub(super) fn known(one: &One<'_>, page: &mut Page) {
    let Some(latest) = &one.seen.latest else { return };
    let rows = rows(one, latest, page.columns());
    if !rows.is_empty() {
        page.heading("Facts");
        page.facts(&rows);
    }
}

/// The facts that cost something, as of when they were asked for.
pub(super) fn rare(one: &One<'_>, page: &mut Page) {
    let (seen, view) = (one.seen, one.view);
    if let Some(rare) = &seen.rare {
        let rows = rows(one, rare, page.columns());
        if !rows.is_empty() {
            page.heading_with("Asked rarely", &format!("as of {}", view.moment(rare.answered)), Role::Dim);
            page.facts(&rows);
        }
    }
    if let Some(trouble) = &seen.rare_trouble {
        page.heading("Asked rarely, and not answered");
        page.text(2, trouble, Role::Degraded);
    }
}

/// What could not be seen, with the reason.
pub(super) fn unseen(one: &One<'_>, page: &mut Page) {
    let unseen = one.seen.latest.iter().chain(&one.seen.rare).flat_map(|reading| reading.facts.unseen());
    let rows: Vec<(String, &str)> = unseen.map(|(name, why)| (title(one, name), why)).collect();
    if rows.is_empty() {
        return;
    }
    page.heading("Could not be seen");
    for (name, why) in rows {
        page.text(2, &format!("{name}: {why}"), Role::Unknown);
    }
}

/// Standbys, queues, nodes.
pub(super) fn lists(one: &One<'_>, page: &mut Page) {
    for list in one.seen.latest.iter().chain(&one.seen.rare).flat_map(|reading| reading.facts.lists()) {
        page.heading(&list.title);
        let head: Vec<&str> = list.columns.iter().map(String::as_str).collect();
        page.table(&head, &list.rows[..list.rows.len().min(ROWS)]);
        let more = list.rows.len().saturating_sub(ROWS) + list.left_out;
        if more > 0 {
            page.text(2, &format!("and {more} more"), Role::Dim);
        }
    }
}

/// The most telling facts, for a narrow place.
pub(super) fn some(one: &One<'_>, columns: usize, most: usize) -> Vec<FactRow> {
    let Some(latest) = &one.seen.latest else { return Vec::new() };
    let mut rows = rows(one, latest, columns);
    // What is beyond its threshold goes first.
    rows.sort_by_key(|row| row.role == Role::Text);
    rows.truncate(most);
    rows
}

/// The facts of a reading in the order of the vocabulary.
fn rows(one: &One<'_>, reading: &Reading, columns: usize) -> Vec<FactRow> {
    let known = facts::of_kind(one.component.kind).iter().chain(facts::EVERY);
    let listed =
        known.clone().filter_map(|info| Some(row(one, info.name, Some(info), reading.fact(info.name)?, columns)));
    let others = reading.facts.iter().filter(|(name, _)| facts::find(one.component.kind, name).is_none());
    listed.chain(others.map(|(name, value)| row(one, name, None, value, columns))).collect()
}

fn row(one: &One<'_>, name: &str, info: Option<&FactInfo>, value: &Value, columns: usize) -> FactRow {
    let limit = one.component.limits.get(name).copied();
    let threshold = info.and_then(|info| info.threshold(limit));
    let blamed = one.seen.reasons().find(|reason| reason.fact.as_deref() == Some(name)).map(|reason| reason.verdict);
    let beyond = threshold.is_some_and(|threshold| value.is_beyond(threshold, one.view.now));
    let verdict = blamed.or(beyond.then_some(Verdict::Degraded)).filter(|verdict| *verdict != Verdict::Healthy);
    let mark = verdict.map(|verdict| format!("{} ", one.view.theme.marks().verdict(verdict))).unwrap_or_default();
    let by = if limit.is_some() { ", by the plan" } else { "" };
    let bound = threshold.map(|threshold| match threshold.worse {
        Worse::Above => format!("at most {}{by}", threshold.at),
        Worse::Below => format!("at least {}{by}", threshold.at),
    });
    let about = info.map(|info| info.about).filter(|_| columns >= ROOMY).unwrap_or_default().to_owned();
    let limit = bound.unwrap_or_default();
    let shown = match value {
        Value::Moment(at) => one.view.moment(*at),
        other => other.to_string(),
    };
    FactRow {
        name: title(one, name),
        value: format!("{mark}{shown}"),
        role: verdict.map_or(Role::Text, Role::of),
        limit,
        about,
    }
}

fn title(one: &One<'_>, name: &str) -> String {
    facts::find(one.component.kind, name).map_or_else(|| name.to_owned(), |info| info.title.to_owned())
}
