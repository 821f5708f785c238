//! What is wrong with a plan's sense: references that lead nowhere, objectives that do not hold.

use chrono::{DateTime, Utc};

use super::{Finding, Loaded};

/// Everything that is wrong with a plan, words and sense.
pub fn check(loaded: &Loaded, _now: DateTime<Utc>) -> Vec<Finding> {
    loaded.findings.clone()
}
