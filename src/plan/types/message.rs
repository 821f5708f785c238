//! Messages, checklists and figures that are followed.

use serde::{Deserialize, Serialize};

use super::{Severity, Target, Times};
use crate::plan::{Condition, SecretRef};
use crate::text::Span;

/// How a channel carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChannelKind {
    /// A chat room.
    Chat,
    /// Mail.
    Email,
    /// A telephone call.
    Phone,
    /// A conference.
    Conference,
    /// A page for the public.
    StatusPage,
    /// A request to a URL.
    Webhook,
    /// A statement to the press or on social media.
    Press,
}

/// A way to reach people.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Channel {
    /// Its name in this plan.
    pub name: String,
    /// How it carries.
    pub kind: ChannelKind,
    /// The room, the address, the page.
    pub target: Option<String>,
    /// The URL to post to, or a token: secrets both.
    pub secret: Option<SecretRef>,
}

/// What a message's time counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// An incident is discovered.
    Detected,
    /// It is confirmed and declared.
    Declared,
    /// A recovery runs.
    Recovering,
    /// All is well again.
    Recovered,
    /// The incident is closed.
    Closed,
}

/// A text that is sent.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Message {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// The roles or audiences it goes to.
    #[serde(default)]
    pub to: Vec<String>,
    /// The channels it goes by.
    #[serde(default)]
    pub via: Vec<String>,
    /// What its time counts from.
    pub on: Option<Moment>,
    /// How soon after that, at the latest; a range says not before either.
    pub within: Option<Times>,
    /// How often it is repeated.
    pub every: Option<Span>,
    /// For which severities only.
    #[serde(default)]
    pub severity: Vec<Severity>,
    /// The text, with `{variables}`.
    pub text: Option<String>,
    /// What it must contain, in words.
    #[serde(default)]
    pub contains: Vec<String>,
}

/// A list of what must be true.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Checklist {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// When it is gone through.
    pub when: Option<String>,
    /// Its points.
    #[serde(default)]
    pub item: Vec<Item>,
}

/// One point of a checklist: a machine checks it, or a person ticks it.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Item {
    /// What must be true.
    pub text: String,
    /// The fact that shows it.
    pub check: Option<Condition>,
}

/// A promise of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// How long the whole platform may be away.
    Rto,
    /// How much data may be lost.
    Rpo,
}

/// A figure that is followed.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Kpi {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// What it belongs to: backup, recovery, drill.
    pub group: Option<String>,
    /// The promise of the platform that it measures.
    pub measures: Option<Promise>,
    /// What it should be.
    pub target: Option<Target>,
    /// What it should be, where that is no number.
    pub goal: Option<String>,
    /// How often it is looked at.
    pub every: Option<Span>,
}
