//! What an action wants done outside the state: at the terminal, or on the disk.

use std::path::PathBuf;
use std::time::Duration;

use super::message::{Effect, Message};
use super::save::save;
use super::session::{Session, moment};
use super::state::Due;
use crate::console::clipboard;
use crate::console::terminal::{Outbox, Tty, has_shell, stop};
use crate::text::Exit;

/// Signals that came while we were stopped arrive one after the other, on a busy machine late: so long, so often.
const SETTLES: Duration = Duration::from_millis(20);
const SETTLED: usize = 50;

/// Where screens are saved.
#[derive(Clone)]
pub(super) struct Saves {
    pub(super) state: PathBuf,
    pub(super) group: Option<String>,
}

impl Session {
    /// Does it.
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Quit => self.end = Some(Exit::Done),
            Effect::Suspend => self.suspend(),
            Effect::Repaint => {
                self.is_whole = true;
                self.app.due = Due::Now;
            }
            Effect::Clipboard(text) => self.outbox.put(&clipboard::sequence(&text)),
            Effect::Save => self.save(),
            Effect::Start(order) => self.start(&order),
            Effect::CallOff(operation) => self.call_off(*operation),
            Effect::Mouse(is_on) => self.outbox.put(Tty::mouse(is_on)),
        }
    }

    fn suspend(&mut self) {
        if !has_shell() {
            self.tell(Message::Said("there is no shell here to come back from".to_owned()));
            return;
        }
        self.outbox = Outbox::default();
        self.tty.give_back();
        stop();
        self.come_back();
    }

    /// After a stop. What was told meanwhile comes first: a shell that ends a stopped job does so in its background,
    /// where whoever reaches for the terminal is stopped once more.
    pub(super) fn come_back(&mut self) {
        while !self.tty.is_in_front() {
            for _ in 0..SETTLED {
                let told = self.signals.told();
                if self.is_told_to_end(told) {
                    return;
                }
                std::thread::sleep(SETTLES);
            }
            if !has_shell() {
                self.gone();
                return;
            }
            if !self.tty.is_in_front() {
                stop();
            }
        }
        // Whoever had the terminal meanwhile left it as they liked.
        if self.tty.take().is_err() {
            self.gone();
            return;
        }
        self.perform(Effect::Mouse(self.app.has_mouse));
        self.perform(Effect::Repaint);
        self.tell(Message::Size(self.tty.size()));
    }

    /// On a thread of its own: a disk may hang.
    fn save(&self) {
        let Some(Saves { state, group }) = self.saves.clone() else { return };
        let (picture, mail, at) = (self.shown.clone(), self.mail.clone(), moment(&*self.clock).wall);
        let work = move || mail.send(Message::Said(save(&state, group.as_deref(), &picture, at)));
        if std::thread::Builder::new().name("save".to_owned()).spawn(work).is_err() {
            self.mail.send(Message::Said("the screen was not saved: this machine gives no thread".to_owned()));
        }
    }
}
