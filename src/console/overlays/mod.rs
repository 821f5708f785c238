//! What lies over a screen for a while: the help, the palette, the preview of what is asked for; and the field that text
//! is typed into.

mod field;
mod help;
mod palette;
mod preview;

pub use field::Field;
pub use help::Help;
pub use palette::Palette;
pub use preview::Preview;

use super::app::App;
use super::order::Order;
use super::terminal::Key;
use super::{Action, Canvas, Role};

/// What lies over the screen.
pub enum Overlay {
    /// What can be done here.
    Help(Help),
    /// Find something by its name.
    Palette(Palette),
    /// What exactly would be done.
    Preview(Preview),
}

/// What an overlay makes of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It stays.
    Stay,
    /// It has served its turn.
    Close,
    /// It closes, and this is to be done.
    Do(Action),
    /// It closes, and this component is to be shown.
    Component(usize),
    /// It closes, and this was confirmed.
    Start(Order),
}

impl Overlay {
    /// A key goes to what lies on top.
    pub fn key(&mut self, app: &App, key: Key, action: Option<Action>) -> Answer {
        match self {
            Overlay::Help(help) => help.key(key, action),
            Overlay::Palette(palette) => palette.key(app, key, action),
            Overlay::Preview(preview) => preview.key(app, key),
        }
    }

    /// So does a paste.
    pub fn paste(&mut self, text: &str) {
        match self {
            Overlay::Help(help) => help.paste(text),
            Overlay::Palette(palette) => palette.paste(text),
            Overlay::Preview(preview) => preview.paste(text),
        }
    }
}

/// A line with a title and a field.
fn head(canvas: &mut Canvas<'_>, title: &str, field: &Field) {
    let x = canvas.put(0, 0, title, Role::Title);
    let x = canvas.put(x, 0, ":", Role::Title);
    field.draw(&mut canvas.part(x + 1, 0, u16::MAX, 1));
}
