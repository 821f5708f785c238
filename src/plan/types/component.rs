//! Components: everything with health and an RTO.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::settings::{
    BalancerSettings, BucketSettings, CertificateSettings, ClusterSettings, ContainerSettings, DnsSettings,
    FilesSettings, HttpSettings, PostgresSettings, RabbitmqSettings, RedisSettings,
};
use super::{Kind, Limit, Percent, Times};
use crate::plan::{Place, SecretRef};
use crate::text::{Rate, Size, Span};

/// One component.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Component {
    /// Its name in this plan.
    pub name: String,
    /// The name people say.
    pub title: Option<String>,
    /// What kind of system it is.
    pub kind: Kind,
    /// Where it runs.
    pub site: Option<String>,
    /// Its class of urgency.
    pub priority: Option<u8>,
    /// How long it may be away.
    pub rto: Option<Span>,
    /// How long its recovery really took, as documented.
    pub actual: Option<Times>,
    /// Where it answers: a URL, `host:port`, a path, a name.
    pub address: Option<String>,
    /// Who logs in, if the address does not say.
    pub user: Option<String>,
    /// The password to log in with.
    pub password: Option<SecretRef>,
    /// Who takes recovery points of it, where that needs more rights than asking how it is.
    pub backup_as: Option<Login>,
    /// How commands get to it.
    pub reach: Option<Place>,
    /// Who else manages it: `patroni`, `sentinel`, an operator.
    pub managed_by: Option<String>,
    /// What it cannot work without.
    #[serde(default)]
    pub needs: Vec<String>,
    /// How often it is asked.
    pub every: Option<Span>,
    /// How long an answer may take.
    pub deadline: Option<Span>,
    /// How often what costs it something is asked: sizes, tables, all queues.
    pub costly_every: Option<Span>,
    /// How many readings in a row change its verdict.
    pub confirm: Option<u32>,
    /// From where on a fact is degraded.
    #[serde(default)]
    pub limits: IndexMap<String, Limit>,
    /// The version it should have.
    pub version: Option<String>,
    /// The container it runs in.
    pub container: Option<String>,
    /// The volume its data lie on.
    pub volume: Option<String>,
    /// How many nodes it has.
    pub nodes: Option<u32>,
    /// Where its log is: a path, `journal:UNIT`, or `container`.
    pub log: Option<String>,
    /// What a person should know about it.
    pub note: Option<String>,
    /// How large it is and how it grows.
    pub capacity: Option<Capacity>,
    /// What a `postgres` component has besides.
    pub postgres: Option<PostgresSettings>,
    /// What a `redis` component has besides.
    pub redis: Option<RedisSettings>,
    /// What a `rabbitmq` component has besides.
    pub rabbitmq: Option<RabbitmqSettings>,
    /// What a component that speaks HTTP has besides.
    pub http: Option<HttpSettings>,
    /// What a `load-balancer` has besides.
    pub balancer: Option<BalancerSettings>,
    /// What `files` have besides.
    pub files: Option<FilesSettings>,
    /// What a `certificate` has besides.
    pub certificate: Option<CertificateSettings>,
    /// What an `s3-bucket` has besides.
    pub bucket: Option<BucketSettings>,
    /// What an `elasticsearch` component has besides.
    pub elasticsearch: Option<ClusterSettings>,
    /// What a `dns-name` has besides.
    pub dns: Option<DnsSettings>,
    /// What a `container` has besides.
    pub engine: Option<ContainerSettings>,
    /// Sequences of requests that prove that it works for its users.
    #[serde(default)]
    pub flow: Vec<Flow>,
}

/// A login of its own for some work.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Login {
    /// Where it logs in, if elsewhere.
    pub address: Option<String>,
    /// Who logs in, instead of whoever the address names.
    pub user: Option<String>,
    /// The password to log in with.
    pub password: Option<SecretRef>,
}

impl Component {
    /// The same, asked as whoever takes recovery points of it.
    #[must_use]
    pub fn as_backup(&self) -> Component {
        let mut own = self.clone();
        let Some(login) = &self.backup_as else { return own };
        own.address = login.address.clone().or(own.address);
        if let Some(user) = &login.user {
            own.address = own.address.map(|address| with_user(&address, user));
            own.user = Some(user.clone());
        }
        own.password = login.password.clone().or(own.password);
        own
    }

