//! The recovery plan: its types, loading it with every place remembered, and checking it.
//!
//! Reads plan files and nothing else. Opens no connection and resolves no secret.

pub mod head;
pub mod locate;
mod place;
mod secret;

pub use place::Place;
pub use secret::{SecretRef, SecretRefError};
