//! Changes of verdict: what is told and recorded, while readings themselves are not.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::plan::facts::Verdict;

/// A verdict that changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// The component.
    pub component: String,
    /// What it was.
    pub from: Verdict,
    /// What it is.
    pub to: Verdict,
    /// Since when it is so.
    pub at: DateTime<Utc>,
    /// Why, in one sentence; empty when it is well.
    pub reason: String,
    /// Whether this is the first that was ever told of it: nothing changed, it was only not known before.
    pub first: bool,
}
