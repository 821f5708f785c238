//! What a screen wants after an action.

use super::message::Effect;
use super::state::App;
use crate::console::action::Scope;
use crate::console::{Action, Reply, ScreenId, clipboard};

impl App {
    /// Does what the screen wants.
    pub(super) fn reply(&mut self, action: Action, reply: Reply) -> Vec<Effect> {
        match reply {
            Reply::Done => {}
            Reply::Ignored if action == Action::Back => self.back(),
            Reply::Ignored => self.nothing(action),
            Reply::Go(id) => self.go(id),
            Reply::Component(index) => self.show_component(ScreenId::Component, index),
            Reply::Logs(index) => self.show_component(ScreenId::Logs, index),
            Reply::Copy(text) => return self.copy(text),
            Reply::Say(text) => self.say(text),
        }
        Vec::new()
    }

    fn back(&mut self) {
        if !self.notices.is_empty() {
            self.notices.clear();
        } else if let Some(place) = self.trail.pop() {
            self.current = place;
        }
    }

    /// A key that was offered and does nothing deserves a word; one that moves at the end of a list does not.
    fn nothing(&mut self, action: Action) {
        if let Some(info) = action.info().filter(|info| info.scope == Scope::Offered) {
            self.say(format!("there is nothing here to {}", info.name));
        }
    }

    fn copy(&mut self, text: String) -> Vec<Effect> {
        if let Some(why) = clipboard::refusal(&text) {
            self.say(why);
            return Vec::new();
        }
        let count = text.chars().count();
        let plural = if count == 1 { "" } else { "s" };
        self.say(format!("copied {count} character{plural}, if this terminal lets programs do so"));
        vec![Effect::Clipboard(text)]
    }
}
