//! The places of the lab and what its servers do there.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A place of the lab that can fail as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Site {
    /// Where the platform runs on a good day.
    Primary,
    /// Where it goes when the primary site is lost.
    Dr,
    /// What belongs to neither, as a DNS provider does: it outlives the loss of either site.
    Outside,
}

impl Site {
    /// Every site, the primary one first.
    pub const ALL: [Site; 3] = [Site::Primary, Site::Dr, Site::Outside];

    /// The name in files, addresses and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Site::Primary => "primary",
            Site::Dr => "dr",
            Site::Outside => "outside",
        }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The name server of the DNS zone.
    Dns,
    /// The caching resolver that asks it.
    Resolver,
    /// The object store.
    S3,
    /// The port mapper that the message broker registers with.
    Epmd,
    /// The message broker.
    Rabbitmq,
    /// The database.
    Postgres,
    /// The cache.
    Redis,
    /// What watches over the nodes of the cache.
    Sentinel,
    /// The application that uses all of them.
    App,
    /// What shares the requests out among the applications.
    Balancer,
    /// What is told of alerts.
    Alertmanager,
    /// What watches the applications.
    Prometheus,
}

impl Role {
    /// Every role, in the order in which servers of it can be started one after another.
    pub const ALL: [Role; 12] = [
        Role::Dns,
        Role::Resolver,
        Role::S3,
        Role::Epmd,
        Role::Rabbitmq,
        Role::Postgres,
        Role::Redis,
        Role::Sentinel,
        Role::App,
        Role::Balancer,
        Role::Alertmanager,
        Role::Prometheus,
    ];

    /// The name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Role::Dns => "dns",
            Role::Resolver => "resolver",
            Role::S3 => "s3",
            Role::Epmd => "epmd",
            Role::Rabbitmq => "rabbitmq",
            Role::Postgres => "postgres",
            Role::Redis => "redis",
            Role::Sentinel => "sentinel",
            Role::App => "app",
            Role::Balancer => "balancer",
            Role::Alertmanager => "alertmanager",
            Role::Prometheus => "prometheus",
        }
    }
}
