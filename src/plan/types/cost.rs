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
    /// Why the programme is worth its money, as the plan reckons it.
    pub payback: Option<Payback>,
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

/// The programme's cost against what it saves, over some years.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Payback {
    /// What incidents cost in a mean year without a recovery that works.
    pub expected_without: Option<u64>,
    /// And with one.
    pub expected_with: Option<u64>,
    /// What is saved in one incident.
    pub saved_per_incident: Option<u64>,
    /// The years it is reckoned over.
    pub over: Option<Span>,
    /// The incidents in that time.
    pub incidents: Option<u32>,
    /// What is saved in that time.
    pub saved: Option<u64>,
    /// What the programme costs in that time.
    pub programme: Option<u64>,
    /// What else it is worth: compliance, contracts, trust.
    pub other_benefits: Option<u64>,
    /// What the plan says that is saved in ten years, all told.
    pub saved_in_ten_years: Option<u64>,
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
