//! What can be done here: made from the registry, filtered by what is typed.
//!
//! ```text
//! What can be done here  fil_
//! /          filter      Filter the list
//! ```

use std::cell::Cell;

use super::{Answer, Field, head};
use crate::console::action::{Danger, Info};
use crate::console::app::App;
use crate::console::terminal::{Code, Key};
use crate::console::{Action, Canvas, Role};

/// The help that is open.
#[derive(Debug, Default)]
pub struct Help {
    field: Field,
    first: usize,
    /// How many lines there were to show last time, and how many of them fit.
    shown: Cell<(usize, usize)>,
}

impl Help {
    /// Arrows scroll, text filters, the rest closes.
    pub(super) fn key(&mut self, key: Key, action: Option<Action>) -> Answer {
        let (lines, fit) = self.shown.get();
        let last = lines.saturating_sub(fit);
        let page = fit.saturating_sub(1).max(1);
        match key.code {
            Code::Up => self.first = self.first.saturating_sub(1),
            Code::Down => self.first = (self.first + 1).min(last),
            Code::PageUp => self.first = self.first.saturating_sub(page),
            Code::PageDown => self.first = (self.first + page).min(last),
            Code::Home => self.first = 0,
            Code::End => self.first = last,
            Code::Escape | Code::Enter | Code::Function(_) => return Answer::Close,
            Code::Char(_) if self.field.text().is_empty() && matches!(action, Some(Action::Help | Action::Quit)) => {
                return Answer::Close;
            }
            _ => {
                if self.field.key(key) {
                    self.first = 0;
                }
            }
        }
        Answer::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.field.paste(text);
    }

    /// Draws it over the screen.
    pub fn draw(&self, app: &App, canvas: &mut Canvas<'_>) {
        head(canvas, "What can be done here; type to search, esc closes", &self.field);
        let wanted = self.field.text().to_lowercase();
        let notices = app.notices.iter().filter(|notice| notice.to_lowercase().contains(&wanted));
        let lines: Vec<Line<'_>> = notices.map(|notice| Line::Notice(notice)).chain(actions(app, &wanted)).collect();
        let fit = usize::from(canvas.height().saturating_sub(1));
        self.shown.set((lines.len(), fit));
        let first = self.first.min(lines.len().saturating_sub(fit));
        for (line, y) in lines.iter().skip(first).take(fit).zip(1..) {
            line.draw(y, canvas);
        }
        let below = lines.len().saturating_sub(first + fit);
        if below > 0 {
            let told = format!("  {below} more below");
            canvas.put_right(canvas.height().saturating_sub(1), &told, Role::Dim);
        }
        if lines.is_empty() {
            canvas.put(0, 1, "nothing here is called so", Role::Dim);
        }
    }
}

/// A line of the help.
enum Line<'a> {
    Notice(&'a str),
    Does { keys: String, info: &'static Info },
}

fn actions<'a>(app: &'a App, wanted: &'a str) -> impl Iterator<Item = Line<'a>> {
    let does = |info: &'static Info| Line::Does { keys: keys(app, info.action), info };
    let is_wanted = move |line: &Line<'_>| match line {
        Line::Notice(_) => true,
        Line::Does { keys, info } => {
            [keys.as_str(), info.name, info.title].iter().any(|text| text.to_lowercase().contains(wanted))
        }
    };
    app.offers().into_iter().map(does).filter(is_wanted)
}

/// The keys of an action, as they are shown.
pub(super) fn keys(app: &App, action: Action) -> String {
    app.keymap.keys(action).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

impl Line<'_> {
    fn draw(&self, y: u16, canvas: &mut Canvas<'_>) {
        const KEYS: u16 = 16;
        match self {
            Line::Notice(notice) => {
                canvas.put(0, y, notice, Role::Degraded);
            }
            Line::Does { keys, info } => {
                canvas.part(0, y, KEYS, 1).put(0, 0, keys, Role::Key);
                let x = canvas.put(KEYS + 1, y, info.title, Role::Text);
                if info.danger > Danger::Looks {
                    canvas.put(x + 2, y, info.danger.word(), Role::Degraded);
                }
            }
        }
    }
}
