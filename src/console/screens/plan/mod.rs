//! The plan: objectives, lists, triggers as they stand, procedures, and the pages of the runbook.
//!
//! The sections are listed on the left and read on the right; where there is no width for both, one after the other.

mod glance;
mod procedure;
mod section;
mod triggers;

use section::{Contents, Section};

use super::{Reply, Screen};
use crate::console::widgets::{Filter, Line, List, Page, Reader, Tall};
use crate::console::{Action, Canvas, Piece, Role, View};
use crate::plan;

/// From this width on there is room for both.
const WIDE: u16 = 100;
/// How wide the list of sections is then.
const MENU: u16 = 32;

/// The plan.
#[derive(Debug, Default)]
pub struct Plan {
    menu: List<Section>,
    reads: bool,
    reader: Reader,
    read: Option<Section>,
    filter: Filter,
    /// Whether the filter was typed while reading: then it is for the text, else for the list of sections.
    is_for_text: bool,
    contents: Contents,
}

impl Screen for Plan {
    fn title(&self) -> &'static str {
        "Plan"
    }

    fn actions(&self) -> &'static [Action] {
        const ACTIONS: &[Action] = &[
            Action::Open,
            Action::Back,
            Action::Filter,
            Action::Down,
            Action::Up,
            Action::PageDown,
            Action::PageUp,
            Action::Left,
            Action::Right,
            Action::First,
            Action::Last,
        ];
        ACTIONS
    }

    fn act(&mut self, action: Action, view: &View<'_>) -> Reply {
        self.contents.refresh(&view.desk.plan);
        let keys = self.keys();
        match action {
            Action::Open | Action::Right if !self.reads => self.reads = true,
            Action::Back | Action::Left if self.reads => self.reads = false,
            _ if self.reads => return if self.reader.act(action) { Reply::Done } else { Reply::Ignored },
            // The text is turned while the list is gone through.
            Action::PageDown | Action::PageUp if self.reader.act(action) => {}
            _ if self.menu.act(action, &keys) => {}
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    fn filter(&mut self, text: &str, _: &View<'_>) {
        (self.filter, self.is_for_text) = (Filter::new(text), self.reads);
        self.reader.to_start();
    }

    fn draw(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        self.contents.refresh(&view.desk.plan);
        self.menu.settle(&self.keys());
        let (width, height) = (canvas.width(), canvas.height());
        let menu = if width >= WIDE { MENU } else { width };
        if width >= WIDE || !self.reads {
            self.draw_menu(view, &mut canvas.part(0, 0, menu, height));
        }
        if width >= WIDE {
            for y in 0..height {
                canvas.put(menu, y, view.theme.marks().wall, Role::Rule);
            }
            let left = menu + 2;
            self.draw_text(view, &mut canvas.part(left, 0, width - left, height));
        } else if self.reads {
            self.draw_text(view, canvas);
        }
    }
}

impl Plan {
    /// The sections that the filter lets through.
    fn shown(&self) -> Vec<&(Section, String)> {
        let lets = |(section, title): &&(Section, String)| {
            self.is_for_text || self.filter.lets([title.as_str(), section.group()])
        };
        self.contents.sections.iter().filter(lets).collect()
    }

    fn keys(&self) -> Vec<Section> {
        self.shown().into_iter().map(|(section, _)| *section).collect()
    }

    fn draw_menu(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let sections = self.shown();
        let told = self.filter.told(sections.len(), self.contents.sections.len()).filter(|_| !self.is_for_text);
        let row = |(index, (section, title)): (usize, &&(Section, String))| {
            let before = index.checked_sub(1).map(|before| sections[before].0.group());
            let lines = entry(*section, self.filter.found(title, Role::Text), before);
            (Tall { key: *section, height: lines.len() }, lines)
        };
        let rows: Vec<(Tall<Section>, Vec<Line>)> = sections.iter().enumerate().map(row).collect();
        let heights: Vec<Tall<Section>> = rows.iter().map(|(tall, _)| tall.clone()).collect();
        let head = u16::from(told.is_some());
        canvas.put(0, 0, told.as_deref().unwrap_or_default(), Role::Strong);
        let (width, height) = (canvas.width(), canvas.height().saturating_sub(head));
        let mut part = canvas.part(0, head, width, height);
        let canvas = &mut part;
        for shown in self.menu.window(&heights, usize::from(height)) {
            let y = u16::try_from(shown.y).unwrap_or(u16::MAX);
            let (tall, lines) = &rows[shown.row];
            lines[shown.line].draw(canvas, 0, y);
            if self.menu.chosen() == Some(&tall.key) && shown.line + 1 == lines.len() {
                let mut line = canvas.part(0, y, width, 1);
                line.put(0, 0, view.theme.marks().pointer, Role::Selected);
                line.paint(if self.reads { Role::Strong } else { Role::Selected });
            }
        }
    }

    fn draw_text(&mut self, view: &View<'_>, canvas: &mut Canvas<'_>) {
        let Some(section) = self.menu.chosen().copied() else { return };
        if self.read != Some(section) {
            self.read = Some(section);
            self.reader.to_start();
        }
        if self.contents.plan.is_none() {
            canvas.put(0, 0, "The plan cannot be shown: its secrets could not be covered.", Role::Down);
            return;
        }
        let mut page = Page::new(canvas.width());
        write(view, &self.contents, section, &mut page);
        let all = Filter::default();
        let lines = page.lines(if self.is_for_text { &self.filter } else { &all });
        self.reader.draw(&lines, canvas);
    }
}

/// An entry of the list of sections, with the name of its group above the first one; `before` is the group of the
/// entry above it.
fn entry(section: Section, title: Vec<Piece<'static>>, before: Option<&'static str>) -> Vec<Line> {
    let mut lines = Vec::new();
    if before != Some(section.group()) {
        lines.extend(before.map(|_| Line::blank()));
        lines.push(Line::of(section.group(), Role::Title));
    }
    lines.push(Line(title).indented(2));
    lines
}

/// Writes a section.
fn write(view: &View<'_>, contents: &Contents, section: Section, page: &mut Page) {
    let Some(plan) = &contents.plan else { return };
    match section {
        Section::Glance => glance::write(view, plan, page),
        Section::Triggers => triggers::write(view, plan, page),
        Section::List(index) => list(plan, index, page),
        Section::Procedure(index) => procedure::write(plan, index, page),
        Section::Paper(index) => page.laid_out(contents.pages.get(index).map(String::as_str).unwrap_or_default()),
    }
}

/// A list as a table where its columns fit, else entry by entry.
fn list(plan: &plan::Plan, index: usize, page: &mut Page) {
    let Some(list) = plan::LISTS.get(index) else { return };
    let rows = list.rows(plan);
    page.heading(list.title);
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.cells.clone()).collect();
    if page.has_room(list.head, &cells) {
        let below: Vec<Option<&str>> = rows.iter().map(|row| row.below.as_deref()).collect();
        page.table_with(list.head, &cells, &below);
        return;
    }
    for (number, row) in rows.into_iter().enumerate() {
        let (name, rest) = row.cells.split_first().map_or(("", &[][..]), |(name, rest)| (name.as_str(), rest));
        if number > 0 {
            page.line(Line::blank());
        }
        page.text(2, name, Role::Strong);
        for (head, cell) in list.head.iter().skip(1).zip(rest) {
            page.labelled(&format!("  {head}"), cell, Role::Text);
        }
        page.text(4, row.below.as_deref().unwrap_or_default(), Role::Dim);
    }
}
