//! The log of a database in the stores: what its files are called, how they are kept, and how far it leads.

mod end;
mod kept;
mod name;
mod told;

pub use end::LogEnd;
pub(in crate::vault) use end::log_ends;
pub use kept::{Keeping, LogError, LogKey, Outcome};
pub use name::{LogFile, SegmentName};
pub use told::{Committed, Told, pack};
