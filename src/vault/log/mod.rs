//! The log of a database in the stores: what its files are called, how they are kept, and how far it leads.

mod course;
mod kept;
mod lying;
mod name;
mod told;

pub use course::{Beginning, Course, Ends, Lying, Merged};
pub use kept::{Keeping, LARGEST, LogError, LogKey, Outcome};
pub use lying::{Beside, Log, Piece};
pub(in crate::vault) use lying::{edges, is_ours, logs, told_beside};
pub use name::{LogFile, Lsn, SegmentName};
pub(in crate::vault) use told::TAIL;
pub use told::{Committed, Told, pack};
