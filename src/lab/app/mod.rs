//! The application of a site: a small agent platform over HTTP that really uses all three servers.
//!
//! Touches only the servers it is told. Its answers never repeat a password.

mod options;

pub use options::{Options, Tls};
