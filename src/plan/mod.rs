//! The recovery plan: its types, loading it with every place remembered, and checking it.
//!
//! Reads plan files, and writes one only where none is. Opens no connection and resolves no secret.

pub mod beginning;
mod check;
mod condition;
mod critical_path;
mod finding;
mod finding_text;
mod load;
pub mod locate;
mod message_variables;
mod names;
mod overview;
mod place;
mod runbook;
mod schedule;
mod secret;
pub mod source;
pub mod types;
mod word;

pub use check::{check, masked, without_secrets};
pub use condition::{Comparison, Condition, ConditionError, FactPath, FactValue, HowMany};
pub use critical_path::{CriticalPath, Timing, all_needs, time_of, timing};
pub use finding::{Finding, FindingReport, Level, reports};
pub use finding_text::{Drawing, draw};
pub use load::{Loaded, assemble, load};
pub use overview::{LISTS, List, Row, complete, when};
pub use place::Place;
pub use runbook::pages;
pub use schedule::{CronSchedule, Schedule, ScheduleError};
pub use secret::{SecretRef, SecretRefError};
pub use source::LoadError;
pub use types::Plan;
