//! The vault: where recovery points lie, what they are called, and what of them is there.
//!
//! May read and write stores. Knows names, sizes and times; how a system's data is taken or read is a matter of
//! `systems`.
//!
//! To look: [`look()`] at the stores of a plan, then [`Catalogue::of`] what was found there.

mod by_hand;
mod cache;
mod catalogue;
mod copy;
mod deposit;
mod directory;
mod folders;
mod hold;
mod layout;
pub mod log;
mod look;
mod manifest;
mod media;
mod naming;
mod open;
mod pass;
mod piece;
mod point;
mod receipt;
pub mod recipe;
pub mod retention;
mod shared;
mod taken;
mod taking;
mod thaw;
pub mod usual;
pub mod window;

pub use by_hand::{ByHand, Line, by_hand};
pub use cache::Cache;
pub use catalogue::Catalogue;
pub use copy::{Copying, NotCopied};
pub use deposit::Deposit;
pub use directory::{Holding, OURS, list};
pub use folders::Folders;
pub use hold::Hold;
pub use layout::{Place, Rhythm};
pub use look::{Known, Listing, Unseen, look, unanswered};
pub use manifest::{File, Manifest, NotOurs, Origin};
pub use media::{GIVEN_UP_AFTER, Media, MediaError, Sending, Tickets, Trouble, far};
pub use naming::{Named, Note, Part, Sort, named};
pub use open::{Contents, Keys, NoIdentity, NotOpened, Opened, open, sum_of};
pub use pass::{Chunk, Pace, Packing, Progress, Seal, SealError, Sum};
pub use piece::{Account, KeepError, Keeper, Kept, Piece, Restore, Source};
pub use point::{Copied, Point, State};
pub use receipt::{Found, Receipt, Taint, note_key};
pub use shared::{Room, Shared};
pub use taken::{Precision, Taken};
pub use taking::{Delivered, Taking};
pub use thaw::{Reader, Readiness, Thawing, first_byte};
