//! What runs where and how to reach it, for people.

use std::path::Path;

use serde::Serialize;

use super::context::Lab;
use super::faults::Applied;
use super::network::Door;
use super::record::Record;
use super::secrets::{self, LabSecret};
use super::servers::{postgres, s3};
use super::{Layout, Nodes, Role, ServerId, Site};
use crate::reach::quote;

/// One server and the command that reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerAddress {
    /// Which, like `primary/postgres`.
    pub server: String,
    /// Where it listens.
    pub address: String,
    /// What it does there.
    pub does: String,
    /// A command that reaches it, to copy and paste.
    pub command: Option<String>,
}

/// What `up` made.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The lab's folder.
    pub lab: String,
    /// The plan it wrote for itself.
    pub plan: String,
    /// Where the servers keep their data.
    pub data: String,
    /// Whom the servers run as, if not as whoever called.
    pub account: Option<String>,
    /// How much data it was made with.
    pub scale: f64,
    /// With how many nodes of cache and broker.
    pub nodes: Nodes,
    /// Each server.
    pub servers: Vec<ServerAddress>,
    /// Faults that are in force.
    pub faults: Vec<Applied>,
}

pub(super) fn of(lab: &Lab) -> Summary {
    let servers = lab.servers().into_iter().map(|server| ServerAddress {
        server: server.to_string(),
        address: lab.address(server).to_string(),
        does: does(server).to_owned(),
        command: reach(&lab.layout, &lab.record, server),
    });
    Summary {
        lab: lab.layout.root().display().to_string(),
        plan: lab.layout.plan().display().to_string(),
        data: lab.record.sites.display().to_string(),
        account: lab.record.account.as_ref().map(|account| account.name.clone()),
        scale: lab.record.scale,
        nodes: lab.record.nodes,
        servers: servers.collect(),
        faults: Vec::new(),
    }
}

fn does(server: ServerId) -> &'static str {
    match (server.role, server.site) {
        (Role::Dns, _) => "authoritative DNS of the zone lab.lifeboat.test",
        (Role::Resolver, _) => "Unbound, the caching resolver beside it",
        (Role::S3, _) => "S3 with a bucket for backups",
        (Role::Epmd, _) => "port mapper of the message broker",
        (Role::Rabbitmq, _) if server.node.is_some() => "RabbitMQ with management, one of three nodes",
        (Role::Rabbitmq, _) => "RabbitMQ with management",
        (Role::Postgres, Site::Dr) => "PostgreSQL, streaming standby",
        (Role::Postgres, _) => "PostgreSQL, archives its WAL",
        (Role::Redis, Site::Dr) => "Redis, replica",
        (Role::Redis, _) if server.node.is_some() => "Redis, one of three nodes",
        (Role::Sentinel, _) => "Sentinel, which watches over the nodes of Redis",
        (Role::Redis, _) => "Redis with append-only file",
        (Role::App, _) => "the application",
        (Role::Alertmanager, _) => "Alertmanager, which Prometheus tells",
        (Role::Prometheus, _) => "Prometheus, which watches the applications",
        (Role::Balancer, _) => "HAProxy, before the applications",
    }
}

/// A command that reaches a server with the usual client of its kind; the password stays in its file.
pub(super) fn reach(layout: &Layout, record: &Record, server: ServerId) -> Option<String> {
    let address = record.network.address(server, Door::Main);
    let (host, port) = (address.ip(), address.port());
    let secret = |secret| word(&secrets::path(layout, secret));
    match server.role {
        Role::Postgres => Some(format!(
            "PGPASSWORD=$(cat {}) psql -h {host} -p {port} -U postgres {}",
            secret(LabSecret::PostgresSuperuser),
            postgres::DATABASE
        )),
        Role::Redis => Some(format!("REDISCLI_AUTH=$(cat {}) redis-cli -h {host} -p {port}", secret(LabSecret::Redis))),
        Role::Sentinel => {
            let password = secret(LabSecret::Redis);
            Some(format!("REDISCLI_AUTH=$(cat {password}) redis-cli -h {host} -p {port} SENTINEL MASTERS"))
        }
        Role::Rabbitmq => {
            let management = record.network.address(server, Door::Management);
            Some(format!("curl -s --netrc-file {} http://{management}/api/overview", word(&layout.secret("netrc"))))
        }
        Role::Dns | Role::Resolver => Some(format!("kdig @{host} -p {port} app.{} A", super::servers::dns::ZONE)),
        Role::App | Role::Balancer => {
            let ca = layout.certificates(server.site).join("ca.pem");
            Some(format!("curl -s --cacert {} https://{address}/health", word(&ca)))
        }
        Role::S3 => {
            let bucket = if server.site == Site::Primary { s3::BUCKET } else { s3::COPY };
            Some(format!(
                "curl -s --aws-sigv4 aws:amz:{}:s3 -H x-amz-content-sha256:UNSIGNED-PAYLOAD --user \"$(cat {}):$(cat {})\" \
                 http://{address}/{bucket}",
                s3::region(server.site),
                secret(LabSecret::S3AccessKey),
                secret(LabSecret::S3)
            ))
        }
        Role::Alertmanager => Some(format!("curl -s http://{address}/api/v2/alerts")),
        Role::Prometheus => Some(format!("curl -s http://{address}/api/v1/alerts")),
        Role::Epmd => None,
    }
}

/// A path as one word of a shell.
fn word(path: &Path) -> String {
    String::from_utf8_lossy(&quote(path)).into_owned()
}
