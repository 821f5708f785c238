//! The platform, its sites, and how disasters and recoveries are graded.

use std::path::PathBuf;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Percent, Times};
use crate::plan::Place;
use crate::text::Span;

/// What the plan is for.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Platform {
    /// Short name; names the state directory.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// Shown on every screen, and typed to confirm what is dangerous.
    pub environment: Option<String>,
    /// What it does, for whom, and how sensitive its data are.
    pub about: Option<String>,
    /// Who may read the plan.
    pub classification: Option<String>,
    /// What schedules mean, and the local time that is shown; UTC if left out.
    pub time_zone: Option<String>,
    /// The state directory, if not the user's own.
    pub state: Option<PathBuf>,
    /// The Unix group that shares the state directory.
    pub group: Option<String>,
    /// The currency of all costs.
    pub currency: Option<String>,
    /// How long the whole platform may be away.
    pub rto: Option<Span>,
    /// How much data may be lost.
    pub rpo: Option<Span>,
    /// What one would like to reach beyond the objectives.
    pub stretch: Option<Stretch>,
    /// The promised availability.
    pub availability: Option<Percent>,
    /// What the plan says that this availability allows in a year.
    pub downtime_per_year: Option<Span>,
    /// What the plan says an hour of outage costs, at least.
    pub downtime_cost_per_hour: Option<u64>,
    /// Incidents a year that are planned for.
    pub incidents_per_year: Option<String>,
    /// Rules that the platform is subject to.
    #[serde(default)]
    pub compliance: Vec<String>,
    /// Who owns the plan.
    pub owner: Option<String>,
    /// When somebody last read the plan and found it right.
    pub reviewed: Option<NaiveDate>,
    /// How often that has to happen.
    pub review_every: Option<Span>,
    /// When the plan says that it will happen next.
    pub next_review: Option<NaiveDate>,
    /// What calls for a review before that.
    #[serde(default)]
    pub review_after: Vec<String>,
    /// Where the platform's people look first.
    pub status_page: Option<String>,
    /// Share of normal load that the secondary site is scaled to before a failover.
    pub secondary_capacity: Option<Percent>,
}

/// Objectives that would be nice, and are not promised.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Stretch {
    /// Nicer RTO.
    pub rto: Option<Span>,
    /// Nicer RPO.
    pub rpo: Option<Span>,
    /// Wishes in words.
    #[serde(default)]
    pub wishes: Vec<String>,
}

/// A place the platform can run.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Site {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// The provider's region.
    pub region: Option<String>,
    /// What it is normally for.
    pub role: Option<SiteRole>,
    /// What is kept there.
    #[serde(default)]
    pub holds: Vec<String>,
}

/// A second pair of eyes: another place from which the same components are asked.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Vantage {
    /// Its name in this plan.
    pub name: String,
    /// How commands get there.
    pub reach: Place,
    /// Where this program lies there; `lifeboat` in the PATH if left out.
    pub program: Option<PathBuf>,
}

/// What a site is normally for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SiteRole {
    /// Runs the platform.
    Primary,
    /// Takes over.
    Secondary,
    /// Keeps backups only.
    Backup,
}

/// How deep a disaster goes.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tier {
    /// 1 is the shallowest.
    pub level: u8,
    /// One word for it.
    pub name: String,
    /// What has failed.
    pub scope: Option<String>,
    /// What it looks like.
    #[serde(default)]
    pub examples: Vec<String>,
    /// What it is mended with.
    #[serde(default)]
    pub technology: Vec<String>,
    /// How long it may take.
    pub rto: Span,
    /// How much work it is.
    pub effort: Option<Times>,
    /// How much data may be lost.
    pub loss: Option<Times>,
    /// How expensive readiness for it is.
    pub cost: Option<String>,
}

/// A class of urgency.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Priority {
    /// 1 comes first.
    pub level: u8,
    /// One word for it.
    pub name: String,
    /// When everything in it must be back.
    pub within: Span,
    /// What belongs to it, in words.
    #[serde(default)]
    pub members: Vec<String>,
}
