//! What each action does: the console's own here, the others by the screen that is shown.

use std::sync::Arc;

use super::message::Effect;
use super::state::{App, Frozen};
use crate::console::action::Scope;
use crate::console::overlays::{Field, Help, Overlay, Palette};
use crate::console::{Action, Reply, ScreenId, Zone};

/// How many steps back are remembered.
const TRAIL: usize = 50;

impl App {
    /// Does something.
    pub(super) fn act(&mut self, action: Action) -> Vec<Effect> {
        if !self.keymap.allows(action) {
            return Vec::new();
        }
        match action {
            Action::Go(id) => self.go_on(id),
            Action::NextScreen => self.turn(1),
            Action::PreviousScreen => self.turn(self.panes.len().saturating_sub(1)),
            Action::Help => self.overlay = Some(Overlay::Help(Help::default())),
            Action::Palette => self.overlay = Some(Overlay::Palette(Palette::new(self))),
            Action::Freeze => self.freeze(),
            Action::Zone => self.zone(),
            Action::Save => return vec![Effect::Save],
            Action::Mouse => return self.switch_mouse(),
            Action::Repaint => return vec![Effect::Repaint],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Cancel => return self.cancel(),
            Action::Quit => return vec![Effect::Quit],
            Action::Filter if self.is_offered(action) => {
                let before = self.pane().map(|pane| pane.filter.clone()).unwrap_or_default();
                self.prompt = Some(Field::new(before));
            }
            _ => return self.ask_screen(action),
        }
        Vec::new()
    }

    fn is_offered(&self, action: Action) -> bool {
        self.pane().is_some_and(|pane| pane.screen.actions().contains(&action))
    }

    fn ask_screen(&mut self, action: Action) -> Vec<Effect> {
        if action == Action::Back && self.pane().is_some_and(|pane| !pane.filter.is_empty()) {
            self.filter("");
            return Vec::new();
        }
        let is_asked = action.info().is_some_and(|info| info.scope != Scope::Offered) || self.is_offered(action);
        let view = self.look.view();
        let reply = match self.panes.get_mut(self.current) {
            Some(pane) if is_asked => pane.screen.act(action, &view),
            _ => Reply::Ignored,
        };
        self.reply(action, reply)
    }

    /// To a screen, which goes on about the component that this one is about.
    fn go_on(&mut self, id: ScreenId) {
        match self.pane().filter(|pane| pane.id != id).and_then(|pane| pane.screen.about()) {
            Some(component) => self.show_component(id, component),
            None => self.go(id),
        }
    }

    /// To a screen; the one before is remembered.
    pub(super) fn go(&mut self, id: ScreenId) {
        let Some(place) = self.panes.iter().position(|pane| pane.id == id) else { return };
        if place != self.current {
            self.trail.push(self.current);
            let excess = self.trail.len().saturating_sub(TRAIL);
            self.trail.drain(..excess);
            self.current = place;
            self.prompt = None;
        }
    }

    fn turn(&mut self, by: usize) {
        let count = self.panes.len();
        if let Some(pane) = self.panes.get((self.current + by) % count.max(1)) {
            self.go_on(pane.id);
        }
    }

    /// Shows a component on the screen for it.
    pub(super) fn show_component(&mut self, on: ScreenId, component: usize) {
        if let Some(pane) = self.panes.iter_mut().find(|pane| pane.id == on) {
            pane.screen.show(component);
        }
        self.go(on);
    }

    fn freeze(&mut self) {
        self.look.frozen = match self.look.frozen {
            Some(_) => None,
            None => Some(Frozen { desk: Arc::clone(&self.look.desk), at: self.look.now }),
        };
        if let Some(answer) = self.held.take() {
            self.log(answer);
        }
    }

    fn zone(&mut self) {
        self.look.zone = match self.look.zone {
            Zone::Local => Zone::Utc,
            Zone::Utc => Zone::Local,
        };
        self.say(self.look.view().zone_told());
    }

    fn switch_mouse(&mut self) -> Vec<Effect> {
        self.has_mouse = !self.has_mouse;
        let told = if self.has_mouse {
            "the mouse scrolls and chooses screens; hold shift to mark text"
        } else {
            "the mouse is the terminal's again"
        };
        self.say(told);
        vec![Effect::Mouse(self.has_mouse)]
    }
}
