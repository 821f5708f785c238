//! The recovery plan: its types, loading it with every place remembered, and checking it.
//!
//! Reads plan files, and writes one only where none is. Opens no connection and resolves no secret.

pub mod beginning;
mod check;
mod condition;
mod critical_path;
mod duty;
mod environment;
pub mod facts;
mod finding;
mod finding_text;
mod leaves;
mod load;
pub mod locate;
mod message_variables;
mod names;
mod objectives;
mod overview;
mod place;
mod runbook;
mod schedule;
mod secret;
pub mod source;
pub mod types;
mod uses;
mod word;

pub use check::{check, masked, named_zone, without_secrets, zone_of};
pub use condition::{Comparison, Condition, ConditionError, FactPath, FactValue, HowMany, subject_matches};
pub use critical_path::{CriticalPath, Timing, all_needs, time_of, timing};
pub use duty::{Call, call, first_calls};
pub use environment::{Environment, Stakes};
pub use finding::{Finding, FindingReport, Level, reports};
pub use finding_text::{Drawing, draw};
pub use leaves::{leaves, taken_on};
pub use load::{Loaded, assemble, load};
pub use names::nearest;
pub use objectives::rpo_of;
pub use overview::{LISTS, List, Row, complete, does, when};
pub use place::Place;
pub use runbook::pages;
pub use schedule::{CronSchedule, Schedule, ScheduleError};
pub use secret::{SecretRef, SecretRefError};
pub use source::{LoadError, regular};
pub use types::Plan;
pub use uses::{UsedPlace, UsedSecret};
pub use word::word;
