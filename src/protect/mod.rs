//! Protection: what is done so that there is something to restore from, and that it is known to be whole.
//!
//! May read and write stores and ask systems. Never changes a component.

pub mod backup;
pub mod due;
mod report;
pub mod run;
pub mod standing;
pub mod timetable;
pub mod verify;

pub use report::report;
