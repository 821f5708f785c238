//! The second line: the screens with their keys, and how our own connection is.

use unicode_width::UnicodeWidthStr;

use crate::console::app::{App, Spot};
use crate::console::{Action, Canvas, Piece, Role};
use crate::watch::OwnNetwork;

/// Columns between two names.
const GAP: usize = 2;
/// Below this words are shortened.
const NARROW: u16 = 60;

/// Draws it; says where each screen's name stands.
pub fn navigation(app: &App, canvas: &mut Canvas<'_>) -> Vec<Spot> {
    let network = network(app.look.desk.picture.network(), canvas.width() < NARROW);
    let room = canvas.width().saturating_sub(network.columns() + 2);
    let all = names(app, true);
    let width = all.iter().map(|name| name.text.width() + GAP).sum::<usize>() + 1;
    let names = if width <= usize::from(room) + GAP { all } else { names(app, false) };
    let mut spots = Vec::new();
    let mut x = 1;
    let mut line = canvas.part(0, 0, room + 1, 1);
    for name in names {
        let end = line.put(x, 0, &name.text, Role::Text);
        if name.is_current {
            line.part(x - 1, 0, end - x + 2, 1).paint(Role::Selected);
        } else {
            let key = u16::try_from(name.key).unwrap_or(0);
            line.part(x, 0, key, 1).paint(Role::Key);
        }
        spots.push(Spot { columns: x..end, line: 1, id: name.id });
        x = end + u16::try_from(GAP).unwrap_or(0);
    }
    canvas.pieces(room + 1, 0, &[network]);
    spots
}

struct Name {
    text: String,
    id: crate::console::ScreenId,
    is_current: bool,
    /// How many columns its key takes.
    key: usize,
}

/// The names of all screens, or of the others their keys only.
fn names(app: &App, is_roomy: bool) -> Vec<Name> {
    let name = |(place, pane): (usize, &crate::console::app::Pane)| {
        let key = app.keymap.keys(Action::Go(pane.id)).first().map_or_else(String::new, ToString::to_string);
        let is_current = place == app.current;
        let title = if is_roomy || is_current { pane.screen.title() } else { "" };
        let text = format!("{key} {title}").trim().to_owned();
        Name { text, id: pane.id, is_current, key: key.width() }
    };
    app.panes.iter().enumerate().map(name).collect()
}

fn network(network: OwnNetwork, is_narrow: bool) -> Piece<'static> {
    let (rest, role) = match network {
        OwnNetwork::Untried => ("not tried", Role::Dim),
        OwnNetwork::Proven => ("ok", Role::Healthy),
        OwnNetwork::Suspect { .. } => ("suspect", Role::Down),
    };
    Piece::new(format!("{} {rest}", if is_narrow { "net" } else { "network" }), role)
}
