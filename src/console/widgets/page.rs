//! A page of text that is being written: sections with headings, paragraphs, facts and tables, as wide as there
//! is room.

use unicode_width::UnicodeWidthStr;

use super::fold::refitted;
use super::{Filter, Line, fold};
use crate::console::canvas::harmless;
use crate::console::{Piece, Role};
use crate::text::wrap;

/// How wide the names of facts get.
const NAMES: usize = 30;
/// How wide their values get before thresholds are lined up without them.
const VALUES: usize = 26;

/// A fact with its threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub value: String,
    /// How that looks.
    pub role: Role,
    /// From where on it is a reason for concern.
    pub limit: String,
    /// What it means; left out where there is no room.
    pub about: String,
}

/// Lines that belong together: they are shown or filtered out together.
#[derive(Clone, Debug)]
struct Block {
    sort: Sort,
    lines: Vec<Line>,
}

/// What a block is to those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    /// The heading of a section.
    Heading,
    /// The heads of a table.
    Head,
    /// What is read.
    Text,
}

/// A page that is being written.
#[derive(Clone, Debug)]
pub struct Page {
    columns: usize,
    blocks: Vec<Block>,
}

impl Page {
    /// An empty page of so many columns.
    pub fn new(columns: u16) -> Page {
        Page { columns: usize::from(columns), blocks: Vec::new() }
    }

    /// How many columns it has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// A section begins.
    pub fn heading(&mut self, text: &str) {
        let mut lines = if self.blocks.is_empty() { Vec::new() } else { vec![Line::blank()] };
        lines.push(Line::of(text, Role::Title));
        self.blocks.push(Block { sort: Sort::Heading, lines });
    }

    /// A section begins, with a word beside its heading.
    pub fn heading_with(&mut self, text: &str, beside: &str, role: Role) {
        self.heading(text);
        if let Some(line) = self.blocks.last_mut().and_then(|block| block.lines.last_mut()) {
            line.0.push(Piece::new(format!("  {beside}"), role));
        }
    }

    /// A line as it is.
    pub fn line(&mut self, line: Line) {
        self.blocks.push(Block { sort: Sort::Text, lines: vec![line] });
    }

    /// A paragraph, folded and indented.
    pub fn text(&mut self, indent: usize, text: &str, role: Role) {
        let lines = fold(text, self.columns.saturating_sub(indent));
        let lines: Vec<Line> = lines.into_iter().map(|line| Line::of(line, role).indented(indent)).collect();
        if !lines.is_empty() {
            self.blocks.push(Block { sort: Sort::Text, lines });
        }
    }

    /// `Label   text`, the text folded beside the label; nothing at all without a text.
    pub fn labelled(&mut self, label: &str, text: &str, role: Role) {
        if text.is_empty() {
            return;
        }
        let width = if self.columns < 50 { 10 } else { 16 };
        let label = harmless(label);
        let pad = width.max(label.width() + 1);
        let room = self.columns.saturating_sub(2 + pad);
        let mut lines = Vec::new();
        for (number, part) in fold(text, room.max(8)).into_iter().enumerate() {
            let before = if number == 0 { &*label } else { "" };
            let blanks = " ".repeat(pad - before.width());
            lines.push(Line::of(format!("  {before}{blanks}"), Role::Dim).and(part, role));
        }
        self.blocks.push(Block { sort: Sort::Text, lines });
    }

    /// Facts below each other, lined up. Where there is no room for a threshold beside the value, it stands below.
    pub fn facts(&mut self, rows: &[FactRow]) {
        let widest = |of: fn(&FactRow) -> &str, most: usize| {
            rows.iter().map(|row| harmless(of(row)).width()).filter(|width| *width <= most).max().unwrap_or(0)
        };
        let names = widest(|row| &row.name, NAMES.min(self.columns / 2));
        let values = widest(|row| &row.value, VALUES);
        for row in rows {
            let lines = fact(row, names, values, self.columns);
            self.blocks.push(Block { sort: Sort::Text, lines });
        }
    }

