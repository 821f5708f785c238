//! What of a long text is in view.

use super::Line;
use crate::console::{Action, Canvas, Role};

/// What of a long text is in view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    top: usize,
    height: usize,
    total: usize,
}

impl Reader {
    /// Back to the beginning.
    pub fn to_start(&mut self) {
        self.top = 0;
    }

    /// To the end, wherever that is.
    pub fn to_end(&mut self) {
        self.top = usize::MAX;
    }

    /// Whether the end is in view.
    pub fn is_at_end(&self) -> bool {
        self.top >= self.total.saturating_sub(self.height)
    }

    /// Moves; says whether the action is one that moves.
    pub fn act(&mut self, action: Action) -> bool {
        let page = self.height.saturating_sub(1).max(1);
        let last = self.total.saturating_sub(self.height);
        self.top = match action {
            Action::Up => self.top.min(last).saturating_sub(1),
            Action::Down => self.top.saturating_add(1),
            Action::PageUp => self.top.min(last).saturating_sub(page),
            Action::PageDown => self.top.saturating_add(page),
            Action::First => 0,
            Action::Last => last,
            _ => return false,
        }
        .min(last);
        true
    }

    /// Draws what is in view, and how much more there is.
    pub fn draw(&mut self, lines: &[Line], canvas: &mut Canvas<'_>) {
        self.total = lines.len();
        let height = canvas.height();
        // The last line says how much more there is.
        let told = u16::from(self.total > usize::from(height) && height > 2);
        self.height = usize::from(height - told);
        self.top = self.top.min(self.total.saturating_sub(self.height));
        for (y, line) in (0..height - told).zip(lines.iter().skip(self.top)) {
            line.draw(canvas, 0, y);
        }
        if told > 0 {
            let place = match self.total.saturating_sub(self.top + self.height) {
                0 => "the end".to_owned(),
                1 => "1 more line".to_owned(),
                more => format!("{more} more lines"),
            };
            canvas.put_right(height - 1, &place, Role::Dim);
        }
    }
}
