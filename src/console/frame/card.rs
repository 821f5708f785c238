//! What a terminal too small for any screen shows: the one thing that matters, and how to get more.

use crate::console::app::App;
use crate::console::{Action, Canvas, Role};
use crate::plan::facts::Verdict;
use crate::watch::Seen;

/// Draws it.
pub fn card(app: &App, canvas: &mut Canvas<'_>) {
    let (word, role) = super::header::environment(&app.look.desk.plan.platform);
    let (width, height) = (canvas.width(), canvas.height());
    let quit = app.keymap.keys(Action::Quit).first().map_or_else(|| "ctrl-c".to_owned(), ToString::to_string);
    let lines = [
        (how_it_is(app), Role::Strong),
        (word, role),
        (format!("{width}x{height} is too small; 40x12 will do"), Role::Text),
        (format!("{quit} leaves"), Role::Dim),
    ];
    let first = height.saturating_sub(4) / 2;
    for ((text, role), y) in lines.into_iter().zip(first..) {
        canvas.put(u16::from(width > 30), y, &text, role);
    }
}

/// `2 down, 1 unknown of 34`.
fn how_it_is(app: &App) -> String {
    let verdicts: Vec<Verdict> = app.look.view().desk.picture.all().map(Seen::verdict).collect();
    let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    let bad = [Verdict::Down, Verdict::Degraded, Verdict::Unknown].map(|verdict| (count(verdict), verdict));
    let told: Vec<String> =
        bad.iter().filter(|(count, _)| *count > 0).map(|(count, verdict)| format!("{count} {verdict}")).collect();
    let all = verdicts.len();
    if told.is_empty() { format!("all {all} well") } else { format!("{} of {all}", told.join(", ")) }
}
