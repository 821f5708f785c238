//! Archives of files as `tar` reads them: written in a stream, and walked through as they pass by.

mod header;
mod pack;
mod walk;

pub use header::{Entry, Kind};
pub use pack::{Pack, Read as FileRead};
pub use walk::{Member, read, walk};
