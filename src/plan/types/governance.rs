//! Who has agreed to the plan, who looks it over, and what it replaces.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::text::Span;

/// Somebody who has to agree.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Approval {
    /// The role that agrees.
    pub role: String,
    /// Who did.
    pub by: Option<String>,
    /// When.
    pub on: Option<NaiveDate>,
}

/// Something that is looked over regularly.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Review {
    /// What.
    pub of: String,
    /// How often.
    pub every: Span,
    /// When it last was.
    pub last: Option<NaiveDate>,
}

/// An edition of the plan.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Edition {
    /// Its number.
    pub version: String,
    /// Its date.
    pub date: Option<NaiveDate>,
    /// Who wrote it.
    pub author: Option<String>,
    /// What changed.
    pub changes: Option<String>,
}

/// A script whose work Lifeboat does instead.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Script {
    /// The script.
    pub name: String,
    /// What it did.
    pub purpose: Option<String>,
}

/// What a report must contain.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Report {
    /// Which report.
    pub name: String,
    /// What is in it.
    pub contains: Vec<String>,
}

/// A figure that a source states otherwise than the plan. The plan acts on its own value alone; this
/// one is kept so that the next review settles it.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stated {
    /// What it is about, by its name in this plan.
    pub of: String,
    /// The key that holds the plan's own value: `rpo`, `keep.age`.
    pub key: String,
    /// The value as the source has it.
    pub value: String,
    /// The source.
    pub by: String,
}
