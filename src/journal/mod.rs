//! The journal: the append-only, hash-chained record all state is folded from, and the claims.
//!
//! Writes below the state directory only; claims also beside what a store keeps. Never interprets what an event means for the platform.
//!
//! ```text
//! STATE/journal/bastion-1-3f2a9c07/   a chain: one a host, its processes taking turns
//!     000000000001.jsonl              a segment, named for its first event; closed ones are read-only
//!     lock, ballast                   whose turn it is; space kept for a full disk
//!     000000000001-4711-….torn        what an interrupted write left
//!     000000000001-4711-….altered     what was no longer as it had been written, at the end
//! STATE/journal/heads/bastion-1-3f2a9c07  how far that chain had come
//! STATE/journal/snapshots/            disposable
//! STATE/claims/                       who may act
//! ```
//!
//! To record: [`State::open`], [`Journal::open`], [`Journal::record`]; nothing an event announces may be
//! done before its [`Pending`] has answered. To read: a [`Fold`] opened with [`Folded::open`], or a
//! [`Reader`], followed live by a [`Follower`]. Reading checks the links between events; hashing every
//! byte again is what [`verify()`] does.

mod append;
mod aside;
mod ballast;
mod batch;
mod beside;
mod chain;
pub mod claim;
mod commit;
mod damage;
mod digest;
mod draft;
mod error;
mod event;
pub mod export;
mod filter;
mod finding;
mod fold;
mod follow;
mod heads;
pub mod host;
mod lane;
mod line;
mod lock;
mod medium;
mod moment;
mod others;
mod page;
mod place;
mod plain;
mod queue;
mod read;
mod segment;
mod state;
mod state_error;
mod summary;
mod tail;
mod trail;
mod trouble;
mod turn;
mod verify;

pub use chain::{ChainId, ChainIdError, Head, Heads};
pub use commit::{Journal, Pending, Settings};
pub use damage::Damage;
pub use digest::{Digest, DigestError};
pub use draft::Draft;
pub use error::JournalError;
pub use event::{ActorRef, Event, Kind};
pub use filter::Filter;
pub use finding::{Anchor, Break, ChainReport, Fault, Glimpse, Note, Report};
pub use fold::{Fold, Folded};
pub use follow::Follower;
pub use host::{Actor, Login};
pub use lane::Spot;
pub use line::LineFault;
pub use lock::{LockError, Turn};
pub use medium::{Disk, Medium, Sheet};
pub use place::Place;
pub use read::{Position, Reader};
pub use segment::{Closing, Opening};
pub use state::{Access, State};
pub use state_error::StateError;
pub use summary::{Latest, Summary};
pub use trouble::DiskError;
pub use verify::verify;
