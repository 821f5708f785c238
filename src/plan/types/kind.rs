//! What kinds of systems there are.

use serde::{Deserialize, Serialize};

/// What kind of system a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A `PostgreSQL` database.
    Postgres,
    /// A Redis server or cluster.
    Redis,
    /// A `RabbitMQ` broker or cluster.
    Rabbitmq,
    /// A service over HTTP or HTTPS.
    Http,
    /// A load balancer.
    LoadBalancer,
    /// Files and folders.
    Files,
    /// A TLS certificate with its key.
    Certificate,
    /// A bucket of an S3 service.
    S3Bucket,
    /// An Elasticsearch cluster.
    Elasticsearch,
    /// A name in the DNS.
    DnsName,
    /// A Prometheus server.
    Prometheus,
    /// An Alertmanager.
    Alertmanager,
    /// A Grafana server.
    Grafana,
    /// A container.
    Container,
    /// A machine.
    Host,
    /// A TCP port of which nothing more is known.
    TcpPort,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 16] = [
        Kind::Postgres,
        Kind::Redis,
        Kind::Rabbitmq,
        Kind::Http,
        Kind::LoadBalancer,
        Kind::Files,
        Kind::Certificate,
        Kind::S3Bucket,
        Kind::Elasticsearch,
        Kind::DnsName,
        Kind::Prometheus,
        Kind::Alertmanager,
        Kind::Grafana,
        Kind::Container,
        Kind::Host,
        Kind::TcpPort,
    ];

    /// The word for it in a plan.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Postgres => "postgres",
            Kind::Redis => "redis",
            Kind::Rabbitmq => "rabbitmq",
            Kind::Http => "http",
            Kind::LoadBalancer => "load-balancer",
            Kind::Files => "files",
            Kind::Certificate => "certificate",
            Kind::S3Bucket => "s3-bucket",
            Kind::Elasticsearch => "elasticsearch",
            Kind::DnsName => "dns-name",
            Kind::Prometheus => "prometheus",
            Kind::Alertmanager => "alertmanager",
            Kind::Grafana => "grafana",
            Kind::Container => "container",
            Kind::Host => "host",
            Kind::TcpPort => "tcp-port",
        }
    }
}
