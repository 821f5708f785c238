//! All that the console knows of itself. It changes by messages only, and takes the time from them.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::message::Moment;
use crate::console::action::{Action, Info, Keymap, Scope};
use crate::console::fetch::{LogAnswer, LogWish};
use crate::console::overlays::{Field, Overlay};
use crate::console::terminal::Size;
use crate::console::{Screen, ScreenId, Theme, View, Zone};
use crate::desk::Desk;

/// The state of the console.
pub struct App {
    pub(in crate::console) look: Look,
    pub(in crate::console) panes: Vec<Pane>,
    /// The place of the screen that is shown, among the panes.
    pub(in crate::console) current: usize,
    /// The screens before it, for the way back.
    pub(super) trail: Vec<usize>,
    pub(in crate::console) keymap: Keymap,
    pub(in crate::console) is_read_only: bool,
    /// Whether there is a state folder for workers to tell in.
    pub(super) can_start: bool,
    /// Whether the end of the login would end workers, too.
    pub(in crate::console) ends_at_logout: bool,
    pub(in crate::console) commands: Commands,
    /// How many mistakes the plan has.
    pub(super) mistakes: usize,
    /// What a filter is typed into, while it is.
    pub(in crate::console) prompt: Option<Field>,
    pub(in crate::console) overlay: Option<Overlay>,
    pub(super) said: Option<Said>,
    /// Faults of our own tasks, each once.
    pub(super) faults: Vec<String>,
    /// What is wrong with the user's configuration; gone when it has been read.
    pub(in crate::console) notices: Vec<String>,
    /// What came of a wish while the screen stood still.
    pub(super) held: Option<LogAnswer>,
    /// Until when a second Ctrl-C leaves.
    pub(super) leaves_until: Option<Duration>,
    pub(super) has_mouse: bool,
    pub(super) size: Size,
    /// Where the navigation was drawn.
    pub(super) spots: Vec<Spot>,
    pub(super) due: Due,
}

/// A screen and the filter it was given.
pub struct Pane {
    /// Which screen.
    pub id: ScreenId,
    /// The screen.
    pub screen: Box<dyn Screen>,
    /// What its list is filtered by.
    pub filter: String,
}

/// How the one who looks wants to see it.
pub(in crate::console) struct Look {
    pub(in crate::console) desk: Arc<Desk>,
    pub(in crate::console) frozen: Option<Frozen>,
    pub(in crate::console) now: DateTime<Utc>,
    pub(in crate::console) boot: Duration,
    pub(in crate::console) zone: Zone,
    pub(in crate::console) theme: Theme,
}

/// A picture that stands still.
#[derive(Clone, Debug)]
pub struct Frozen {
    /// What was known then.
    pub desk: Arc<Desk>,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Commands that are told, made to work on the same plan.
#[derive(Clone, Debug, Default)]
pub struct Commands {
    /// Looks at this bastion.
    pub doctor: String,
    /// Finds the mistakes of the plan.
    pub check: String,
}

/// Where a screen's name stands in the navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// In these columns.
    pub columns: Range<u16>,
    /// In this line.
    pub line: u16,
    /// Which screen.
    pub id: ScreenId,
}

/// A word to the one at the keyboard, gone after a while.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) until: Duration,
}

/// Whether the picture is to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    No,
    /// With others that come soon.
    Soon,
    Now,
}

impl Look {
    /// What a screen is given.
    pub(in crate::console) fn view(&self) -> View<'_> {
        let (desk, now) = self.frozen.as_ref().map_or((&*self.desk, self.now), |frozen| (&*frozen.desk, frozen.at));
        View { desk, now, zone: self.zone, theme: &self.theme }
    }

    /// The same as it is at this moment, also where the picture stands still: what is to be done is done to that.
    pub(in crate::console) fn live(&self) -> View<'_> {
        View { desk: &self.desk, now: self.now, zone: self.zone, theme: &self.theme }
    }
}

impl App {
    /// The console before anything has happened.
    pub fn new(desk: Arc<Desk>, at: Moment, panes: Vec<(ScreenId, Box<dyn Screen>)>, size: Size) -> App {
        let pane = |(id, screen)| Pane { id, screen, filter: String::new() };
        App {
            look: Look { desk, frozen: None, now: at.wall, boot: at.boot, zone: Zone::Local, theme: Theme::default() },
            panes: panes.into_iter().map(pane).collect(),
            current: 0,
            trail: Vec::new(),
            keymap: Keymap::new(crate::console::action::Danger::MOST),
            is_read_only: false,
            can_start: true,
            ends_at_logout: false,
            commands: Commands::default(),
            mistakes: 0,
            prompt: None,
            overlay: None,
            said: None,
            faults: Vec::new(),
            notices: Vec::new(),
            held: None,
            leaves_until: None,
            has_mouse: false,
            size,
            spots: Vec::new(),
            due: Due::Now,
        }
    }

    /// The screen that is shown.
    pub(in crate::console) fn pane(&self) -> Option<&Pane> {
        self.panes.get(self.current)
    }

    /// What can be done now, most useful first: the same for footer, help and palette.
    pub fn offers(&self) -> Vec<&'static Info> {
        let offered = self.pane().map_or(&[][..], |pane| pane.screen.actions());
        let of_screen = offered.iter().filter_map(|action| action.info());
        let moves = Info::all().filter(|info| info.scope == Scope::Screen && !offered.contains(&info.action));
        let ours = Info::all().filter(|info| info.scope == Scope::Console && self.exists(info.action));
        of_screen.chain(ours).chain(moves).filter(|info| self.keymap.allows(info.action)).collect()
    }

    /// Whether there is anything behind it: a screen that was not built cannot be gone to.
    fn exists(&self, action: Action) -> bool {
        match action {
            Action::Go(id) => self.panes.iter().any(|pane| pane.id == id),
            _ => true,
        }
    }

    /// The log that the screen that is shown wants to read.
    pub fn wish(&self) -> Option<LogWish> {
        self.pane()?.screen.wants(&self.look.view())
    }

    /// The recovery point that the screen that is shown wants to show in full.
    pub fn wished_point(&self) -> Option<Arc<str>> {
        self.pane()?.screen.wants_point()
    }

    /// Whether the screen that is shown wants to show what would be thrown away.
    pub fn wishes_retention(&self) -> bool {
        self.pane().is_some_and(|pane| pane.screen.wants_retention())
    }

    /// How many lines a screenful is.
    pub(in crate::console) fn page(&self) -> u16 {
        self.size.height.saturating_sub(5).max(1)
    }

    /// The word to the one at the keyboard, if there is one now.
    pub fn said(&self) -> Option<&str> {
        self.said.as_ref().map(|said| said.text.as_str())
    }

    /// The navigation was drawn here.
    pub(in crate::console) fn note_spots(&mut self, spots: Vec<Spot>) {
        self.spots = spots;
    }

    /// Says something in the footer for a while.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        const READING: Duration = Duration::from_secs(6);
        let text: String = text.into();
        let until = self.look.boot + READING.max(Duration::from_millis(80 * text.chars().count() as u64));
        self.said = Some(Said { text, until });
    }
}
