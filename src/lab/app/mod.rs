//! The application of a site: a small agent platform over HTTP that really uses all three servers.
//!
//! Touches only the servers it is told, and its log. Its answers never repeat a password.

mod certificate;
mod error;
mod health;
mod log;
mod metrics;
mod options;
mod routes;
mod serve;

pub use error::AppError;
pub use options::{Options, Tls};
pub use serve::{Server, serve};
