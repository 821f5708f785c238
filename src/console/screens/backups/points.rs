//! The list of recovery points, the newest first.

use std::sync::Arc;

use super::said;
use crate::console::canvas::harmless;
use crate::console::widgets::{Column, Filter, List, Place, age, fit};
use crate::console::{Canvas, Role, View};
use crate::desk::shelf::Brief;
use crate::plan::facts::Verdict;
use crate::text::Size;
use crate::vault::State;

/// Columns left of all others, for the pointer.
const MARGIN: u16 = 2;

/// Draws it.
pub(super) fn draw(
    view: &View<'_>,
    shown: &[&Brief],
    list: &mut List<Arc<str>>,
    filter: &Filter,
    canvas: &mut Canvas<'_>,
) {
    if shown.is_empty() {
        let told = match view.desk.shelf.at {
            None => "They will be here once the stores have been looked at.",
            Some(_) if view.desk.shelf.points.is_empty() => {
                "There is no recovery point in any store that could be looked at."
            }
            Some(_) => "No recovery point is like that.",
        };
        return said(told, canvas);
    }
    let columns = columns(shown);
    let places = fit(&columns, canvas.width().saturating_sub(MARGIN));
    for (column, place) in columns.iter().zip(&places) {
        if let Some(Place { x, width }) = place {
            canvas.put_within(MARGIN + x, 0, *width, &aligned(column.title, *width, column.right), Role::Dim);
        }
    }
    let keys: Vec<Arc<str>> = shown.iter().map(|brief| Arc::clone(&brief.id)).collect();
    let (width, height) = (canvas.width(), canvas.height().saturating_sub(1));
    let mut part = canvas.part(0, 1, width, height);
    list.follow_first();
    let window = list.window_of(&keys, usize::from(height), |_| 1);
    for line in window {
        let brief = shown[line.row];
        let mut row = part.part(0, u16::try_from(line.y).unwrap_or(u16::MAX), width, 1);
        for ((column, (text, role)), place) in columns.iter().zip(cells(view, brief)).zip(&places) {
            let Some(place) = place else { continue };
            let text = aligned(&harmless(&text), place.width, column.right);
            row.part(MARGIN + place.x, 0, place.width, 1).pieces(0, 0, &filter.found(&text, role));
        }
        if list.chosen() == Some(&brief.id) {
            row.put(0, 0, view.theme.marks().pointer, Role::Selected);
            row.paint(Role::Selected);
        }
    }
}

fn cells(view: &View<'_>, brief: &Brief) -> [(String, Role); 6] {
    let told = if brief.taken > view.now { "future".to_owned() } else { age(view.since(brief.taken)) };
    [
        (told, Role::Text),
        (brief.id.to_string(), Role::Strong),
        (brief.holds.to_string(), Role::Dim),
        state(view, brief),
        (Size(brief.size).approx(), Role::Text),
        (brief.stores.to_string(), Role::Dim),
    ]
}

/// How it stands; where only some copies are broken, how many.
fn state(view: &View<'_>, brief: &Brief) -> (String, Role) {
    let marks = view.theme.marks();
    if brief.is_broken() && !matches!(brief.state, State::Flawed(_) | State::Partial(_)) {
        return (format!("{} {} broken", marks.verdict(Verdict::Degraded), brief.broken), Role::Degraded);
    }
    if brief.is_incomplete {
        return (format!("{} incomplete", marks.verdict(Verdict::Degraded)), Role::Degraded);
    }
    (format!("{} {}", marks.state(&brief.state), brief.state.word()), role(&brief.state))
}

/// How a state looks.
pub(super) fn role(state: &State) -> Role {
    match state {
        State::Proven(_) | State::Verified(_) => Role::Healthy,
        State::Present => Role::Text,
        State::Tainted => Role::Degraded,
        State::Flawed(_) | State::Partial(_) => Role::Down,
    }
}

fn aligned(text: &str, width: u16, right: bool) -> String {
    if right { format!("{text:>width$}", width = usize::from(width)) } else { text.to_owned() }
}

fn columns(shown: &[&Brief]) -> [Column; 6] {
    let widest = |of: fn(&Brief) -> &str| {
        let widest = shown.iter().map(|brief| of(brief).chars().count()).max().unwrap_or(0);
        u16::try_from(widest).unwrap_or(u16::MAX)
    };
    let column = |title, least, ideal, rank, right| Column { title, least, ideal, rank, right };
    [
        column("AGE", 8, 8, 0, true),
        column("POINT", 36, widest(|brief| &brief.id).clamp(5, 60), 0, false),
        column("HOLDS", 12, widest(|brief| &brief.holds).clamp(5, 24), 4, false),
        column("STATE", 10, if shown.iter().any(|brief| brief.is_incomplete) { 12 } else { 10 }, 1, false),
        column("SIZE", 7, 8, 2, true),
        column("IN", 14, widest(|brief| &brief.stores).clamp(2, 30), 3, false),
    ]
}
