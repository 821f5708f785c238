//! The head of a component's screen, and why it is not well.

use super::One;
use crate::console::canvas::harmless;
use crate::console::screens::why::sentences;
use crate::console::widgets::{Line, Page, ago, lasting};
use crate::console::{Piece, Role};
use crate::plan::facts::Verdict;

/// Who it is and how.
pub(super) fn line(one: &One<'_>, width: usize) -> Line {
    let (component, seen, view) = (one.component, one.seen, one.view);
    let verdict = seen.verdict();
    let mark = view.theme.marks().verdict(verdict);
    let mut first =
        Line::of(format!("{mark} {verdict}  "), Role::of(verdict)).and(component.name.clone(), Role::Strong);
    let place = format!("{} of {}", one.index + 1, one.plan().component.len());
    let title = component.title.as_ref().map(|title| format!("  {}", harmless(title))).unwrap_or_default();
    if first.columns() + title.len() + place.len() + 2 <= width {
        first.0.push(Piece::plain(title));
    }
    if first.columns() + place.len() + 2 <= width {
        let blank = " ".repeat(width - first.columns() - place.len());
        first.0.push(Piece::plain(blank));
        first.0.push(Piece::new(place, Role::Dim));
    }
    first
}

/// What it says it is, since when it is so, and how it answers: below why it is not well, which comes first.
pub(super) fn identity(one: &One<'_>, page: &mut Page) {
    page.heading("What it is");
    page.text(2, &format!("{}; {}", what(one), when(one)), Role::Dim);
}

/// `postgres at primary, PostgreSQL 15.18`
fn what(one: &One<'_>) -> String {
    let site = one.component.site.as_ref().map(|site| format!(" at {site}")).unwrap_or_default();
    let identity = one.seen.latest.as_ref().map(|latest| latest.identity.clone()).unwrap_or_default();
    let identity = if identity.is_empty() { identity } else { format!(", {identity}") };
    format!("{}{site}{identity}", one.component.kind)
}

/// `degraded for 6min, since 03:06:05, answered within 3ms, last well 6min ago`
fn when(one: &One<'_>) -> String {
    let (seen, view) = (one.seen, one.view);
    let Some(latest) = &seen.latest else {
        let told = if seen.asking_since.is_some() { "it is being asked for the first time" } else { "not asked yet" };
        return told.to_owned();
    };
    let since = seen
        .since()
        .map(|since| format!("{}, since {}", lasting(seen.verdict(), view.since(since)), view.moment(since)));
    let last = match (seen.is_stale(one.component, view.now), latest.verdict) {
        (true, _) => format!("as of {}: no newer answer", view.moment(latest.answered)),
        (false, Verdict::Unknown) => format!("no answer within {}", latest.took.brief()),
        (false, _) => format!("answered within {}", latest.took.brief()),
    };
    let well = seen.last_well.filter(|_| seen.verdict() != Verdict::Healthy);
    let well = well.map(|well| format!("last well {}", ago(view.since(well))));
    [since, Some(last), well].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Why it is not well: every sentence, whole.
pub(super) fn why(one: &One<'_>, page: &mut Page) {
    let sentences = sentences(one.view, one.index);
    if sentences.is_empty() {
        return;
    }
    page.heading("Why");
    for sentence in sentences {
        let reason = one.seen.reasons().find(|reason| reason.sentence == sentence);
        let role = reason.map_or(Role::Strong, |reason| Role::of(reason.verdict));
        page.text(2, &sentence, role);
    }
}
