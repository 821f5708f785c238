//! The broker as its management API tells of it, to whoever takes its definitions.

use std::time::Duration;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::http::{Ask, Page};
use crate::systems::rabbitmq::amqp::Login;
use crate::systems::rabbitmq::management::{Management, api};
use crate::systems::take::TakeError;
use crate::systems::trouble::ContactError;
use crate::text::{Shape, SystemClock, untrusted};
use crate::vault::Account;

/// How long one answer may take.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);
/// How large one answer may be.
const MOST: usize = 16 * 1024 * 1024;
const OVERVIEW: &str = "api/overview?columns=rabbitmq_version,cluster_name,erlang_version,node";

/// A broker that was asked who it is. Owns what it needs, so that it can be asked at the end of a stream too.
#[derive(Clone)]
pub struct Broker {
    component: Component,
    root: Ask,
    /// The virtual hosts that are protected; all if there are none.
    pub vhosts: Vec<String>,
    overview: Overview,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Overview {
    rabbitmq_version: String,
    cluster_name: String,
    erlang_version: String,
    node: String,
}

impl Broker {
    /// Gets in.
    pub async fn open(component: &Component, with: &Contact<'_>) -> Result<Broker, TakeError> {
        let Some(api) = api(component) else {
            return Err(TakeError::plan(
                component,
                "its definitions come over its management API, and the plan does not say where that answers",
                "write `management = \"http://host:15672\"` in the component's [component.rabbitmq]",
            ));
        };
        let login = Login::of(component, with).await?;
        let root = Management::open(&api, &login).await?.ask("")?;
        let vhosts = component.rabbitmq.clone().unwrap_or_default().vhosts;
        let mut broker = Broker { component: api.clone(), root, vhosts, overview: Overview::default() };
        broker.overview = broker.json(OVERVIEW).await?;
        Ok(broker)
    }

    /// A question.
    pub fn ask(&self, path: &str) -> Result<Ask, TakeError> {
        let url = self.root.url.join(path);
        let url = url.map_err(|error| TakeError::ours(format!("{path}: {error}")))?;
        Ok(Ask { url, most: MOST, ..self.root.clone() })
    }

    /// An answer.
    pub async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, TakeError> {
        let page = self.ask(path)?.page(PATIENCE, &SystemClock).await;
        let page = page.map_err(|why| ContactError::strange(&self.component, why.to_string()))?;
        self.good(page.status.as_u16(), &page.says())?;
        self.parsed(&page)
    }

    /// An answer that was read.
    pub fn parsed<T: DeserializeOwned>(&self, page: &Page) -> Result<T, TakeError> {
        page.json().map_err(|why| ContactError::strange(&self.component, why).into())
    }

    /// How many there are of something that is listed.
    pub async fn count(&self, path: &str) -> Result<u64, TakeError> {
        self.json::<Vec<IgnoredAny>>(path).await.map(|items| items.len() as u64)
    }

    /// Whether a status is a good one.
    pub fn good(&self, status: u16, said: &str) -> Result<(), TakeError> {
        match status {
            200..300 => Ok(()),
            401 | 403 => Err(TakeError::refused(
                &self.component,
                format!("the login may not ask for it (status {status})"),
                "give the user the tag `administrator`: rabbitmqctl set_user_tags NAME administrator",
            )),
            _ => {
                let why = format!("status {status}: {said}");
                Err(TakeError::refused(&self.component, why, "look at the broker's log, then take it again"))
            }
        }
    }

    /// Whether a virtual host is protected.
    pub fn protects(&self, vhost: &str) -> bool {
        self.vhosts.is_empty() || self.vhosts.iter().any(|wanted| wanted == vhost)
    }

    /// What it says of itself.
    pub fn account(&self, with: &Contact<'_>) -> Account {
        let line = |text: &str| untrusted(text, Shape::line(120));
        let Overview { rabbitmq_version, cluster_name, erlang_version, node } = &self.overview;
        let mut account = Account {
            system: format!("RabbitMQ {}", line(rabbitmq_version)),
            identity: (!cluster_name.is_empty()).then(|| line(cluster_name)),
            as_of: Some(with.clock.now()),
            ..Account::default()
        };
        account.about.insert("node".to_owned(), line(node));
        account.about.insert("erlang".to_owned(), line(erlang_version));
        if !self.vhosts.is_empty() {
            account.about.insert("vhosts".to_owned(), line(&self.vhosts.join(", ")));
        }
        account
    }
}
