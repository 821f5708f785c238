//! What the console is opened with.

use std::path::PathBuf;
use std::sync::Arc;

use super::state::Commands;
use crate::console::action::Keymap;
use crate::console::{Screen, ScreenId, Theme};
use crate::plan::{Loaded, Plan};
use crate::protect::operation::Invocation;
use crate::text::{Clock, Redactor};
use crate::watch::Recording;

/// What the console is opened with. Nothing of it was asked of anybody: the first picture needs the plan only.
pub struct Opening {
    /// The plan in force.
    pub plan: Arc<Plan>,
    /// The same with the places in its files.
    pub loaded: Arc<Loaded>,
    /// How many mistakes it has.
    pub mistakes: usize,
    /// The state folder, if there is one to be read.
    pub state: Option<PathBuf>,
    /// Nothing may be changed from here.
    pub is_read_only: bool,
    /// How everything looks.
    pub theme: Theme,
    /// Which key does what.
    pub keymap: Keymap,
    /// What is wrong with the user's configuration, a sentence each.
    pub notices: Vec<String>,
    /// How a worker is called.
    pub invocation: Invocation,
    /// Commands that are told.
    pub commands: Commands,
    /// The screens, in the order of the navigation.
    pub screens: Vec<(ScreenId, Box<dyn Screen>)>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Strips secrets.
    pub redactor: Redactor,
    /// What TERM says.
    pub term: Option<String>,
    /// Made after the first picture, on the thread that watches.
    pub behind: Box<dyn FnOnce() -> Behind + Send>,
}

/// What nobody has to wait for.
#[derive(Default)]
pub struct Behind {
    /// Where changes of verdict are recorded, if they may be.
    pub recording: Option<Recording>,
    /// What has to live as long as the watching: the log.
    pub kept: Option<Box<dyn Send>>,
}
