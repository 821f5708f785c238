//! Scenarios and the decision tree.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::plan::Condition;
use crate::text::Span;

/// How bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
pub enum Severity {
    /// Critical.
    P1,
    /// High.
    P2,
    /// Medium.
    P3,
}

/// How likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Probability {
    /// Once in many years.
    Low,
    /// Every few years.
    Medium,
    /// Every year.
    High,
}

/// A kind of disaster.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Scenario {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// What has failed.
    #[serde(default)]
    pub of: Vec<String>,
    /// How bad it is.
    pub severity: Option<Severity>,
    /// How likely it is.
    pub probability: Option<Probability>,
    /// What it does to the users.
    pub impact: Option<String>,
    /// How deep it goes.
    pub tier: Option<u8>,
    /// How long the way out may take.
    pub rto: Option<Span>,
    /// How much data may be lost.
    pub rpo: Option<Span>,
    /// Whether the plan promises that no data are lost, beside its RPO.
    pub no_data_loss: Option<bool>,
    /// What it is recognised by.
    #[serde(default)]
    pub triggers: Vec<Condition>,
    /// The way out.
    pub procedure: Option<String>,
    /// The region to recover in.
    pub region: Option<String>,
    /// The way out in a word or two.
    pub method: Option<String>,
    /// What stays risky, and what is done about it.
    #[serde(default)]
    pub risks: IndexMap<String, String>,
}

/// A question of the decision tree.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Decision {
    /// Its name in this plan.
    pub name: String,
    /// The question.
    pub ask: String,
    /// The fact that answers it; a person does if left out.
    pub answer: Option<String>,
    /// Where each answer leads: another question or a procedure.
    #[serde(default)]
    pub then: IndexMap<String, String>,
}
