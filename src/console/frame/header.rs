//! The first line: where we are, unmistakably, and what time it is. What matters most goes last when there is
//! little room: the environment, then the clock.

use unicode_width::UnicodeWidthStr;

use super::clock::clocks;
use crate::console::app::App;
use crate::console::{Canvas, Piece, Role};
use crate::plan::types::Platform;
use crate::plan::{Environment, Stakes};
use crate::watch::Because;

/// Draws it.
pub fn header(app: &App, canvas: &mut Canvas<'_>) {
    let plan = &app.look.desk.plan;
    let (word, role) = environment(&plan.platform);
    let mut x = canvas.put(0, 0, &format!(" {word} "), role);
    if app.is_read_only {
        x = canvas.put(x, 0, " READ-ONLY ", Role::ReadOnly);
    }
    let (clock, beside) = clocks(plan, app.look.zone, app.look.now);
    let width = usize::from(canvas.width());
    let mut right = vec![Piece::plain(clock)];
    if let Some(beside) = beside.filter(|_| width >= 60) {
        right.push(Piece::new(format!("  {beside}"), Role::Dim));
    }
    let columns: u16 = right.iter().map(Piece::columns).sum();
    let at = canvas.width().saturating_sub(columns + 1);
    if at > x {
        canvas.pieces(at, 0, &right);
    }
    let room = at.saturating_sub(x + 3);
    where_we_are(app, &mut canvas.part(x + 1, 0, room, 1));
}

/// So much of a title still says which platform it is.
const LEAST: usize = 8;

/// The platform's name and its active site, as far as there is room.
fn where_we_are(app: &App, canvas: &mut Canvas<'_>) {
    let plan = &app.look.desk.plan;
    let title = plan.platform.title.as_deref().unwrap_or(&plan.platform.name);
    let active = app.look.desk.picture.active_site().map(|site| match site.because {
        Because::Dns => format!("{} active (DNS)", site.name),
        Because::Plan => format!("{} active (plan)", site.name),
    });
    let Some(active) = active else {
        canvas.put(0, 0, title, Role::Strong);
        return;
    };
    // A title may be cut; half a word about a site helps nobody.
    let room = usize::from(canvas.width());
    if room >= active.width() + 2 + LEAST.min(title.width()) {
        let most = room - active.width() - 2;
        let x = canvas.part(0, 0, u16::try_from(most).unwrap_or(u16::MAX), 1).put(0, 0, title, Role::Strong);
        canvas.put(x + 2, 0, &active, Role::Text);
    } else {
        canvas.put(0, 0, title, Role::Strong);
    }
}

/// The word for the environment and how loud it is.
pub fn environment(platform: &Platform) -> (String, Role) {
    let Environment { word, stakes } = Environment::of(platform);
    let role = match stakes {
        Stakes::Real => Role::Production,
        Stakes::Practice => Role::Drill,
        Stakes::Harmless => Role::Lab,
    };
    (word.chars().take(24).collect(), role)
}
