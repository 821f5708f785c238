//! The recovery plan: its types, loading it with every place remembered, and checking it.
//!
//! Reads plan files and nothing else. Opens no connection and resolves no secret.

mod condition;
mod place;
mod secret;
pub mod types;

pub use condition::{Comparison, Condition, ConditionError, FactPath, FactValue, HowMany};
pub use place::Place;
pub use secret::{SecretRef, SecretRefError};
pub use types::Plan;
