//! Everything that can be done in the console, each thing once: keys, footer, help, palette, configuration and
//! documentation all come from this registry.

mod config;
mod keymap;
mod page;
mod registry;

pub use config::{KeyTrouble, read};
pub use keymap::Keymap;
pub use page::page;
pub use registry::{Danger, Info, Scope};

use super::ScreenId;

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// A screenful up.
    PageUp,
    /// A screenful down.
    PageDown,
    /// To the first line.
    First,
    /// To the last line.
    Last,
    /// What is to the left: another pane or tab.
    Left,
    /// What is to the right: another pane or tab.
    Right,
    /// Open what is chosen.
    Open,
    /// One step back.
    Back,
    /// Fold or unfold a group.
    Fold,
    /// Problems first, or everything in its order.
    Problems,
    /// Show or hide the details beside a list.
    Details,
    /// Filter the list.
    Filter,
    /// Copy what is chosen.
    Copy,
    /// Follow the newest line, or stand still.
    Follow,
    /// Only what matters, or everything.
    Level,
    /// Recovery points, or the jobs that take them.
    Jobs,
    /// Take a recovery point now.
    BackUp,
    /// Read recovery points to their end.
    Verify,
    /// What would be thrown away, and what stays.
    Retention,
    /// Hold everything, or end the hold.
    Hold,
    /// Call off what is under way.
    CallOff,
    /// To a screen.
    Go(ScreenId),
    /// To the next screen of the navigation.
    NextScreen,
    /// To the one before.
    PreviousScreen,
    /// What can be done here.
    Help,
    /// Find an action, a screen or a component by its name.
    Palette,
    /// Let the picture stand still.
    Freeze,
    /// Local time or UTC.
    Zone,
    /// Write the screen to a file.
    Save,
    /// Turn the mouse on or off.
    Mouse,
    /// Draw everything again.
    Repaint,
    /// Stop, and leave the terminal to the shell for a while.
    Suspend,
    /// Leave what is open; at the top, leave the console.
    Cancel,
    /// Leave the console.
    Quit,
}
