//! The terminal: taken over, drawn on with as few bytes as possible, and always given back.
//!
//! Nothing here ever asks the terminal a question, and nothing waits for one that has stalled.

mod csi;
mod encoder;
mod input;
mod key;
mod outbox;
mod sgr;
mod signals;
mod suspend;
mod tty;
mod wait;

pub use encoder::Encoder;
pub use input::{Event, Input, Mouse};
pub use key::{Code, Key, KeyError};
pub use outbox::Outbox;
pub use sgr::sixteen;
pub use signals::{Signals, Told, Waker};
pub use suspend::{has_shell, stop};
pub use tty::{NoTerminal, Size, Tty};
pub use wait::{Woken, wait};
