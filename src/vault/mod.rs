//! The vault: where recovery points lie, what they are called, and what of them is there.
//!
//! May read and write stores. Knows names, sizes and times; how a system's data is taken or read is a matter of
//! `systems`.
//!
//! To look: [`look`] at the stores of a plan, then [`Catalogue::of`] what was found there.

mod catalogue;
mod directory;
mod folders;
mod look;
mod naming;
mod open;
mod piece;
mod point;
mod taken;

pub use catalogue::Catalogue;
pub use directory::{Holding, OURS, list};
pub use look::{Listing, Unseen, look};
pub use naming::{Named, Part, Sort, named};
pub use open::{NotOpened, open};
pub use piece::{Account, KeepError, Keeper, Kept, Piece, Restore, Source};
pub use point::{Copied, Point};
pub use taken::{Precision, Taken};