    /// The files that it names with authorities that sign certificates.
    pub fn authorities(&self) -> impl Iterator<Item = &PathBuf> {
        let Component { http, postgres, redis, rabbitmq, certificate, .. } = self;
        let all = [
            http.as_ref().map(|settings| &settings.ca),
            postgres.as_ref().map(|settings| &settings.ca),
            redis.as_ref().map(|settings| &settings.ca),
            rabbitmq.as_ref().map(|settings| &settings.ca),
            certificate.as_ref().map(|settings| &settings.ca),
        ];
        all.into_iter().flatten().filter_map(Option::as_ref)
    }

    /// The same, to be changed.
    pub fn authorities_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let Component { http, postgres, redis, rabbitmq, certificate, .. } = self;
        let all = [
            http.as_mut().map(|settings| &mut settings.ca),
            postgres.as_mut().map(|settings| &mut settings.ca),
            redis.as_mut().map(|settings| &mut settings.ca),
            rabbitmq.as_mut().map(|settings| &mut settings.ca),
            certificate.as_mut().map(|settings| &mut settings.ca),
        ];
        all.into_iter().flatten().filter_map(Option::as_mut)
    }

    /// Whether it is a machine, and that is this one.
    pub fn is_this_machine(&self) -> bool {
        let says_so = matches!(self.address.as_deref(), Some("here" | "localhost" | "127.0.0.1" | "::1"));
        self.kind == Kind::Host && self.reach.is_none() && says_so
    }

    /// Whether its address is this machine's own: asking it needs no network.
    pub fn is_at_localhost(&self) -> bool {
        let Some(address) = &self.address else { return false };
        let rest = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
        let is = |local: &str| host.strip_prefix(local).is_some_and(|port| port.is_empty() || port.starts_with(':'));
        ["localhost", "127.0.0.1", "[::1]"].iter().any(|local| is(local))
    }
}

/// An address with another user in it, where it names one.
fn with_user(address: &str, user: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    let Some((_, hosts)) = authority.rsplit_once('@') else { return address.to_owned() };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let letter = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let user: String = user.bytes().map(letter).collect();
    format!("{scheme}://{user}@{hosts}{behind}")
}

/// How large a component is, how busy, and how long its backup and restore take.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Capacity {
    /// How much it holds.
    pub size: Option<Size>,
    /// How much of that is left in a backup.
    pub compressed: Option<Size>,
    /// How much is in use now, where that differs.
    pub used: Option<Size>,
    /// The most it may use.
    pub limit: Option<Size>,
    /// What the limit should be raised to.
    pub raise_to: Option<Size>,
    /// How fast it grows.
    pub growth: Option<Rate>,
    /// How fast its log of changes grows at peak load.
    pub log_rate: Option<Rate>,
    /// Transactions a second.
    pub transactions_per_second: Option<u64>,
    /// How long a full backup takes.
    pub backup: Option<Span>,
    /// How long a full restore takes.
    pub restore: Option<Span>,
    /// Share of reads answered from memory.
    pub hit_rate: Option<Percent>,
    /// Number of queues.
    pub queues: Option<u64>,
    /// Messages a day.
    pub messages_per_day: Option<u64>,
    /// How large a message is on average.
    pub message_size: Option<Size>,
}

/// A golden flow: requests with assertions, and the share that must succeed.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Flow {
    /// Its name in this plan.
    pub name: String,
    /// The share of runs that must succeed.
    pub slo: Option<Percent>,
    /// How often it is run.
    pub every: Option<Span>,
    /// The requests, in order.
    #[serde(default)]
    pub step: Vec<FlowStep>,
}

/// One request of a golden flow.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FlowStep {
    /// `GET` if left out.
    pub method: Option<String>,
    /// Below the component's address.
    pub path: String,
    /// What is sent.
    pub body: Option<String>,
    /// The status that must come back; any 2xx if left out.
    pub status: Option<u16>,
    /// What the answer must contain.
    pub contains: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_user_takes_the_place_of_the_one_in_the_address() {
        for (address, wanted) in [
            (
                "postgresql://lifeboat@db:5432/agents?sslmode=require",
                "postgresql://back%20up@db:5432/agents?sslmode=require",
            ),
            ("postgresql://one@a,b/agents", "postgresql://back%20up@a,b/agents"),
            ("amqp://broker:5672", "amqp://broker:5672"),
            ("broker:5672", "broker:5672"),
        ] {
            assert_eq!(with_user(address, "back up"), wanted);
        }
        let component: Component = toml::from_str(
            "name = 'a'\nkind = 'postgres'\naddress = 'postgresql://x@h/d'\npassword = 'env:A'\n\
             backup_as = { user = 'b', password = 'env:B' }",
        )
        .unwrap();
        let own = component.as_backup();
        assert_eq!(own.address.as_deref(), Some("postgresql://b@h/d"));
        assert_eq!(own.password.unwrap().to_string(), "env:B");
    }
}
