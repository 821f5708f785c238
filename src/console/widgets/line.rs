//! One line of pieces, and what it stands for.

use crate::console::{Canvas, Piece, Role};

/// One line of pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line(pub Vec<Piece<'static>>);

impl Line {
    /// A line with nothing on it.
    pub fn blank() -> Line {
        Line::default()
    }

    /// A line of one piece.
    pub fn of(text: impl Into<String>, role: Role) -> Line {
        Line::blank().and(text, role)
    }

    /// The same line with another piece.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>, role: Role) -> Line {
        self.0.push(Piece::new(text.into(), role));
        self
    }

    /// The same line so many columns further right.
    #[must_use]
    pub fn indented(mut self, columns: usize) -> Line {
        self.0.insert(0, Piece::plain(" ".repeat(columns)));
        self
    }

    /// How many columns it takes.
    pub fn columns(&self) -> usize {
        self.0.iter().map(|piece| usize::from(piece.columns())).sum()
    }

    /// What it says.
    pub fn text(&self) -> String {
        self.0.iter().map(|piece| &*piece.text).collect()
    }

    /// Draws it.
    pub fn draw(&self, canvas: &mut Canvas<'_>, x: u16, y: u16) {
        canvas.pieces(x, y, &self.0);
    }
}
