//! The loop of the drawing thread: wait, take in, draw.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::engine::{Engine, Work};
use super::faults::Watch;
use super::mail::Mail;
use super::message::{Effect, Message, Moment};
use super::opening::Opening;
use super::perform::Saves;
use super::start::Starter;
use super::state::{App, Due};
use crate::console::terminal::{Encoder, Event, Input, NoTerminal, Outbox, Signals, Told, Tty, wait};
use crate::desk::Desk;
use crate::text::{Clock, Exit};

/// News are drawn so often at most; keys at once.
const FRAME: Duration = Duration::from_millis(200);
/// Keys that are read at once.
const GULP: usize = 64 * 1024;

/// Opens the console and keeps it up until its user leaves, or has gone.
pub fn run(opening: Opening) -> Result<Exit, NoTerminal> {
    let tty = Arc::new(Tty::open(opening.term.as_deref())?);
    let signals = Signals::listen().map_err(NoTerminal::Broken)?;
    let (sender, messages) = channel();
    let mail = Mail { sender, waker: signals.waker() };
    let _faults = Watch::begin(Arc::clone(&tty), mail.clone());
    let clock = Arc::clone(&opening.clock);
    let invocation = opening.invocation.clone();
    let (mut app, work) = opening.begin(&tty);
    tty.take()?;
    let state = work.state.clone().filter(|_| !app.is_read_only);
    let group = work.plan.platform.group.clone();
    let starter = state.clone().map(|state| Starter { invocation, state, group: group.clone() });
    app.ends_at_logout = starter.as_ref().is_some_and(|starter| starter.invocation.ends_at_logout);
    app.can_start = starter.is_some();
    let saves = state.map(|state| Saves { state, group });
    let nothing = Buffer::empty(Rect::ZERO);
    let mut session = Session {
        app,
        tty,
        signals,
        messages,
        mail,
        clock,
        saves,
        starter,
        input: Input::default(),
        encoder: Encoder::default(),
        outbox: Outbox::default(),
        shown: nothing,
        is_whole: true,
        drawn: Duration::ZERO,
        read_at: Duration::ZERO,
        end: None,
    };
    // The first picture comes before everything that takes time.
    session.draw();
    let engine = Engine::start(work, Arc::clone(&session.tty), session.mail.clone());
    let exit = session.until_end(&engine);
    session.tty.give_back();
    engine.finish();
    Ok(exit)
}

impl Opening {
    fn begin(self, tty: &Tty) -> (App, Work) {
        let at = moment(&*self.clock);
        let desk = Arc::new(Desk::new(Arc::clone(&self.plan), at.wall));
        let mut app = App::new(desk, at, self.screens, tty.size());
        app.look.theme = self.theme;
        app.keymap = self.keymap;
        app.is_read_only = self.is_read_only;
        app.commands = self.commands;
        app.mistakes = self.mistakes;
        app.notices = self.notices;
        let work = Work {
            plan: self.plan,
            loaded: self.loaded,
            state: self.state,
            redactor: self.redactor,
            only_looks: self.is_read_only,
            behind: self.behind,
        };
        (app, work)
    }
}

/// The terminal, the state, and what goes between them.
pub(super) struct Session {
    pub(super) app: App,
    pub(super) tty: Arc<Tty>,
    pub(super) signals: Signals,
    pub(super) messages: Receiver<Message>,
    pub(super) mail: Mail,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) saves: Option<Saves>,
    pub(super) starter: Option<Starter>,
    pub(super) input: Input,
    pub(super) encoder: Encoder,
    pub(super) outbox: Outbox,
    /// What the terminal shows, once everything on its way has arrived.
    pub(super) shown: Buffer,
    /// What it shows is not known.
    pub(super) is_whole: bool,
    /// When the last picture was drawn.
    pub(super) drawn: Duration,
    /// When something was read last.
    pub(super) read_at: Duration,
    pub(super) end: Option<Exit>,
}

