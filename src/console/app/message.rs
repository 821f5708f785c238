//! What happens to the console, and what it wants done.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::console::fetch::LogAnswer;
use crate::console::fetch_point::PointAnswer;
use crate::console::fetch_retention::RetentionAnswer;
use crate::console::order::Order;
use crate::console::terminal::{Event, Size};
use crate::desk::Desk;
use crate::protect::operation::Operation;

/// What time it is: for people, and for waiting, since the clock on the wall may jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// On the wall.
    pub wall: DateTime<Utc>,
    /// Since the machine was started.
    pub boot: Duration,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key, a paste, the mouse.
    Input(Event),
    /// A new picture.
    Desk(Arc<Desk>),
    /// The lines of a log that a screen wished for.
    Log(LogAnswer),
    /// The recovery point that a screen wished for.
    Point(PointAnswer),
    /// What would be thrown away, as a screen wished to know.
    Retention(RetentionAnswer),
    /// A second went by.
    Tick,
    /// The terminal has this size now.
    Size(Size),
    /// A task of our own broke; the rest goes on.
    Fault(String),
    /// Something that was asked for is done, or could not be.
    Said(String),
}

/// Something that is to be done outside the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop for a while.
    Suspend,
    /// Draw everything, whatever the terminal shows.
    Repaint,
    /// This on the clipboard.
    Clipboard(String),
    /// Write the screen to a file.
    Save,
    /// The mouse on or off.
    Mouse(bool),
    /// Start the worker for this.
    Start(Order),
    /// Ask the process of this to end.
    CallOff(Box<Operation>),
}
