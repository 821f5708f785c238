//! What only components of one kind have.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::plan::SecretRef;
use crate::text::{Size, Span};

/// Settings of a `PostgreSQL` database.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PostgresSettings {
    /// The database that is protected, if the address does not say.
    pub database: Option<String>,
    /// Components that follow it by streaming.
    #[serde(default)]
    pub standbys: Vec<String>,
    /// How the standbys follow: `streaming`, `synchronous`.
    pub replication: Option<String>,
    /// How much WAL it keeps for slow standbys.
    pub wal_keep_size: Option<Size>,
    /// Where it archives its WAL.
    pub archive: Option<PathBuf>,
    /// Where a separate instance may be started for point-in-time recovery.
    pub recovery_directory: Option<PathBuf>,
    /// The folder with its server programs.
    pub programs: Option<PathBuf>,
    /// The authority that signed its certificate, trusted besides those of this machine.
    pub ca: Option<PathBuf>,
    /// Questions to the data, in SQL: each gives one number, 0 if all is well, or whether all is well. The answers to
    /// `constraint_violations` and `orphans` are facts of these names; all others together are `consistency`.
    #[serde(default)]
    pub checks: IndexMap<String, String>,
}

/// Settings of a Redis server.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RedisSettings {
    /// Whether it is a Sentinel, which watches over others and keeps nothing itself.
    pub sentinel: Option<bool>,
    /// Whether it keeps an append-only file.
    pub append_only: Option<bool>,
    /// When that file is flushed.
    pub appendfsync: Option<String>,
    /// The memory limit of a node.
    pub memory_limit: Option<Size>,
    /// What it evicts when the limit is reached.
    pub eviction: Option<String>,
    /// Components that replicate it.
    #[serde(default)]
    pub replicas: Vec<String>,
    /// The folder its files lie in.
    pub directory: Option<PathBuf>,
    /// The authority that signed its certificate, trusted besides those of this machine.
    pub ca: Option<PathBuf>,
}

/// Settings of a `RabbitMQ` broker.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct RabbitmqSettings {
    /// Where the management API answers.
    pub management: Option<String>,
    /// The virtual hosts that are protected; all if left out.
    #[serde(default)]
    pub vhosts: Vec<String>,
    /// How queues are replicated.
    pub replication: Option<String>,
    /// Queues without which nothing works.
    #[serde(default)]
    pub critical_queues: Vec<String>,
    /// The authority that signed its certificates, trusted besides those of this machine.
    pub ca: Option<PathBuf>,
}

/// Settings of everything that speaks HTTP.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HttpSettings {
    /// The path that tells health.
    pub health: Option<String>,
    /// The status it must answer with.
    pub status: Option<u16>,
    /// What the answer must contain.
    pub contains: Option<String>,
    /// The authority that signed its certificate, trusted besides those of this machine.
    pub ca: Option<PathBuf>,
    /// Where its log lies, for errors of the application.
    pub log: Option<PathBuf>,
}

/// Settings of a load balancer.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BalancerSettings {
    /// The programs it may be.
    #[serde(default)]
    pub implementations: Vec<String>,
    /// The components behind it.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Where it tells about the hosts behind it.
    pub statistics: Option<String>,
}

/// Settings of files.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct FilesSettings {
    /// What belongs to them, as paths or patterns.
    #[serde(default)]
    pub include: Vec<String>,
    /// What does not.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Whether they are kept in git.
    pub git: Option<bool>,
}

/// Settings of a certificate.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CertificateSettings {
    /// The private key that belongs to it.
    pub key: Option<PathBuf>,
    /// The names it must be valid for.
    #[serde(default)]
    pub names: Vec<String>,
    /// The authority that signed it, if not a public one.
    pub ca: Option<PathBuf>,
    /// Where it is served.
    pub served_at: Option<String>,
    /// How long before its end it must be renewed.
    pub renew_before: Option<Span>,
}

/// Settings of a bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct BucketSettings {
    /// The region it lies in.
    pub region: Option<String>,
    /// The service, if not AWS.
    pub endpoint: Option<String>,
    /// Who asks.
    pub access_key: Option<SecretRef>,
    /// The secret that proves it.
    pub secret_key: Option<SecretRef>,
}

/// Settings of a cluster of which only health is asked.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ClusterSettings {
    /// The repository its snapshots go to.
    pub snapshot_repository: Option<String>,
    /// The indexes that count.
    #[serde(default)]
    pub indexes: Vec<String>,
}

/// Settings of a DNS name.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct DnsSettings {
    /// The zone it lies in.
    pub zone: Option<String>,
    /// The server that answers for it.
    pub server: Option<String>,
    /// The caching resolver that users ask.
    pub resolver: Option<String>,
    /// Who serves it: `route53`, `rfc2136`.
    pub provider: Option<String>,
    /// How long an answer may be kept.
    pub ttl: Option<Span>,
    /// What it points to, by site.
    #[serde(default)]
    pub points_to: IndexMap<String, String>,
    /// The key that signs updates.
    pub key: Option<SecretRef>,
}

/// Settings of a container.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct ContainerSettings {
    /// The engine's socket, if not the usual one.
    pub socket: Option<PathBuf>,
    /// The image it should run.
    pub image: Option<String>,
}
