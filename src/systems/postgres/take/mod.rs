//! Taking a database: as a dump, as SQL, or the whole server file by file.
//!
//! What the programs of `PostgreSQL` say of themselves is not believed: what they write is read to its end while it
//! goes by, and its rows are compared with those of the snapshot that it was taken in.

mod base;
mod dump;
mod program;
mod restore;
mod roles;
mod snapshot;
mod stream;

pub use base::base;
pub use dump::{dump, sql};
