//! Logs of components: where the plan says they are, how many of their lines tell of an error, and their end.
//!
//! Only read, and never more than a few hundred kilobytes at once. What stands in them is untrusted.

mod count;
mod engine;
mod error;
mod file;
mod journal;
mod kind;
mod line;
mod moment;
mod source;
mod tail;
mod watch;

pub use error::LogError;
pub use line::{Level, LogLine};
pub use source::{Source, container, source};
pub use tail::tail;
pub use watch::LogWatch;

/// How much of a log is read at once.
const MOST: u64 = 256 * 1024;
