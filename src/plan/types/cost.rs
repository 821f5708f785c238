//! What an outage costs, and what being ready for it costs. Whole units of the platform's currency.

use serde::{Deserialize, Serialize};

use super::Percent;
use crate::text::{Size, Span};

/// All costs.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cost {
    /// An hour of outage.
    pub downtime: Option<CostOfDowntime>,
    /// An hour of lost data.
    pub data_loss: Option<CostOfData>,
    /// An incident, as an example.
    pub incident: Option<CostOfIncident>,
    /// Being ready, a year.
    #[serde(default)]
    pub programme: Vec<CostGroup>,
    /// What the plan says that the programme costs in all, a year.
    pub programme_total: Option<u64>,
    /// Share of the platform's budget.
    pub budget_share: Option<Percent>,
    /// After how long the programme has paid for itself.
    pub break_even: Option<Span>,
    /// What running costs during a failover, as a multiple of the usual.
    pub failover_factor: Option<f64>,
    /// Storage, a month.
    #[serde(default)]
    pub storage: Vec<StoragePrice>,
}

/// One line of a table.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CostLine {
    /// For what.
    pub name: String,
    /// How much.
    pub amount: u64,
}

/// What an hour of outage costs.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CostOfDowntime {
    /// In all.
    pub per_hour: u64,
    /// In parts.
    #[serde(default)]
    pub line: Vec<CostLine>,
}

/// What an hour of lost data costs.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CostOfData {
    /// In all.
    pub per_hour: u64,
    /// In parts.
    #[serde(default)]
    pub line: Vec<CostLine>,
}

/// What an incident costs.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CostOfIncident {
    /// How long the outage lasts.
    pub outage: Span,
    /// How much data is lost.
    pub loss: Span,
    /// What the plan says that this costs.
    pub total: u64,
    /// What is left of it with a recovery that works.
    pub with_recovery: Option<u64>,
    /// How likely such an incident is in a year.
    pub probability: Option<Percent>,
}

/// A part of the programme.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CostGroup {
    /// For what.
    pub name: String,
    /// What the plan says that its lines add up to, a year.
    pub total: u64,
    /// In parts.
    #[serde(default)]
    pub line: Vec<CostLine>,
}

/// What storage costs.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct StoragePrice {
    /// Of which store.
    pub store: String,
    /// A gigabyte, a month.
    pub per_gb: f64,
    /// The currency of this price, if not the platform's.
    pub currency: Option<String>,
    /// How much is stored.
    pub size: Option<Size>,
    /// What the plan says that this costs a month.
    pub per_month: Option<f64>,
}
