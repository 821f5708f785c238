//! Find an action, a screen or a component by a few letters of its name.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::help::keys;
use super::{Answer, Field, head};
use crate::console::action::Danger;
use crate::console::app::App;
use crate::console::terminal::{Code, Key};
use crate::console::{Action, Canvas, Role};

/// The palette that is open.
pub struct Palette {
    field: Field,
    all: Vec<Entry>,
    /// What matches, best first, by its place among all.
    found: Vec<usize>,
    chosen: usize,
}

/// Something that can be found.
struct Entry {
    name: String,
    /// What stands beside it: its keys, or what it is.
    beside: String,
    danger: Danger,
    does: Answer,
}

impl Palette {
    /// Everything that can be found now: what can be done, then the components.
    pub fn new(app: &App) -> Palette {
        let is_odd = |action: Action| matches!(action, Action::Palette | Action::Cancel);
        let offers = app.offers().into_iter().filter(|info| !is_odd(info.action));
        let actions = offers.map(|info| Entry {
            name: format!("{}: {}", info.name, info.title),
            beside: keys(app, info.action),
            danger: info.danger,
            does: Answer::Do(info.action),
        });
        let components = app.look.desk.plan.component.iter().enumerate().map(|(index, component)| Entry {
            name: component.name.clone(),
            beside: component.title.clone().unwrap_or_else(|| component.kind.to_string()),
            danger: Danger::Looks,
            does: Answer::Component(index),
        });
        let all: Vec<Entry> = actions.chain(components).collect();
        let found = (0..all.len()).collect();
        Palette { field: Field::default(), all, found, chosen: 0 }
    }

    /// Arrows choose, text searches, Enter does it.
    pub(super) fn key(&mut self, app: &App, key: Key, action: Option<Action>) -> Answer {
        let last = self.found.len().saturating_sub(1);
        let page = usize::from(app.page());
        match (key.code, action) {
            (Code::Enter, _) => {
                return self.found.get(self.chosen).map_or(Answer::Stay, |place| self.all[*place].does.clone());
            }
            (Code::Escape | Code::Function(_), _) => return Answer::Close,
            (Code::Up, _) => self.chosen = self.chosen.saturating_sub(1),
            (Code::Down, _) => self.chosen = (self.chosen + 1).min(last),
            (Code::PageUp, _) => self.chosen = self.chosen.saturating_sub(page),
            (Code::PageDown, _) => self.chosen = (self.chosen + page).min(last),
            (Code::Backspace, _) if self.field.text().is_empty() => return Answer::Close,
            _ => {
                if self.field.key(key) {
                    self.search();
                }
            }
        }
        Answer::Stay
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.field.paste(text);
        self.search();
    }

    fn search(&mut self) {
        let pattern = Pattern::parse(self.field.text(), CaseMatching::Ignore, Normalization::Smart);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut characters = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (place, entry) in self.all.iter().enumerate() {
            let text = format!("{} {}", entry.name, entry.beside);
            let score = pattern.score(Utf32Str::new(&text, &mut characters), &mut matcher);
            scored.extend(score.map(|score| (score, place)));
        }
        scored.sort_by_key(|(score, place)| (std::cmp::Reverse(*score), *place));
        self.found = scored.into_iter().map(|(_, place)| place).collect();
        self.chosen = 0;
    }

    /// Draws it over the screen.
    pub fn draw(&self, canvas: &mut Canvas<'_>) {
        head(canvas, "Find an action or a component; enter does it, esc closes", &self.field);
        let fit = usize::from(canvas.height().saturating_sub(1)).max(1);
        let first = (self.chosen + 1).saturating_sub(fit);
        for (row, y) in (first..self.found.len()).take(fit).zip(1..) {
            let Some(entry) = self.found.get(row).and_then(|place| self.all.get(*place)) else { continue };
            entry.draw(row == self.chosen, &mut canvas.part(0, y, u16::MAX, 1));
        }
        if self.found.is_empty() {
            canvas.put(0, 1, "nothing is called so", Role::Dim);
        }
    }
}

impl Entry {
    fn draw(&self, is_chosen: bool, canvas: &mut Canvas<'_>) {
        let pointer = if is_chosen { canvas.theme().marks().pointer } else { " " };
        canvas.put(0, 0, pointer, Role::Key);
        let x = canvas.put(2, 0, &self.name, Role::Text);
        let x =
            canvas.put(x + 2, 0, &self.beside, if matches!(self.does, Answer::Do(_)) { Role::Key } else { Role::Dim });
        canvas.put(x + 2, 0, self.danger.word(), Role::Degraded);
        if is_chosen {
            canvas.paint(Role::Selected);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::ScreenId;

    fn palette(names: &[&str]) -> Palette {
        let entry = |name: &&str| Entry {
            name: (*name).to_owned(),
            beside: String::new(),
            danger: Danger::Looks,
            does: Answer::Do(Action::Go(ScreenId::Plan)),
        };
        let all: Vec<Entry> = names.iter().map(entry).collect();
        let found = (0..all.len()).collect();
        Palette { field: Field::default(), all, found, chosen: 0 }
    }

    #[test]
    fn a_few_letters_find_it() {
        let mut palette = palette(&["freeze: Let the picture stand still", "agent-postgres", "session-cache"]);
        palette.paste("apg");
        assert_eq!(palette.found, [1]);
        palette.field = Field::default();
        palette.paste("cache");
        assert_eq!(palette.found.first(), Some(&2));
        palette.paste("zzzzzz");
        assert!(palette.found.is_empty());
    }
}
