//! An S3 endpoint over a directory: what the lab's stores are kept on.
//!
//! Touches its own folder and nothing else, and its peers over HTTP. Never trusts a key as a path.
//!
//! ```text
//! DIRECTORY/
//!   lock                     held by the one process that serves it
//!   settings.json            quota and thaw delay, read again whenever it changes
//!   buckets/NAME/
//!     bucket.json            region, versioning, encryption, replication, lifecycle
//!     records/HASH.VERSION.json   one version of one key, HASH being the SHA-256 of the key
//!     data/FILE              the bytes; one file for an object, one for each part of an upload
//!     uploads/ID/            upload.json and part-NNNNN.json of an upload in parts under way
//! ```
//!
//! A version exists from the moment its record does. Bytes are written and fsynced first, under a name
//! that nothing refers to; the record is written under another name, fsynced and renamed, its folder
//! fsynced, and only then the client is answered. So a crash leaves at most bytes that nobody refers to,
//! and the next start sweeps them away. Listings come from an index in memory, which is read from the
//! records at the start. Writers of a bucket take turns, which is what makes conditions exact.
//!
//! What is kept and reported but not done: encryption, and the expiry of lifecycle rules. Delete markers
//! are not replicated, as with AWS by default. There are no access points, tags or object locks.

mod announce;
mod answer;
mod archive;
mod assemble;
mod bucket;
mod commit;
mod digest;
mod disk;
mod error;
mod files;
mod intake;
mod listing;
mod options;
mod outflow;
mod record;
mod replicate;
mod rules;
mod serve;
mod service;
mod store;
mod upload;

pub use error::S3Error;
pub use files::data_files;
pub use options::{BucketOptions, Options, Peer, Settings};
pub use serve::{Server, serve};

pub(in crate::lab) use crate::reach::sign;
