//! What happened lately, below the list where there is room: triggers as they stand, and the newest events.

use crate::console::screens::events;
use crate::console::widgets::{Line, due};
use crate::console::{Piece, Role, View};
use crate::watch::{Trigger, Truth};

/// So many lines at most; none where nothing has happened.
pub(super) fn bottom(view: &View<'_>, most: usize) -> Vec<Line> {
    if most < 2 {
        return Vec::new();
    }
    let holding = view.desk.picture.triggers().iter().filter(|trigger| trigger.truth == Truth::Holds);
    let mut lines: Vec<Line> = holding.take(most / 2).map(|trigger| of_trigger(view, trigger)).collect();
    if !lines.is_empty() {
        lines.insert(0, Line::of("Triggers", Role::Title));
    }
    let left = most.saturating_sub(lines.len() + 1);
    let events: Vec<Line> = view.desk.events.iter().rev().take(left).map(|entry| events::line(view, entry)).collect();
    if !events.is_empty() && left > 0 {
        lines.push(Line::of("What happened last", Role::Title));
        lines.extend(events);
    }
    lines
}

/// `redis-failure  fired  redis is down for 5min  (redis is down)`
fn of_trigger(view: &View<'_>, trigger: &Trigger) -> Line {
    let (told, role) = match trigger.remaining(view.now) {
        Some(left) => (format!("fires {}", due(left)), Role::Degraded),
        None => (trigger.told().to_owned(), Role::Down),
    };
    Line(vec![
        Piece::new(format!("  {} ", trigger.scenario), Role::Strong),
        Piece::new(told, role),
        Piece::new(format!("  {}", trigger.condition.told()), Role::Text),
        Piece::new(format!("  ({})", trigger.because()), Role::Dim),
    ])
}