    /// Whether a table's columns fit, the last one folded if need be.
    pub fn has_room(&self, head: &[&str], rows: &[Vec<String>]) -> bool {
        const LAST: usize = 24;
        let widest = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| harmless(cell).width());
            cells.max().unwrap_or(0).max(head.get(column).map_or(0, |head| head.width()))
        };
        let Some(last) = head.len().checked_sub(1) else { return true };
        let before: usize = (0..last).map(|column| widest(column) + 2).sum();
        2 + before + widest(last).min(LAST) <= self.columns
    }

    /// A table with its heads; what does not fit of the last column goes on below itself.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        self.table_with(head, rows, &[]);
    }

    /// The same, with a text below rows that have one.
    pub fn table_with(&mut self, head: &[&str], rows: &[Vec<String>], below: &[Option<&str>]) {
        let cells = |row: &Vec<String>| row.iter().map(|cell| harmless(cell).into_owned()).collect::<Vec<_>>();
        let heads = head.iter().map(|cell| (*cell).to_owned()).collect();
        let all: Vec<Vec<String>> = std::iter::once(heads).chain(rows.iter().map(cells)).collect();
        let mut drawn = wrap::table(&all, self.columns.saturating_sub(2)).into_iter();
        let lines = |lines: Vec<String>, role| lines.into_iter().map(move |line| Line::of(line, role).indented(2));
        let head = drawn.next().unwrap_or_default();
        self.blocks.push(Block { sort: Sort::Head, lines: lines(head, Role::Dim).collect() });
        let below = below.iter().copied().chain(std::iter::repeat(None));
        for (row, below) in drawn.zip(below) {
            let mut lines: Vec<Line> = lines(row, Role::Text).collect();
            let told = fold(below.unwrap_or_default(), self.columns.saturating_sub(6));
            lines.extend(told.into_iter().map(|line| Line::of(line, Role::Dim).indented(6)));
            self.blocks.push(Block { sort: Sort::Text, lines });
        }
    }

    /// Lines that are laid out already, as the pages of the runbook are.
    pub fn laid_out(&mut self, text: &str) {
        for line in refitted(text, self.columns) {
            self.line(Line::of(line, Role::Text));
        }
    }

    /// Its lines: all of them, or those that a filter lets through under their headings, and the
    /// sections whose headings it lets through.
    pub fn lines(self, filter: &Filter) -> Vec<Line> {
        if filter.is_empty() {
            return self.blocks.into_iter().flat_map(|block| block.lines).collect();
        }
        let mut lines = Vec::new();
        let (mut heading, mut head, mut is_whole) = (Vec::new(), Vec::new(), false);
        for block in self.blocks {
            let text: Vec<String> = block.lines.iter().map(Line::text).collect();
            let is_let = filter.lets([text.join(" ").as_str()]);
            match block.sort {
                Sort::Heading => {
                    // A section of that name is shown with all that is in it.
                    is_whole = is_let;
                    heading = block.lines.into_iter().map(|line| marked(line, filter)).collect();
                    head = Vec::new();
                }
                Sort::Head => head = block.lines,
                Sort::Text => {
                    if is_let || is_whole {
                        lines.append(&mut heading);
                        lines.append(&mut head);
                        lines.extend(block.lines.into_iter().map(|line| marked(line, filter)));
                    }
                }
            }
        }
        if lines.is_empty() {
            lines.push(Line::of("  Nothing here is like that.", Role::Dim));
        }
        let first = lines.iter().position(|line: &Line| !line.0.is_empty()).unwrap_or(0);
        lines.split_off(first)
    }
}

fn marked(line: Line, filter: &Filter) -> Line {
    Line(line.0.into_iter().flat_map(|piece| filter.found(&piece.text, piece.role)).collect())
}

fn fact(row: &FactRow, names: usize, values: usize, columns: usize) -> Vec<Line> {
    let (name, value, limit) = (harmless(&row.name), harmless(&row.value), harmless(&row.limit));
    let before = names.max(name.width().min(columns / 2)) + 4;
    let padded = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let first = padded(&format!("  {}", cut(&name, columns / 2)), before);
    let beside = before + values.max(value.width()) + 2;
    let with_about = [&*limit, &row.about].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ");
    for told in [with_about.as_str(), &limit] {
        if beside + told.width() <= columns {
            let line = Line::of(first, Role::Dim).and(padded(&value, values + 2), row.role);
            return vec![line.and(told, Role::Dim)];
        }
    }
    let below = " ".repeat(before);
    let mut lines = Vec::new();
    for (number, part) in fold(&value, columns.saturating_sub(before).max(8)).into_iter().enumerate() {
        let start = if number == 0 { first.clone() } else { below.clone() };
        lines.push(Line::of(start, Role::Dim).and(part, row.role));
    }
    let limits = fold(&limit, columns.saturating_sub(before).max(8));
    lines.extend(limits.into_iter().map(|part| Line::of(format!("{below}{part}"), Role::Dim)));
    lines
}

fn cut(text: &str, columns: usize) -> String {
    fold(text, columns).into_iter().next().unwrap_or_default()
}
