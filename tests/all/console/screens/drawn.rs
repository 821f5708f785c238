//! A screen drawn into memory, as text and with how each place looks.

use lifeboat::console::{Canvas, Role, Screen, Theme, View, Zone};
use lifeboat::desk::Desk;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::made_up::now;

/// What a theme is looked at through.
pub fn view<'a>(desk: &'a Desk, theme: &'a Theme) -> View<'a> {
    View { desk, now: now(), zone: Zone::Local, theme }
}

/// A screen at a size.
pub fn draw(screen: &mut dyn Screen, desk: &Desk, width: u16, height: u16) -> Buffer {
    draw_in(&Theme::default(), screen, desk, width, height)
}

/// The same in a theme.
pub fn draw_in(theme: &Theme, screen: &mut dyn Screen, desk: &Desk, width: u16, height: u16) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let area = buffer.area;
    screen.draw(&view(desk, theme), &mut Canvas::new(&mut buffer, area, theme));
    buffer
}

/// Its lines, without the blanks at their ends.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    let line = |y: u16| {
        let (mut text, mut skip) = (String::new(), 0);
        for x in 0..buffer.area.width {
            if skip > 0 {
                skip -= 1;
                continue;
            }
            let symbol = buffer[(x, y)].symbol();
            skip = unicode_width::UnicodeWidthStr::width(symbol).saturating_sub(1);
            text.push_str(symbol);
        }
        text.trim_end().to_owned()
    };
    (0..buffer.area.height).map(line).collect()
}

/// Its lines, each with a letter below every place that says how it looks: where two roles look the same, with the
/// letter of the first.
pub fn styled(buffer: &Buffer) -> String {
    let theme = Theme::default();
    let letters = "tdsTr*kHWDU~BPRLOiFg";
    let letter = |x: u16, y: u16| {
        let cell = &buffer[(x, y)];
        let look = |role: &Role| {
            let mut fresh = Buffer::empty(Rect::new(0, 0, 1, 1));
            fresh[(0, 0)].set_style(theme.style(*role));
            fresh[(0, 0)].style() == cell.style()
        };
        let found = Role::ALL.iter().position(look);
        found.and_then(|index| letters.chars().nth(index)).unwrap_or('+')
    };
    let mut told = String::new();
    for (y, line) in (0..buffer.area.height).zip(lines(buffer)) {
        let look: String = (0..buffer.area.width).map(|x| letter(x, y)).collect();
        let look = look.replace('t', " ");
        told.extend([line.as_str(), "\n"]);
        if !look.trim_end().is_empty() {
            told.extend(["\u{a6}", look.trim_end(), "\n"]);
        }
    }
    told
}
