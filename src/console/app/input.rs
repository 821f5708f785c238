//! What a message means in the state of now.

use std::time::Duration;

use super::message::{Effect, Message, Moment};
use super::state::{App, Due};
use crate::console::Action;
use crate::console::fetch::LogAnswer;
use crate::console::overlays::Answer;
use crate::console::terminal::{Code, Event, Key, Mouse};

/// How many lines the wheel moves.
const WHEEL: usize = 3;
/// How long a question in the footer waits for the second Ctrl-C.
const AGAIN: Duration = Duration::from_secs(2);

impl App {
    /// Takes in a message; says what is to be done outside.
    pub fn update(&mut self, message: Message, at: Moment) -> Vec<Effect> {
        self.time(at);
        self.due = self.due.max(if matches!(message, Message::Desk(_)) { Due::Soon } else { Due::Now });
        match message {
            Message::Input(Event::Key(key)) => return self.key(key),
            Message::Input(Event::Paste(text)) => self.paste(&text),
            Message::Input(Event::Mouse(mouse)) => return self.mouse(mouse),
            Message::Desk(desk) => self.look.desk = desk,
            Message::Log(answer) => self.log(answer),
            Message::Point(answer) => {
                self.panes.iter_mut().for_each(|pane| pane.screen.take_point(answer.clone()));
            }
            Message::Retention(answer) => {
                self.panes.iter_mut().for_each(|pane| pane.screen.take_retention(answer.clone()));
            }
            Message::Tick => {}
            Message::Size(size) => {
                self.size = size;
                return vec![Effect::Repaint];
            }
            Message::Fault(text) => {
                if !self.faults.contains(&text) {
                    self.faults.push(text);
                }
            }
            Message::Said(text) => self.say(text),
        }
        Vec::new()
    }

    /// Lines go to the screen that wished for them, unless it stands still: then when it goes on.
    pub(super) fn log(&mut self, answer: LogAnswer) {
        if self.look.frozen.is_some() {
            self.held = Some(answer);
        } else if let Some(pane) = self.panes.get_mut(self.current) {
            pane.screen.take(answer);
        }
    }

    fn time(&mut self, at: Moment) {
        (self.look.now, self.look.boot) = (at.wall, at.boot);
        if self.said.as_ref().is_some_and(|said| said.until <= at.boot) {
            self.said = None;
            self.due = Due::Now;
        }
        self.leaves_until = self.leaves_until.filter(|until| *until > at.boot);
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        let action = self.keymap.action(key);
        if key.alt && action.is_none() {
            // Over a slow line Escape and the key after it arrive as one.
            let mut effects = self.key(Key::of(Code::Escape));
            effects.extend(self.key(Key { alt: false, ..key }));
            return effects;
        }
        // What leaves or stops the console does so from everywhere; a letter that is typed does not.
        let everywhere = [Action::Cancel, Action::Suspend, Action::Repaint, Action::Quit];
        if let Some(action) = action.filter(|action| key.ctrl && everywhere.contains(action)) {
            return self.act(action);
        }
        if self.overlay.is_some() {
            return self.in_overlay(key, action);
        }
        if self.prompt.is_some() {
            return self.in_prompt(key, action);
        }
        self.said = None;
        if let Some(action) = action {
            return self.act(action);
        }
        self.say(self.why_nothing(key));
        Vec::new()
    }

    /// Why a key does nothing.
    fn why_nothing(&self, key: Key) -> String {
        if let Some(info) = self.keymap.refused(key).and_then(Action::info) {
            return format!("{key} would {}, but this console is read-only", info.name);
        }
        let help = self.keymap.keys(Action::Help).first();
        let help = help.map_or_else(String::new, |help| format!("; {help} shows what does"));
        format!("{key} does nothing here{help}")
    }

    fn in_overlay(&mut self, key: Key, action: Option<Action>) -> Vec<Effect> {
        let Some(mut overlay) = self.overlay.take() else { return Vec::new() };
        match overlay.key(self, key, action) {
            Answer::Stay => {
                self.overlay = Some(overlay);
                Vec::new()
            }
            Answer::Close => Vec::new(),
            Answer::Do(action) => self.act(action),
            Answer::Start(order) => self.order(order),
            Answer::Component(index) => {
                self.show_component(crate::console::ScreenId::Component, index);
                Vec::new()
            }
        }
    }

    /// A filter is being typed: the list follows each key.
    fn in_prompt(&mut self, key: Key, action: Option<Action>) -> Vec<Effect> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        if prompt.key(key) {
            let text = prompt.text().to_owned();
            self.filter(&text);
            return Vec::new();
        }
        match action {
            Some(Action::Open) => self.prompt = None,
            Some(Action::Back) => {
                self.prompt = None;
                self.filter("");
            }
            Some(action @ (Action::Up | Action::Down | Action::PageUp | Action::PageDown)) => return self.act(action),
            _ => {}
        }
        Vec::new()
    }

    /// Filters the list of the screen that is shown.
    pub(super) fn filter(&mut self, text: &str) {
        let view = self.look.view();
        if let Some(pane) = self.panes.get_mut(self.current) {
            text.clone_into(&mut pane.filter);
            pane.screen.filter(text, &view);
        }
    }

    /// A paste is text for a field, never a row of keys.
    fn paste(&mut self, text: &str) {
        if let Some(overlay) = &mut self.overlay {
            overlay.paste(text);
        } else if let Some(prompt) = &mut self.prompt {
            prompt.paste(text);
            let text = prompt.text().to_owned();
            self.filter(&text);
        } else {
            // A terminal sends the end of a line as Enter does.
            let lines = text.replace("\r\n", "\n").replace('\r', "\n").lines().count();
            let what = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
            self.say(format!("a paste of {what} was ignored: nothing is being typed here"));
        }
    }

    fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        let scroll = |app: &mut App, action| {
            (0..WHEEL).for_each(|_| {
                app.act(action);
            });
            Vec::new()
        };
        match mouse {
            _ if !self.has_mouse || self.overlay.is_some() => Vec::new(),
            Mouse::WheelUp => scroll(self, Action::Up),
            Mouse::WheelDown => scroll(self, Action::Down),
            Mouse::Press { column, line } => {
                let spot = self.spots.iter().find(|spot| spot.line == line && spot.columns.contains(&column));
                spot.map(|spot| spot.id).map_or_else(Vec::new, |id| self.act(Action::Go(id)))
            }
        }
    }

    /// Leaves whatever is open; at the top the second time within a moment leaves the console.
    pub(super) fn cancel(&mut self) -> Vec<Effect> {
        let has_filter = self.pane().is_some_and(|pane| !pane.filter.is_empty());
        if self.overlay.take().is_some() {
            return Vec::new();
        }
        if self.prompt.take().is_some() || has_filter {
            self.filter("");
            return Vec::new();
        }
        if self.leaves_until.is_some() {
            return vec![Effect::Quit];
        }
        self.leaves_until = Some(self.look.boot + AGAIN);
        let quit = self.keymap.keys(Action::Quit).first().map_or_else(String::new, |key| format!(", or {key}"));
        self.say(format!("press ctrl-c again{quit} to leave"));
        Vec::new()
    }
}
