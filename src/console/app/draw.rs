//! The whole picture: header, navigation, banners, the screen or what lies over it, footer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::state::{App, Due};
use crate::console::overlays::Overlay;
use crate::console::{Canvas, Role, frame};

/// The least that a screen needs; below it a card says so.
const LEAST: (u16, u16) = (40, 12);
/// Banners leave so much of the screen to what they are about.
const LINES_FOR_BANNERS: u16 = 8;

impl App {
    /// Draws everything into a fresh picture of the terminal's size.
    pub fn draw(&mut self) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.width, self.size.height));
        self.due = Due::No;
        let theme = self.look.theme.clone();
        let area = buffer.area;
        let mut canvas = Canvas::new(&mut buffer, area, &theme);
        canvas.paint(Role::Text);
        if (area.width, area.height) < (1, 1) {
            return buffer;
        }
        if area.width < LEAST.0 || area.height < LEAST.1 {
            frame::card(self, &mut canvas);
        } else {
            self.draw_frame(&mut canvas);
        }
        buffer
    }

    fn draw_frame(&mut self, canvas: &mut Canvas<'_>) {
        let (width, height) = (canvas.width(), canvas.height());
        frame::header(self, &mut canvas.part(0, 0, width, 1));
        let spots = frame::navigation(self, &mut canvas.part(0, 1, width, 1));
        self.note_spots(spots);
        let banners = self.banners();
        let shown = frame::banners(&banners, &mut canvas.part(0, 2, width, (height / LINES_FOR_BANNERS).max(1)));
        frame::footer(self, &mut canvas.part(0, height - 1, width, 1));
        let mut body = canvas.part(0, 2 + shown, width, height.saturating_sub(3 + shown));
        match &self.overlay {
            Some(Overlay::Help(help)) => help.draw(self, &mut body),
            Some(Overlay::Palette(palette)) => palette.draw(&mut body),
            Some(Overlay::Preview(preview)) => preview.draw(self, &mut body),
            None => self.draw_screen(&mut body),
        }
    }

    fn draw_screen(&mut self, body: &mut Canvas<'_>) {
        let view = self.look.view();
        if let Some(pane) = self.panes.get_mut(self.current) {
            pane.screen.draw(&view, body);
        }
    }
}
