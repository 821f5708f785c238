//! Where the plan comes from: files, their merged tree with every place remembered, and reading
//! types out of it so that all mistakes are found at once.

mod depth;
mod expected;
mod file;
mod identity;
mod merge;
mod path;
mod reader;
pub mod regular;
mod tree;

pub use file::{File, Lines, LoadError, Sources};
pub use identity::IDENTITIES;
pub use path::{Part, Path};
pub use tree::{Entry, Node, Origin, Value};

pub(super) use file::{Collected, collect};
pub(super) use merge::{join, overlay};
pub(super) use reader::read;
pub(super) use tree::parse;
