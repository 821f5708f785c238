//! The recovery plan: its types, loading it with every place remembered, and checking it.
//!
//! Reads plan files and nothing else. Opens no connection and resolves no secret.

mod condition;
mod critical_path;
mod finding;
mod load;
pub mod locate;
mod names;
mod place;
mod secret;
pub mod source;
pub mod types;

pub use condition::{Comparison, Condition, ConditionError, FactPath, FactValue, HowMany};
pub use critical_path::{CriticalPath, critical_path, in_order, needs_of};
pub use finding::{Finding, FindingReport, Level};
pub use load::{Loaded, assemble, load};
pub use place::Place;
pub use secret::{SecretRef, SecretRefError};
pub use source::LoadError;
pub use types::Plan;
