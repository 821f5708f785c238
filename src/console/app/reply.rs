//! What a screen wants after an action.

use super::message::Effect;
use super::state::{App, Pane};
use crate::console::action::Scope;
use crate::console::order::Order;
use crate::console::overlays::{Overlay, Preview};
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
            Reply::Ask(orders, chosen) => self.ask(action, orders, chosen),
            Reply::Copy(text) => return self.copy(text),
            Reply::Say(text) => self.say(text),
        }
        Vec::new()
    }

    /// Shows what exactly would be done.
    fn ask(&mut self, action: Action, orders: Vec<Order>, chosen: usize) {
        if !self.can_start {
            self.say("nothing can be started from here: there is no state folder; --state DIR names one");
            return;
        }
        match Preview::new(orders, chosen) {
            Some(preview) => self.overlay = Some(Overlay::Preview(preview)),
            None => self.nothing(action),
        }
    }

    /// What was confirmed is done by another process.
    pub(super) fn order(&mut self, order: Order) -> Vec<Effect> {
        let Order::CallOff { id } = order else { return vec![Effect::Start(order)] };
        let seen = self.look.desk.operations.iter().find(|seen| seen.operation.id == id);
        let operation = seen.map(|seen| Box::new(seen.operation.clone()));
        operation.map(Effect::CallOff).into_iter().collect()
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
            let offers = |pane: &&Pane| pane.screen.actions().contains(&action);
            let elsewhere = self.panes.iter().find(offers).filter(|_| !self.pane().is_some_and(|ours| offers(&ours)));
            self.say(match elsewhere {
                Some(pane) => {
                    let key = self.keymap.keys(Action::Go(pane.id)).first().map(|key| format!(": {key}"));
                    format!("{} is offered on {}{}", info.name, pane.screen.title(), key.unwrap_or_default())
                }
                None => format!("{} does nothing here", info.name),
            });
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
