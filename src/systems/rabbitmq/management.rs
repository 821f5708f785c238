//! The management API, as far as the tag `monitoring` may use it, and never more of an answer than is needed.

use serde::Deserialize;

use super::amqp::Login;
use crate::plan::types::{Component, HttpSettings};
use crate::systems::contact::{Contact, address, time_for};
use crate::systems::http::{Ask, Web};
use crate::systems::trouble::ContactError;
use crate::text::instant::ClockOffset;

const OVERVIEW: &str = "api/overview?columns=message_stats,queue_totals,object_totals,node,rabbitmq_version";
const NODES: &str = "api/nodes?columns=name,running,partitions,mem_used,mem_limit,mem_alarm,disk_free,\
                     disk_free_limit,disk_free_alarm,uptime,being_drained";
const QUORUM: &str = "api/health/checks/node-is-quorum-critical";

/// The management API of a broker.
pub struct Management<'a> {
    web: Web<'a>,
}

/// What the broker says of itself.
#[derive(Clone, Debug, Deserialize)]
pub struct Overview {
    /// Its version.
    pub rabbitmq_version: String,
    /// The node that answered.
    pub node: String,
    #[serde(default)]
    pub message_stats: Messages,
    #[serde(default)]
    pub queue_totals: QueueTotals,
    #[serde(default)]
    pub object_totals: ObjectTotals,
}

/// The management API of a broker as a component of its own, if the plan names it.
pub fn api(component: &Component) -> Option<Component> {
    let settings = component.rabbitmq.as_ref()?;
    let http = settings.ca.clone().map(|ca| HttpSettings { ca: Some(ca), ..HttpSettings::default() });
    Some(Component { address: Some(settings.management.clone()?), http, ..component.clone() })
}

/// Counters since the broker's start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Messages {
    pub return_unroutable: u64,
    pub return_unroutable_details: Rate,
    pub drop_unroutable: u64,
    pub drop_unroutable_details: Rate,
    pub publish_details: Rate,
    pub deliver_get_details: Rate,
}

/// How fast a counter grows.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rate {
    /// A second.
    pub rate: f64,
}

/// Messages in all queues; not known in the first seconds after the start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct QueueTotals {
    pub messages: Option<u64>,
    pub messages_unacknowledged: Option<u64>,
}

/// What there is in the broker.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ObjectTotals {
    pub queues: Option<u64>,
    pub consumers: Option<u64>,
    pub connections: Option<u64>,
}

/// A node of the cluster; figures are not known of one that does not run, or just started.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Node {
    pub name: String,
    pub running: bool,
    pub partitions: Vec<String>,
    pub mem_used: Option<u64>,
    pub mem_limit: Option<u64>,
    pub mem_alarm: bool,
    /// A number, or a word where the system does not tell it.
    pub disk_free: serde_json::Value,
    pub disk_free_limit: Option<u64>,
    pub disk_free_alarm: bool,
    /// In milliseconds.
    pub uptime: Option<u64>,
    pub being_drained: bool,
}

/// What a health check found.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Check {
    queues: Vec<serde_json::Value>,
}

impl<'a> Management<'a> {
    /// The API of a component, with the login of AMQP.
    pub async fn open(api: &'a Component, login: &Login) -> Result<Management<'a>, ContactError> {
        let address = format!("{}/", address(api)?.trim_end_matches('/'));
        let web = Web::as_user(api, &address, login.user(), login.expose().as_bytes()).await?;
        Ok(Management { web })
    }

    /// Version, node and totals, and how far its clock is from ours.
    pub async fn overview(&self, with: &Contact<'_>) -> Result<(Overview, Option<ClockOffset>), ContactError> {
        let page = self.web.page(OVERVIEW, with).await?;
        Ok((self.web.read(&page)?, page.clock))
    }

    /// The nodes of the cluster.
    pub async fn nodes(&self, with: &Contact<'_>) -> Result<Vec<Node>, ContactError> {
        self.web.json(NODES, with).await
    }

    /// How many queues would be without a majority if this node went too. Older brokers do not tell.
    pub async fn quorum_critical(&self, with: &Contact<'_>) -> Option<u64> {
        let page = self.web.answer(&self.web.ask(QUORUM).ok()?, time_for(self.web.component()), with).await.ok()?;
        match page.status.as_u16() {
            200 => Some(0),
            503 => page.json::<Check>().ok().map(|check| check.queues.len().max(1) as u64),
            _ => None,
        }
    }

    /// A question for a list, to be asked beside the others.
    pub fn ask(&self, path: &str) -> Result<Ask, ContactError> {
        self.web.ask(path)
    }
}
