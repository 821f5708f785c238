//! The plan's types, a file per kind of thing. Key names are those of the TOML; nothing here computes.

mod component;
mod cost;
mod governance;
mod job;
mod kind;
mod message;
mod people;
mod platform;
mod procedure;
mod protection;
mod scenario;
mod settings;
mod values;

pub use component::{Capacity, Component, Flow, FlowStep, Login};
pub use cost::{Cost, CostGroup, CostLine, CostOfData, CostOfDowntime, CostOfIncident, Payback, StoragePrice};
pub use governance::{Approval, Edition, Report, Review, Script, Stated};
pub use job::{Expect, Job, Late, Method, Task, Tolerance};
pub use kind::Kind;
pub use message::{Channel, ChannelKind, Checklist, Item, Kpi, Message, Moment, Promise};
pub use people::{Audience, Certification, Contact, Escalation, Person, Response, Role, Rota};
pub use platform::{Platform, Priority, Site, SiteRole, Stretch, Tier, Vantage};
pub use procedure::{Action, Confirm, Milestone, OnFailure, Procedure, Purpose, Step};
pub use protection::{Data, Keep, Store, StoreKind};
pub use scenario::{Decision, Probability, Scenario, Severity};
pub use settings::{
    BalancerSettings, BucketSettings, CertificateSettings, ClusterSettings, ContainerSettings, DnsSettings,
    FilesSettings, HttpSettings, PostgresSettings, RabbitmqSettings, RedisSettings,
};
pub use values::{Limit, Percent, Target, Times};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A whole recovery plan.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Plan {
    /// What is to be recovered, and its objectives.
    pub platform: Platform,
    /// The places it can run.
    #[serde(default)]
    pub site: Vec<Site>,
    /// Other places from which the same components are asked.
    #[serde(default)]
    pub vantage: Vec<Vantage>,
    /// How deep a disaster goes, and what each depth may cost.
    #[serde(default)]
    pub tier: Vec<Tier>,
    /// What must be back first.
    #[serde(default)]
    pub priority: Vec<Priority>,
    /// Everything with health and an RTO.
    #[serde(default)]
    pub component: Vec<Component>,
    /// Categories of data, each with its RPO.
    #[serde(default)]
    pub data: Vec<Data>,
    /// Where recovery points are kept.
    #[serde(default)]
    pub store: Vec<Store>,
    /// What is done on a schedule.
    #[serde(default)]
    pub job: Vec<Job>,
    /// Kinds of disaster.
    #[serde(default)]
    pub scenario: Vec<Scenario>,
    /// The ways out.
    #[serde(default)]
    pub procedure: Vec<Procedure>,
    /// The decision tree.
    #[serde(default)]
    pub decision: Vec<Decision>,
    /// People who answer the telephone.
    #[serde(default)]
    pub person: Vec<Person>,
    /// What people are there for.
    #[serde(default)]
    pub role: Vec<Role>,
    /// In which order people of a role are called.
    #[serde(default)]
    pub rota: Vec<Rota>,
    /// What an on-call engineer must have done before being on call.
    pub certification: Option<Certification>,
    /// How soon somebody must answer.
    #[serde(default)]
    pub response: Vec<Response>,
    /// Who is called in when time passes.
    #[serde(default)]
    pub escalation: Vec<Escalation>,
    /// Companies to call.
    #[serde(default)]
    pub contact: Vec<Contact>,
    /// People outside, to whom messages go.
    #[serde(default)]
    pub audience: Vec<Audience>,
    /// Ways to reach people.
    #[serde(default)]
    pub channel: Vec<Channel>,
    /// Texts that are sent, when and how often.
    #[serde(default)]
    pub message: Vec<Message>,
    /// What the plan itself fills into messages.
    #[serde(default)]
    pub variables: IndexMap<String, String>,
    /// Lists of what must be true.
    #[serde(default)]
    pub checklist: Vec<Checklist>,
    /// Figures followed over time.
    #[serde(default)]
    pub kpi: Vec<Kpi>,
    /// What an outage costs, and what being ready for it costs.
    pub cost: Option<Cost>,
    /// Who has to agree to this plan.
    #[serde(default)]
    pub approval: Vec<Approval>,
    /// What is looked over, and how often.
    #[serde(default)]
    pub review: Vec<Review>,
    /// Editions of the plan.
    #[serde(default)]
    pub history: Vec<Edition>,
    /// Figures that a source states otherwise.
    #[serde(default)]
    pub stated: Vec<Stated>,
    /// Scripts whose work Lifeboat does instead.
    #[serde(default)]
    pub script: Vec<Script>,
    /// What a report must contain.
    #[serde(default)]
    pub report: Vec<Report>,
}
