//! The console at work: a pure state that messages change, and the loop that feeds it and draws it.
//!
//! The drawing thread never waits for a system, a disk or the terminal; all of these send it messages.

mod act;
mod banners;
mod draw;
mod engine;
mod faults;
mod input;
mod mail;
mod message;
mod opening;
mod perform;
mod reply;
mod save;
mod session;
mod start;
mod state;

pub use banners::Banner;
pub use message::{Effect, Message, Moment};
pub use opening::{Behind, Opening};
pub use session::run;
pub use state::{App, Commands, Frozen, Pane, Spot};

#[cfg(test)]
mod tests;
