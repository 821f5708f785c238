//! A part of the screen that text can be put on: clipped, harmless, and styled by role.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use super::{Role, Theme};
use crate::text::{Shape, untrusted};

/// The longest text that is looked at; no screen is wider.
const LONGEST: usize = 4096;

/// The text with nothing in it that could steer or deceive a terminal: names in a plan are text from outside too.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_harmless(text) { Cow::Borrowed(text) } else { Cow::Owned(untrusted(text, Shape::line(LONGEST))) }
}

/// Whether that can be told at a glance.
fn is_harmless(text: &str) -> bool {
    text.len() <= LONGEST && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

/// A piece of text in one role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What is said.
    pub text: Cow<'a, str>,
    /// What it is, which decides how it looks.
    pub role: Role,
}

impl<'a> Piece<'a> {
    /// A piece in a role, made harmless.
    pub fn new(text: impl Into<Cow<'a, str>>, role: Role) -> Piece<'a> {
        let text = text.into();
        let text = if is_harmless(&text) { text } else { Cow::Owned(harmless(&text).into_owned()) };
        Piece { text, role }
    }

    /// Ordinary text.
    pub fn plain(text: impl Into<Cow<'a, str>>) -> Piece<'a> {
        Piece::new(text, Role::Text)
    }

    /// How many columns it takes.
    pub fn columns(&self) -> u16 {
        u16::try_from(self.text.width()).unwrap_or(u16::MAX)
    }
}

/// A part of the screen. Coordinates begin at its own corner; what does not fit is not drawn.
pub struct Canvas<'a> {
    buffer: &'a mut Buffer,
    area: Rect,
    theme: &'a Theme,
}

impl<'a> Canvas<'a> {
    /// The part `area` of a buffer.
    pub fn new(buffer: &'a mut Buffer, area: Rect, theme: &'a Theme) -> Canvas<'a> {
        let area = area.intersection(buffer.area);
        Canvas { buffer, area, theme }
    }

    /// How many columns there are.
    pub fn width(&self) -> u16 {
        self.area.width
    }

    /// How many lines there are.
    pub fn height(&self) -> u16 {
        self.area.height
    }

    /// How everything looks.
    pub fn theme(&self) -> &'a Theme {
        self.theme
    }

    /// A part of this part.
    pub fn part(&mut self, x: u16, y: u16, width: u16, height: u16) -> Canvas<'_> {
        let wanted = Rect {
            x: self.area.x.saturating_add(x),
            y: self.area.y.saturating_add(y),
            width: width.min(self.area.width.saturating_sub(x)),
            height: height.min(self.area.height.saturating_sub(y)),
        };
        Canvas::new(self.buffer, wanted, self.theme)
    }

    /// Puts text at a place and says in which column it ends. What is too wide is cut with an ellipsis.
    pub fn put(&mut self, x: u16, y: u16, text: &str, role: Role) -> u16 {
        if x >= self.area.width || y >= self.area.height {
            return x;
        }
        let room = usize::from(self.area.width - x);
        let text = harmless(text);
        let shown = self.theme.marks().cut(&text, room);
        let (end, _) = self.buffer.set_stringn(self.area.x + x, self.area.y + y, shown, room, self.theme.style(role));
        end - self.area.x
    }

    /// Puts pieces one after the other; the one that does not fit is cut.
    pub fn pieces(&mut self, x: u16, y: u16, pieces: &[Piece<'_>]) -> u16 {
        pieces.iter().fold(x, |x, piece| self.put(x, y, &piece.text, piece.role))
    }

    /// Puts text into so many columns; what is too wide for them is cut with an ellipsis.
    pub fn put_within(&mut self, x: u16, y: u16, columns: u16, text: &str, role: Role) {
        self.part(x, y, columns, 1).put(0, 0, text, role);
    }

    /// Puts text so that it ends at the right edge, if there is room for it.
    pub fn put_right(&mut self, y: u16, text: &str, role: Role) {
        let text = harmless(text);
        let columns = u16::try_from(text.width()).unwrap_or(u16::MAX);
        if columns <= self.area.width {
            self.put(self.area.width - columns, y, &text, role);
        }
    }

    /// Gives everything here the look of a role, whatever stands there.
    pub fn paint(&mut self, role: Role) {
        self.buffer.set_style(self.area, self.theme.style(role));
    }
}
