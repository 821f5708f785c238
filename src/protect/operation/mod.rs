//! Operations, each a process of its own, as everybody sees them who shares the state folder: what is under way, how far
//! it is, how it ended; and how one is started and called off.
//!
//! ```text
//! STATE/running/bastion-1-4711-0.json     what one tells while it runs, and for a while after its end
//! STATE/running/1732-….out                what one that was started from elsewhere printed
//! ```
//!
//! What is told here serves those who look on. Who may act is decided by claims, and what was done is in the journal.

mod call_off;
mod logout;
mod look;
mod record;
mod telling;
mod usual;
mod words;
mod worker;

use call_off::may_end;
pub use call_off::{NotCalledOff, call_off};
pub use look::{Looker, Seen, Standing};
pub use record::{About, Doing, Ended, Operation};
pub use telling::{Operations, Telling};
pub(in crate::protect) use usual::HISTORY;
pub use usual::compare_with_usual;
pub use worker::{Invocation, NotStarted, Worker};

/// The room of the state folder.
const ROOM: &str = "running";
