//! How many colours a terminal shows, guessed with caution and never asked.

use std::str::FromStr;

use ratatui::style::{Color, Modifier, Style};

use crate::console::terminal::sixteen;

/// How many colours there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None: bold, underlined and reversed text only.
    None,
    /// The sixteen that every terminal has.
    #[default]
    Sixteen,
    /// 256.
    Many,
    /// As many as can be named.
    True,
}

impl Depth {
    /// What the environment says. Over SSH the variables of the other end say nothing about this one, except for
    /// COLORTERM, which nobody passes on by accident: there it is sixteen unless that promises more.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Depth {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return Depth::None;
        }
        if set("COLORTERM").is_some_and(|word| matches!(word.as_str(), "truecolor" | "24bit")) {
            return Depth::True;
        }
        let is_far = set("SSH_CONNECTION").or_else(|| set("SSH_TTY")).is_some();
        let term = set("TERM").unwrap_or_default();
        if !is_far && term.contains("256color") { Depth::Many } else { Depth::Sixteen }
    }

    /// A style with no more colours than there are.
    pub fn limit(self, style: Style) -> Style {
        let limited = Style { fg: style.fg.map(|fg| self.colour(fg)), bg: style.bg.map(|bg| self.colour(bg)), ..style };
        let has_ground = style.bg.is_some_and(|bg| bg != Color::Reset);
        if self == Depth::None {
            // What stood on a colour of its own stands out in reverse.
            let plain = Style { fg: None, bg: None, ..limited };
            return if has_ground { plain.add_modifier(Modifier::REVERSED) } else { plain };
        }
        limited
    }

    fn colour(self, colour: Color) -> Color {
        match (self, colour) {
            (Depth::None, _) => Color::Reset,
            (Depth::Sixteen, Color::Rgb(..) | Color::Indexed(_)) => nearest_of_sixteen(rgb(colour)),
            (Depth::Many, Color::Rgb(red, green, blue)) => Color::Indexed(nearest_of_many([red, green, blue])),
            _ => colour,
        }
    }
}

impl FromStr for Depth {
    type Err = String;

    fn from_str(word: &str) -> Result<Depth, String> {
        match word {
            "none" => Ok(Depth::None),
            "16" => Ok(Depth::Sixteen),
            "256" => Ok(Depth::Many),
            "true" => Ok(Depth::True),
            _ => Err("none, 16, 256 or true".to_owned()),
        }
    }
}

/// The levels of red, green and blue in the cube of 216 among the 256.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// What a colour looks like; the sixteen as most terminals show them.
pub(super) fn rgb(colour: Color) -> [u8; 3] {
    match colour {
        Color::Rgb(red, green, blue) => [red, green, blue],
        Color::Indexed(index @ 16..=231) => {
            let index = usize::from(index - 16);
            [LEVELS[index / 36], LEVELS[index / 6 % 6], LEVELS[index % 6]]
        }
        Color::Indexed(index @ 232..) => [8 + (index - 232) * 10; 3],
        Color::Indexed(index) => SIXTEEN[usize::from(index)],
        named => SIXTEEN[usize::from(sixteen(named))],
    }
}

const SIXTEEN: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

fn nearest_of_sixteen(wanted: [u8; 3]) -> Color {
    let nearest = (0..SIXTEEN.len()).min_by_key(|index| distance(SIXTEEN[*index], wanted)).unwrap_or(0);
    NAMED[nearest]
}

fn nearest_of_many(wanted: [u8; 3]) -> u8 {
    (16..=255).min_by_key(|index| distance(rgb(Color::Indexed(*index)), wanted)).unwrap_or(16)
}

fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Depth {
        Depth::of(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn it_is_guessed_with_caution() {
        let (far, term) = (("SSH_CONNECTION", "10.0.0.1 22"), ("TERM", "xterm-256color"));
        assert_eq!(of(&[]), Depth::Sixteen);
        assert_eq!(of(&[term]), Depth::Many);
        assert_eq!(of(&[term, far]), Depth::Sixteen);
        assert_eq!(of(&[term, far, ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(of(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(of(&[term, ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(of(&[term, ("NO_COLOR", "")]), Depth::Many, "an empty one counts as none");
    }

    #[test]
    fn colours_become_the_nearest_that_there_are() {
        assert_eq!(Depth::Many.colour(Color::Rgb(255, 0, 0)), Color::Indexed(196));
        assert_eq!(Depth::Many.colour(Color::Rgb(8, 8, 8)), Color::Indexed(232));
        assert_eq!(Depth::Sixteen.colour(Color::Rgb(250, 10, 10)), Color::LightRed);
        assert_eq!(Depth::True.colour(Color::Rgb(1, 2, 3)), Color::Rgb(1, 2, 3));
        let banner = Depth::None.limit(Style::new().fg(Color::Black).bg(Color::Yellow));
        assert_eq!(banner, Style::new().add_modifier(Modifier::REVERSED));
    }
}
