//! The second line: the screens with their keys, and how our own connection is.

use unicode_width::UnicodeWidthStr;

use crate::console::app::{App, Spot};
use crate::console::{Action, Canvas, Piece, Role};
use crate::watch::OwnNetwork;

/// Columns between two names; where there is little room, and then between keys alone.
const GAPS: [usize; 2] = [2, 1];
/// Below this words are shortened.
const NARROW: u16 = 60;

/// Draws it; says where each screen's name stands.
pub fn navigation(app: &App, canvas: &mut Canvas<'_>) -> Vec<Spot> {
    let all = names(app, true);
    let wide: usize = all.iter().map(|name| name.text.width()).sum();
    let shown = |is_narrow| network(app.look.desk.picture.network(), is_narrow);
    let room = |network: &Piece<'_>| canvas.width().saturating_sub(network.columns() + 2);
    let fits = |(is_narrow, gap): &(bool, usize)| {
        wide + gap * all.len().saturating_sub(1) < usize::from(room(&shown(*is_narrow)))
    };
    let ways = [false, true].into_iter().flat_map(|is_narrow| GAPS.map(|gap| (is_narrow, gap)));
    let way = ways.filter(|(is_narrow, _)| *is_narrow || canvas.width() >= NARROW).find(fits);
    let keys = names(app, false);
    let tight = || {
        let is_narrow = canvas.width() < NARROW;
        let taken: usize = keys.iter().map(|name| name.text.width()).sum();
        let fits = |gap: &usize| taken + gap * keys.len().saturating_sub(1) < usize::from(room(&shown(is_narrow)));
        (is_narrow, GAPS.into_iter().find(fits).unwrap_or(GAPS[1]))
    };
    let (is_narrow, gap) = way.unwrap_or_else(tight);
    let names = if way.is_some() { all } else { keys };
    let network = shown(is_narrow);
    let room = room(&network);
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
        x = end + u16::try_from(gap).unwrap_or(0);
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
        OwnNetwork::Untried => (if is_narrow { "untried" } else { "not tried" }, Role::Dim),
        OwnNetwork::Proven => ("ok", Role::Healthy),
        OwnNetwork::Suspect { .. } => ("suspect", Role::Down),
    };
    Piece::new(format!("{} {rest}", if is_narrow { "net" } else { "network" }), role)
}
