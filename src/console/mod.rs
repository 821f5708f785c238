//! The console: the full-screen terminal UI. It draws the desk and takes keys; whatever is to be done it asks of
//! a room below.
//!
//! May use the desk and the rooms below it, and the terminal. Its engine starts the watching; what is drawn is drawn
//! from the desk alone. Never performs a change, and never writes to a terminal that is gone.

pub mod action;
pub mod app;
pub mod canvas;
pub mod clipboard;
pub mod fetch;
pub mod fetch_point;
pub mod fetch_retention;
pub mod frame;
pub mod order;
pub mod overlays;
pub mod screens;
pub mod settings;
pub mod terminal;
pub mod theme;
pub mod view;
pub mod widgets;
mod wishes;

pub use action::Action;
pub use app::{Behind, Opening, run};
pub use canvas::{Canvas, Piece};
pub use screens::{Reply, Screen, ScreenId};
pub use theme::{Role, Theme};
pub use view::{View, Zone};
