//! People: who answers, who decides, who is called in.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Severity;
use crate::text::Span;

/// Somebody.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Person {
    /// Short name.
    pub name: String,
    /// Full name.
    pub title: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Name in the chat.
    pub chat: Option<String>,
    /// Mail.
    pub email: Option<String>,
    /// Until when their certification holds.
    pub certified_until: Option<NaiveDate>,
}

/// What somebody is there for.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Role {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// Duties before an incident.
    #[serde(default)]
    pub before: Vec<String>,
    /// Duties during one.
    #[serde(default)]
    pub during: Vec<String>,
    /// Duties after one.
    #[serde(default)]
    pub after: Vec<String>,
}

/// People outside the platform's own, to whom messages go.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Audience {
    /// Its name in this plan.
    pub name: String,
    /// Who they are.
    pub title: Option<String>,
}

/// In which order the people of a role are called.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Rota {
    /// The role.
    pub role: String,
    /// The people, first to last.
    pub people: Vec<String>,
    /// After how long the next takes over, if they take turns; counted from Monday, 5 January 1970, in the platform's
    /// time zone, months from January of that year.
    pub turn: Option<Span>,
}

/// What an on-call engineer must have done.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Certification {
    /// Of whom it is asked.
    #[serde(default)]
    pub of: Vec<String>,
    /// What is asked.
    pub requires: Vec<String>,
    /// How long it holds.
    pub valid_for: Option<Span>,
}

/// How soon somebody must answer.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Response {
    /// To what.
    pub severity: Severity,
    /// How soon.
    pub within: Option<Span>,
    /// Or when: `business hours`.
    pub during: Option<String>,
}

/// A level of escalation.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Escalation {
    /// 1 comes first.
    pub level: u8,
    /// Since when, after the incident's start.
    pub from: Span,
    /// Until when; without end if left out.
    pub until: Option<Span>,
    /// The roles that are called in.
    pub who: Vec<String>,
}

/// A company to call.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Contact {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// What for.
    pub purpose: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mail.
    pub email: Option<String>,
    /// Our number with them.
    pub account: Option<String>,
}
