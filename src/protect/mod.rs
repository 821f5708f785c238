//! Protection: what is done so that there is something to restore from, and that it is known to be whole.
//!
//! May read and write stores and ask systems. Never changes a component.

pub mod due;
mod report;
pub mod run;
pub mod timetable;
mod verify;

pub use report::report;
pub use verify::{Verified, verify};
