//! Draws the difference of two pictures: one run of bytes, between the marks that let a terminal show it at once.

use std::io::Write;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Position;
use unicode_width::UnicodeWidthStr;

use super::sgr::Pen;

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";
/// Unchanged cells up to this many are written again where that is shorter than a jump.
const GAP: u16 = 3;
/// A line is cleared to its end where at least so many blanks would have to be written.
const BLANKS: usize = 4;

/// Knows how the terminal stands, so that little has to be said.
#[derive(Debug)]
pub struct Encoder {
    pen: Pen,
    /// Where the next character would go, if that is certain.
    cursor: Option<(u16, u16)>,
    out: Vec<u8>,
}

impl Default for Encoder {
    fn default() -> Encoder {
        Encoder { pen: Pen::PLAIN, cursor: None, out: Vec::with_capacity(64 * 1024) }
    }
}

impl Encoder {
    /// What turns the picture `before` into `after`; nothing when they are the same.
    pub fn change(&mut self, before: &Buffer, after: &Buffer) -> &[u8] {
        self.out.clear();
        let changed = differences(before, after);
        if !changed.is_empty() {
            self.out.extend_from_slice(BEGIN);
            self.cells(&changed, after);
            self.out.extend_from_slice(END);
        }
        &self.out
    }

    /// The whole picture, whatever the terminal shows now.
    pub fn whole(&mut self, after: &Buffer) -> &[u8] {
        self.out.clear();
        self.out.extend_from_slice(BEGIN);
        self.out.extend_from_slice(b"\x1b[m\x1b[H\x1b[2J");
        (self.pen, self.cursor) = (Pen::PLAIN, Some((0, 0)));
        let blank = Buffer::empty(after.area);
        let changed = differences(&blank, after);
        self.cells(&changed, after);
        self.out.extend_from_slice(END);
        &self.out
    }

    fn cells(&mut self, changed: &[(u16, u16, &Cell)], after: &Buffer) {
        let mut at = 0;
        while let Some((x, y, cell)) = changed.get(at) {
            let in_line = changed[at..].iter().take_while(|(_, other, _)| other == y).count();
            if in_line >= BLANKS && is_blank_from(after, *x, *y) {
                self.go(*x, *y, after);
                self.pen.change(Pen::PLAIN, &mut self.out);
                self.out.extend_from_slice(b"\x1b[K");
                at += in_line;
                continue;
            }
            self.go(*x, *y, after);
            self.put(cell, *x, *y, after.area.width);
            at += 1;
        }
    }

    /// Moves to a place, the shortest way.
    fn go(&mut self, x: u16, y: u16, after: &Buffer) {
        match self.cursor {
            Some((column, line)) if (column, line) == (x, y) => {}
            Some((column, line)) if line == y && column < x => {
                if x - column > GAP || !self.rewrite(column, x, y, after) {
                    self.forward(x - column);
                }
            }
            Some((_, line)) if x == 0 && y == line + 1 => self.out.extend_from_slice(b"\r\n"),
            _ => self.jump(x, y),
        }
        self.cursor = Some((x, y));
    }

    /// Writes the unchanged cells between again, if each is one plain character in the look of now.
    fn rewrite(&mut self, from: u16, to: u16, y: u16, after: &Buffer) -> bool {
        let cells = || (from..to).map_while(|x| after.cell(Position::new(x, y)));
        let is_same =
            |cell: &Cell| Pen::of(cell) == self.pen || cell.symbol() == " " && self.pen.leaves_as(Pen::of(cell));
        let is_simple = |cell: &Cell| cell.symbol().len() == 1 && is_same(cell) && !is_control(cell.symbol());
        if !cells().all(is_simple) {
            return false;
        }
        cells().for_each(|cell| self.out.extend_from_slice(cell.symbol().as_bytes()));
        true
    }

    fn forward(&mut self, columns: u16) {
        let _ = if columns == 1 { write!(self.out, "\x1b[C") } else { write!(self.out, "\x1b[{columns}C") };
    }

    fn jump(&mut self, x: u16, y: u16) {
        let _ = match (x + 1, y + 1) {
            (1, 1) => write!(self.out, "\x1b[H"),
            (1, line) => write!(self.out, "\x1b[{line}H"),
            (column, line) => write!(self.out, "\x1b[{line};{column}H"),
        };
    }

    fn put(&mut self, cell: &Cell, x: u16, y: u16, width: u16) {
        let (pen, symbol) = (Pen::of(cell), cell.symbol());
        if symbol != " " || !self.pen.leaves_as(pen) {
            self.pen.change(pen, &mut self.out);
        }
        // Whatever came this far unseen must not steer the terminal.
        let symbol = if is_control(symbol) { "?" } else { symbol };
        self.out.extend_from_slice(symbol.as_bytes());
        // Terminals disagree about how wide some characters are, and about the place after the last column.
        let is_certain = is_narrow(symbol) && x + 1 < width;
        self.cursor = is_certain.then_some((x + 1, y));
    }
}

/// The cells that have to be written. Where a wide character was, its other half is written too: terminals do not
/// agree about what they leave there.
fn differences<'a>(before: &Buffer, after: &'a Buffer) -> Vec<(u16, u16, &'a Cell)> {
    let mut changed = Vec::new();
    for y in after.area.top()..after.area.bottom() {
        // Up to these columns: covered by a wide character of the new picture, laid bare by one of the old.
        let (mut covered, mut bare) = (0, 0);
        for x in after.area.left()..after.area.right() {
            let (Some(old), Some(new)) = (before.cell((x, y)), after.cell((x, y))) else { continue };
            let is_changed = old != new || x < bare;
            if is_changed && columns(old) > 1 {
                bare = x + columns(old);
            }
            if x < covered {
                continue;
            }
            covered = x + columns(new);
            if is_changed {
                changed.push((x, y, new));
            }
        }
    }
    changed
}

fn columns(cell: &Cell) -> u16 {
    let symbol = cell.symbol();
    if symbol.len() == 1 || is_control(symbol) {
        return 1;
    }
    u16::try_from(symbol.width()).unwrap_or(1).max(1)
}

/// Whether there is nothing but blanks without any look from here to the end of the line.
fn is_blank_from(after: &Buffer, x: u16, y: u16) -> bool {
    let mut rest = (x..after.area.right()).map_while(|x| after.cell(Position::new(x, y)));
    rest.all(|cell| cell.symbol() == " " && Pen::PLAIN.leaves_as(Pen::of(cell)))
}

fn is_control(symbol: &str) -> bool {
    symbol.chars().any(char::is_control)
}

/// Whether every terminal gives it one column: ASCII, and the lines, blocks and marks that we draw with.
fn is_narrow(symbol: &str) -> bool {
    let mut characters = symbol.chars();
    let (Some(c), None) = (characters.next(), characters.next()) else { return false };
    matches!(c, ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '\u{2500}'..='\u{259f}' | '…' | '–' | '—')
}

#[cfg(test)]
mod tests;
