//! Buckets, of AWS and of whatever speaks its protocol: what stores need of them, and no more.
//!
//! Every request is bounded in bytes and in the time nothing moves, tried again where that helps, and signed by the
//! clock of the service. What services say is harmless before it is repeated; keys of a bucket are as they came.

mod begun;
mod bucket;
mod checksum;
mod client;
mod condition;
mod encryption;
mod error;
mod flow;
mod judge;
mod keys;
mod list;
pub(crate) mod listing;
mod metadata;
mod object;
mod payload;
pub(crate) mod place;
mod profile;
pub(crate) mod random;
mod read;
mod rules;
mod send;
mod settings;
pub(crate) mod signed;
mod sizes;
mod spool;
mod surroundings;
mod thaw;
mod upload;
mod wait;
mod wallet;
mod write;
pub(crate) mod xml;

pub use bucket::Bucket;
pub use error::{S3Error, Trouble};
pub use keys::Keys;
pub use list::Listed;
pub use listing::Entry;
pub use object::{About, Thaw};
pub use payload::Payload;
pub use read::Download;
pub use rules::{LifecycleRule, Lock, LockMode, Retention};
pub use settings::Settings;
pub use sizes::PartSizes;
pub use spool::{Spool, Spooled};
pub use surroundings::Surroundings;
pub use thaw::{Asked, Tier};
pub use upload::{Part, Ticket, Upload};
pub use write::{Options, Removed, Written};
