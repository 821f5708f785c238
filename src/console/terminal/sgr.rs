//! From one look of text to another, in as few bytes as possible.

use std::io::Write;

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// How the terminal writes text at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pen {
    pub(super) fg: Color,
    pub(super) bg: Color,
    pub(super) modifier: Modifier,
}

impl Pen {
    /// As after a reset.
    pub(super) const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

    pub(super) fn of(cell: &Cell) -> Pen {
        Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier & KNOWN }
    }

    /// Whether a blank looks the same with both: it shows what is behind it, and lines, and nothing else.
    pub(super) fn leaves_as(self, other: Pen) -> bool {
        let lines = Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT;
        self.bg == other.bg && !(self.modifier | other.modifier).intersects(lines)
    }

    /// Writes what makes `self` into `next`: the shorter of a change and a reset with everything anew.
    pub(super) fn change(&mut self, next: Pen, out: &mut Vec<u8>) {
        if *self == next {
            return;
        }
        let mut change = String::new();
        let lost = self.modifier - next.modifier;
        for (codes, end) in ENDS {
            if lost.intersects(codes) {
                change.push_str(end);
            }
        }
        // The end of bold is the end of dim as well.
        let again = if lost.intersects(WEIGHT) { next.modifier & WEIGHT } else { Modifier::empty() };
        attributes((next.modifier - self.modifier) | again, &mut change);
        if self.fg != next.fg {
            colour(next.fg, 30, &mut change);
        }
        if self.bg != next.bg {
            colour(next.bg, 40, &mut change);
        }
        let mut anew = ";".to_owned();
        attributes(next.modifier, &mut anew);
        for (wanted, base) in [(next.fg, 30), (next.bg, 40)] {
            if wanted != Color::Reset {
                colour(wanted, base, &mut anew);
            }
        }
        let shorter = if anew.len() < change.len() { anew } else { change };
        // A reset is an empty first parameter; what ends in a separator would be another one.
        let _ = write!(out, "\x1b[{}m", shorter.strip_suffix(';').unwrap_or(&shorter));
        *self = next;
    }
}

const WEIGHT: Modifier = Modifier::BOLD.union(Modifier::DIM);

/// Nothing on the screen blinks, and nothing is hidden.
const KNOWN: Modifier =
    WEIGHT.union(Modifier::ITALIC).union(Modifier::UNDERLINED).union(Modifier::REVERSED).union(Modifier::CROSSED_OUT);

const BEGINNINGS: [(Modifier, &str); 6] = [
    (Modifier::BOLD, "1;"),
    (Modifier::DIM, "2;"),
    (Modifier::ITALIC, "3;"),
    (Modifier::UNDERLINED, "4;"),
    (Modifier::REVERSED, "7;"),
    (Modifier::CROSSED_OUT, "9;"),
];

const ENDS: [(Modifier, &str); 5] = [
    (WEIGHT, "22;"),
    (Modifier::ITALIC, "23;"),
    (Modifier::UNDERLINED, "24;"),
    (Modifier::REVERSED, "27;"),
    (Modifier::CROSSED_OUT, "29;"),
];

fn attributes(wanted: Modifier, out: &mut String) {
    BEGINNINGS.iter().filter(|(one, _)| wanted.contains(*one)).for_each(|(_, code)| out.push_str(code));
}

/// `base` is 30 for the text and 40 for what is behind it.
fn colour(colour: Color, base: u8, out: &mut String) {
    use std::fmt::Write;

    let _ = match colour {
        Color::Reset => write!(out, "{};", base + 9),
        Color::Indexed(index) => write!(out, "{};5;{index};", base + 8),
        Color::Rgb(red, green, blue) => write!(out, "{};2;{red};{green};{blue};", base + 8),
        named => {
            let number = sixteen(named);
            let code = if number < 8 { base + number } else { base + 60 + number - 8 };
            write!(out, "{code};")
        }
    };
}

/// The place of a named colour among the sixteen.
pub fn sixteen(named: Color) -> u8 {
    match named {
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: Pen, to: Pen) -> String {
        let (mut pen, mut out) = (from, Vec::new());
        pen.change(to, &mut out);
        assert_eq!(pen, to);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_shortest_way_is_taken() {
        let red = Pen { fg: Color::Red, ..Pen::PLAIN };
        let loud = Pen { fg: Color::White, bg: Color::Red, modifier: Modifier::BOLD };
        assert_eq!(change(Pen::PLAIN, Pen::PLAIN), "");
        assert_eq!(change(Pen::PLAIN, red), "\x1b[31m");
        assert_eq!(change(loud, Pen::PLAIN), "\x1b[m");
        assert_eq!(change(red, Pen { fg: Color::LightGreen, ..Pen::PLAIN }), "\x1b[92m");
        assert_eq!(change(loud, red), "\x1b[;31m");
        assert_eq!(change(Pen::PLAIN, loud), "\x1b[1;97;41m");
        let dim = Pen { modifier: Modifier::DIM, ..red };
        assert_eq!(change(Pen { modifier: Modifier::BOLD, ..red }, dim), "\x1b[22;2m");
        let deep = Pen { fg: Color::Rgb(1, 2, 3), bg: Color::Indexed(208), ..Pen::PLAIN };
        assert_eq!(change(Pen::PLAIN, deep), "\x1b[38;2;1;2;3;48;5;208m");
    }
}
