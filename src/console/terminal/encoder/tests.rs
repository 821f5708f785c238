use proptest::prelude::*;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::*;

const AREA: Rect = Rect { x: 0, y: 0, width: 30, height: 6 };

/// A terminal as it is, and what we believe it shows.
struct Both {
    terminal: vt100::Parser,
    believed: Buffer,
    encoder: Encoder,
}

impl Both {
    fn new() -> Both {
        let terminal = vt100::Parser::new(AREA.height, AREA.width, 0);
        Both { terminal, believed: Buffer::empty(AREA), encoder: Encoder::default() }
    }

    fn show(&mut self, next: Buffer) -> usize {
        let bytes = self.encoder.change(&self.believed, &next);
        self.terminal.process(bytes);
        let count = bytes.len();
        self.believed = next;
        count
    }

    #[track_caller]
    fn agree(&self) {
        for y in 0..AREA.height {
            for x in 0..AREA.width {
                let shown = self.terminal.screen().cell(y, x).unwrap();
                let believed = &self.believed[(x, y)];
                if shown.is_wide_continuation() {
                    continue;
                }
                let text = if shown.contents().is_empty() { " " } else { shown.contents() };
                assert_eq!(text, believed.symbol(), "at {x},{y}");
                let is_blank = text == " ";
                // For this terminal it is one or the other.
                if !is_blank && !believed.modifier.contains(Modifier::DIM) {
                    assert_eq!(shown.bold(), believed.modifier.contains(Modifier::BOLD), "bold at {x},{y}");
                }
                assert_eq!(shown.inverse(), believed.modifier.contains(Modifier::REVERSED), "reverse at {x},{y}");
                assert_eq!(shown.underline(), believed.modifier.contains(Modifier::UNDERLINED), "line at {x},{y}");
                let is_inverse = believed.modifier.contains(Modifier::REVERSED);
                if !is_blank || is_inverse {
                    assert_eq!(shown.fgcolor(), colour(believed.fg), "colour at {x},{y}");
                }
                assert_eq!(shown.bgcolor(), colour(believed.bg), "background at {x},{y}");
            }
        }
    }
}

fn colour(colour: Color) -> vt100::Color {
    match colour {
        Color::Reset => vt100::Color::Default,
        Color::Indexed(index) => vt100::Color::Idx(index),
        Color::Rgb(red, green, blue) => vt100::Color::Rgb(red, green, blue),
        named => vt100::Color::Idx(super::super::sgr::sixteen(named)),
    }
}

#[test]
fn the_same_picture_is_not_drawn() {
    let mut both = Both::new();
    let mut next = Buffer::empty(AREA);
    next.set_string(2, 1, "hello", Style::new().fg(Color::Red));
    assert!(both.show(next.clone()) > 0);
    both.agree();
    assert_eq!(both.show(next), 0);
}

#[test]
fn a_ticking_clock_costs_next_to_nothing() {
    let mut both = Both::new();
    let clock = |text: &str| {
        let mut picture = Buffer::empty(AREA);
        picture.set_string(10, 0, text, Style::new());
        picture
    };
    both.show(clock("03:12:45"));
    let count = both.show(clock("03:12:46"));
    assert!(count <= BEGIN.len() + END.len() + 8, "{count}");
    both.agree();
}

#[test]
fn a_control_character_never_comes_through() {
    let mut both = Both::new();
    let mut next = Buffer::empty(AREA);
    next[(0, 0)].set_symbol("\x1b[31m");
    next[(1, 0)].set_symbol("a\u{9b}");
    both.show(next);
    let row = both.terminal.screen().contents();
    assert_eq!(row.trim_end(), "??");
}

#[test]
fn a_whole_picture_needs_nothing_of_what_was_there() {
    let mut both = Both::new();
    both.terminal.process(b"\x1b[41;1mgarbage\r\n\r\nmore of it");
    let mut next = Buffer::empty(AREA);
    next.set_string(0, 5, "x".repeat(30), Style::new().bg(Color::Blue));
    both.terminal.process(both.encoder.whole(&next));
    both.believed = next;
    both.agree();
}

fn style() -> impl Strategy<Value = Style> {
    let colour = || {
        prop_oneof![
            3 => Just(Color::Reset),
            1 => Just(Color::Red),
            1 => Just(Color::White),
            1 => Just(Color::LightBlue),
            1 => Just(Color::Indexed(200)),
            1 => Just(Color::Rgb(1, 2, 3)),
        ]
    };
    let modifier = prop_oneof![
        3 => Just(Modifier::empty()),
        1 => Just(Modifier::BOLD),
        1 => Just(Modifier::DIM),
        1 => Just(Modifier::REVERSED | Modifier::UNDERLINED),
        1 => Just(Modifier::BOLD | Modifier::ITALIC),
    ];
    (colour(), colour(), modifier).prop_map(|(fg, bg, modifier)| Style::new().fg(fg).bg(bg).add_modifier(modifier))
}

type Piece = (u16, u16, String, Style);

fn pictures() -> impl Strategy<Value = Vec<Vec<Piece>>> {
    let text = prop_oneof!["[ -~]{0,30}", "[a-z漢字é ]{0,12}", " {1,30}"];
    let piece = (0..AREA.width, 0..AREA.height, text, style());
    proptest::collection::vec(proptest::collection::vec(piece, 0..6), 1..6)
}

proptest! {
    /// After any number of pictures the terminal shows the last of them.
    #[test]
    fn the_terminal_shows_what_was_drawn(pictures in pictures()) {
        let mut both = Both::new();
        for pieces in pictures {
            let mut next = Buffer::empty(AREA);
            for (x, y, text, style) in pieces {
                next.set_stringn(x, y, text, usize::from(AREA.width - x), style);
            }
            both.show(next);
            both.agree();
        }
    }
}