impl Session {
    fn until_end(&mut self, engine: &Engine) -> Exit {
        loop {
            if let Some(exit) = self.end {
                return exit;
            }
            let woken = wait(&self.tty, &self.signals, !self.outbox.is_empty(), self.patience());
            let told = self.signals.told();
            self.heed(told);
            if self.end.is_none() && !self.tty.is_in_front() {
                // Let go on behind a shell, whose keys are not ours to read.
                self.come_back();
            }
            if self.end.is_some() {
                continue;
            }
            if woken.keys {
                self.read();
            } else if woken.gone {
                self.gone();
            } else {
                self.give_up();
            }
            self.news();
            engine.wish(self.app.wish());
            engine.wish_point(self.app.wished_point());
            engine.wish_retention(self.app.wishes_retention());
            self.draw();
        }
    }

    /// How long nothing has to be done.
    fn patience(&self) -> Duration {
        let at = moment(&*self.clock);
        let second = Duration::from_millis(1000 - u64::from(at.wall.timestamp_subsec_millis().min(999)));
        let rest = self.input.patience().map_or(second, |most| (self.read_at + most).saturating_sub(at.boot));
        let is_drawn_soon = self.app.due == Due::Soon && self.outbox.is_empty();
        let frame = if is_drawn_soon { (self.drawn + FRAME).saturating_sub(at.boot) } else { second };
        second.min(rest).min(frame)
    }

    /// What was begun and is not going on any more is taken as it is.
    fn give_up(&mut self) {
        let over = self.input.patience().is_some_and(|most| self.clock.since_boot() >= self.read_at + most);
        if over {
            let mut events = Vec::new();
            self.input.give_up(&mut events);
            self.take_in(events);
        }
    }

    fn heed(&mut self, told: Told) {
        if self.is_told_to_end(told) {
            return;
        }
        if told.suspend {
            self.perform(Effect::Suspend);
        } else if told.went_on {
            self.come_back();
        } else if told.resize {
            self.tell(Message::Size(self.tty.size()));
        }
    }

    pub(super) fn is_told_to_end(&mut self, told: Told) -> bool {
        if told.hang_up && self.tty.is_hung_up() {
            self.tty.forget();
        }
        if told.end {
            self.end = Some(Exit::Interrupted);
        }
        told.end
    }

    pub(super) fn gone(&mut self) {
        self.tty.forget();
        self.end = Some(Exit::Interrupted);
    }

    fn read(&mut self) {
        let mut bytes = vec![0; GULP];
        match self.tty.read(&mut bytes) {
            Ok(count) => {
                self.read_at = self.clock.since_boot();
                let mut events = Vec::new();
                self.input.feed(&bytes[..count], &mut events);
                self.take_in(events);
            }
            Err(_) => self.gone(),
        }
    }

    fn take_in(&mut self, events: Vec<Event>) {
        for event in events {
            self.tell(Message::Input(event));
        }
    }

    /// What other threads have told. Of several pictures only the newest counts.
    fn news(&mut self) {
        let mut newest = None;
        while let Ok(message) = self.messages.try_recv() {
            match message {
                Message::Desk(desk) => newest = Some(desk),
                other => self.tell(other),
            }
        }
        if let Some(desk) = newest {
            self.tell(Message::Desk(desk));
        }
        let second = moment(&*self.clock).wall.timestamp();
        if second != self.app.look.now.timestamp() {
            self.tell(Message::Tick);
        }
    }

    pub(super) fn tell(&mut self, message: Message) {
        let at = moment(&*self.clock);
        let effects = self.app.update(message, at);
        for effect in effects {
            self.perform(effect);
        }
    }

    /// Draws what is due, and hands over as much as the terminal takes. While it takes nothing, nothing is drawn.
    fn draw(&mut self) {
        self.send();
        let boot = self.clock.since_boot();
        let is_due = match self.app.due {
            Due::No => self.is_whole,
            Due::Soon => boot >= self.drawn + FRAME,
            Due::Now => true,
        };
        if is_due && self.outbox.is_empty() && !self.tty.is_gone() {
            let next = self.app.draw();
            let whole = std::mem::take(&mut self.is_whole) || next.area != self.shown.area;
            let bytes = if whole { self.encoder.whole(&next) } else { self.encoder.change(&self.shown, &next) };
            self.outbox.put(bytes);
            self.shown = next;
            self.drawn = boot;
            self.send();
        }
    }

    fn send(&mut self) {
        if !self.tty.is_gone() && self.outbox.send(&self.tty).is_err() {
            self.gone();
        }
    }
}

/// What time it is.
pub(super) fn moment(clock: &dyn Clock) -> Moment {
    Moment { wall: clock.now(), boot: clock.since_boot() }
}
