//! The console with a clock of its own and, mostly, a screen of its own.

mod asking;
mod doubts;
mod leaving;
mod nonsense;
mod screens;
mod typing;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ratatui::buffer::{Buffer, Cell};

use super::{App, Effect, Message, Moment};
use crate::console::terminal::{Event, Key, Size};
use crate::console::{Action, Canvas, Reply, Role, Screen, ScreenId, View};
use crate::desk::Desk;
use crate::plan::assemble;
use crate::plan::source::File;

const PLAN: &str = "
[platform]
name = 'trial'
title = 'Trial'
environment = 'drill'
[[site]]
name = 'primary'
[[component]]
name = 'agent-db'
kind = 'postgres'
site = 'primary'
priority = 1
rto = '1h'
address = 'postgresql://127.0.0.1:1/x'
[[component]]
name = 'session-cache'
kind = 'redis'
site = 'primary'
priority = 2
rto = '1h'
address = 'redis://127.0.0.1:1'
";

/// A list of three words.
#[derive(Default)]
struct Words {
    chosen: usize,
    filter: String,
    shown: usize,
}

impl Screen for Words {
    fn title(&self) -> &'static str {
        "Words"
    }

    fn actions(&self) -> &'static [Action] {
        &[Action::Open, Action::Filter, Action::Copy]
    }

    fn act(&mut self, action: Action, _view: &View<'_>) -> Reply {
        match action {
            Action::Down => self.chosen += 1,
            Action::Up => self.chosen = self.chosen.saturating_sub(1),
            Action::Open => return Reply::Component(self.chosen),
            Action::Copy => return Reply::Copy("x".repeat(self.chosen * 40_000)),
            _ => return Reply::Ignored,
        }
        Reply::Done
    }

    fn filter(&mut self, text: &str, _view: &View<'_>) {
        text.clone_into(&mut self.filter);
    }

    fn show(&mut self, component: usize) {
        self.shown = component;
    }

    fn draw(&mut self, _view: &View<'_>, canvas: &mut Canvas<'_>) {
        let text = format!("line {} of {:?}, component {}", self.chosen, self.filter, self.shown);
        canvas.put(0, 0, &text, Role::Text);
    }
}

/// The console with a clock of its own.
struct Trial {
    app: App,
    at: Moment,
}

fn desk() -> Desk {
    let loaded = assemble(vec![File { path: "plan.toml".into(), text: PLAN.to_owned() }], Vec::new());
    Desk::new(Arc::new(loaded.plan.unwrap()), DateTime::UNIX_EPOCH)
}

impl Trial {
    fn new() -> Trial {
        let words = |id| (id, Box::new(Words::default()) as Box<dyn Screen>);
        Trial::with(vec![words(ScreenId::Overview), words(ScreenId::Component), words(ScreenId::Journal)])
    }

    fn with(panes: Vec<(ScreenId, Box<dyn Screen>)>) -> Trial {
        let wall: DateTime<Utc> = "2024-11-18T02:12:45Z".parse().unwrap();
        let at = Moment { wall, boot: Duration::from_secs(1000) };
        Trial { app: App::new(Arc::new(desk()), at, panes, Size { width: 80, height: 24 }), at }
    }

    fn tell(&mut self, message: Message) -> Vec<Effect> {
        self.app.update(message, self.at)
    }

    /// Keys by their names; the effects of all of them.
    fn keys(&mut self, names: &str) -> Vec<Effect> {
        let keys = names.split(' ').map(|name| name.parse::<Key>().unwrap());
        keys.flat_map(|key| self.tell(Message::Input(Event::Key(key)))).collect()
    }

    fn paste(&mut self, text: &str) {
        self.tell(Message::Input(Event::Paste(text.to_owned())));
    }

    fn wait(&mut self, seconds: u64) {
        self.at.boot += Duration::from_secs(seconds);
        self.at.wall += chrono::TimeDelta::seconds(seconds.try_into().unwrap());
        self.tell(Message::Tick);
    }

    fn text(&mut self) -> String {
        text(&self.app.draw())
    }

    #[track_caller]
    fn shows(&mut self, wanted: &str) {
        let text = self.text();
        assert!(text.contains(wanted), "{wanted:?} is not in\n{text}");
    }

    #[track_caller]
    fn hides(&mut self, unwanted: &str) {
        let text = self.text();
        assert!(!text.contains(unwanted), "{unwanted:?} is in\n{text}");
    }
}

fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let line = |y| (area.left()..area.right()).filter_map(|x| buffer.cell((x, y))).map(Cell::symbol).collect();
    (area.top()..area.bottom()).map(line).collect::<Vec<String>>().join("\n")
}
