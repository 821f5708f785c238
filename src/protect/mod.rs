//! Protection: what is done so that there is something to restore from, and that it is known to be whole.
//!
//! May read and write stores and ask systems. Changes nothing in a component but what taking needs: a checkpoint, a
//! rewrite, a snapshot in its repository; and deletes there what was taken and is kept no more.

pub mod backup;
pub mod copy;
pub mod due;
pub mod expire;
pub mod hold;
mod keepers;
pub mod operation;
mod report;
pub mod run;
pub mod standing;
pub mod taint;
pub mod timetable;
mod unlock;
pub mod verify;
pub mod wal;
mod ways;
pub mod window;
pub mod work;

pub use report::{report, tell_all};
