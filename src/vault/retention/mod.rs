//! Retention: which recovery points of a store stay, and why. Nothing here throws anything away.
//!
//! A *series* is what lies in one store of one component and method. Of each, at least the newest good one stays.

mod fate;
mod judge;
#[cfg(test)]
mod laws;
mod logs;
mod rules;
mod survey;
mod verdict;
mod worth;

pub use fate::{Fate, fate};
pub use judge::{Candidate, Standing, judge};
pub use logs::Needless;
pub use rules::Rules;
pub use survey::{Judged, Series, Survey};
pub use verdict::{Period, Reason, Verdict, Why};
pub use worth::worth_copying;
