//! An S3 endpoint over a directory: what the lab's stores are kept on.
//!
//! Touches its own folder and nothing else, and its peers over HTTP. Never trusts a key as a path.

mod disk;
mod error;
mod options;

pub use error::S3Error;
pub use options::{BucketOptions, Options, Peer, Settings};
