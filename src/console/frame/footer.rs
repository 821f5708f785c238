//! The last line: what is being typed, a word about what was just done, or what can be done.

use unicode_width::UnicodeWidthStr;

use crate::console::action::{Info, Scope};
use crate::console::app::App;
use crate::console::{Action, Canvas, Piece, Role};

/// Always there, at the right.
const ALWAYS: [Action; 3] = [Action::Help, Action::Palette, Action::Quit];

/// Draws it.
pub fn footer(app: &App, canvas: &mut Canvas<'_>) {
    if let Some(prompt) = &app.prompt {
        let x = canvas.put(1, 0, "filter", Role::Key);
        let keys = "enter keeps, esc clears";
        let room = canvas.width().saturating_sub(x + 2 + u16::try_from(keys.width()).unwrap_or(0) + 1);
        prompt.draw(&mut canvas.part(x + 1, 0, room, 1));
        canvas.put_right(0, keys, Role::Dim);
    } else if let Some(said) = app.said() {
        canvas.put(1, 0, said, Role::Strong);
    } else if app.overlay.is_some() {
        // What lies over the screen names its own keys.
        let x = canvas.put(1, 0, "esc", Role::Key);
        canvas.put(x + 1, 0, "closes this", Role::Dim);
    } else {
        hints(app, canvas);
    }
}

fn hints(app: &App, canvas: &mut Canvas<'_>) {
    let offers = app.offers();
    let always: Vec<Hint> = ALWAYS.iter().filter_map(|action| hint(app, action.info()?)).collect();
    let width: usize = always.iter().map(Hint::width).sum();
    let at = usize::from(canvas.width()).saturating_sub(width);
    let mut x = 1;
    if let Some(pane) = app.pane().filter(|pane| !pane.filter.is_empty()) {
        let pieces = [Piece::new("filter ", Role::Dim), Piece::new(pane.filter.as_str(), Role::Found)];
        x = canvas.part(0, 0, u16::try_from(at / 2).unwrap_or(u16::MAX), 1).pieces(x, 0, &pieces) + 2;
    }
    let is_shown = |info: &&&Info| info.scope != Scope::Screen || matches!(info.action, Action::Open);
    let is_moving = |action| matches!(action, Action::Go(_) | Action::NextScreen | Action::PreviousScreen);
    let offers = offers
        .iter()
        .filter(is_shown)
        .filter(|info| !ALWAYS.contains(&info.action) && !is_moving(info.action) && info.action != Action::Cancel);
    for hint in offers.filter_map(|info| hint(app, info)) {
        if usize::from(x) + hint.width() > at {
            break;
        }
        x = hint.draw(x, canvas);
    }
    let mut x = u16::try_from(at).unwrap_or(0);
    for hint in always {
        x = hint.draw(x, canvas);
    }
}

/// A key and the word for what it does.
struct Hint {
    key: String,
    word: &'static str,
}

fn hint(app: &App, info: &'static Info) -> Option<Hint> {
    let key = app.keymap.keys(info.action).first()?.to_string();
    Some(Hint { key, word: info.name })
}

impl Hint {
    fn width(&self) -> usize {
        self.key.width() + 1 + self.word.width() + 2
    }

    fn draw(&self, x: u16, canvas: &mut Canvas<'_>) -> u16 {
        let x = canvas.put(x, 0, &self.key, Role::Key);
        canvas.put(x + 1, 0, self.word, Role::Dim) + 2
    }
}
