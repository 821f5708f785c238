//! What the plan says a server should be, kept by its probe.

use redis::{ConnectionAddr, IntoConnectionInfo};

use crate::plan::types::Plan;
use crate::systems::probe::Subject;
use crate::text::{Rate, Size};

/// What the plan says a server should be.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Its version, as the plan writes it.
    pub version: Option<String>,
    /// Who should follow it.
    pub replicas: Vec<Replica>,
    /// Whom it should follow, by name.
    pub follows: Option<String>,
    /// Whether it and those that follow it follow each other: then whoever manages them says which is the primary.
    pub takes_turns: bool,
    /// Whether it should be a Sentinel.
    pub sentinel: bool,
    /// How much memory it may use.
    pub memory: Option<Size>,
    /// How fast it is known to grow.
    pub growth: Option<Rate>,
    /// What it should throw away when its memory is full.
    pub eviction: Option<String>,
    /// Whether it should keep an append-only file, and when that should be flushed.
    pub append_only: Option<bool>,
    /// When that file should be flushed.
    pub appendfsync: Option<String>,
}

/// A replica that the plan names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// Its name in the plan.
    pub name: String,
    /// Where it answers.
    pub place: Option<(String, u16)>,
}

impl Wanted {
    /// Reads it off the plan.
    pub fn of(subject: Subject<'_>) -> Wanted {
        let Subject { component, plan } = subject;
        let settings = component.redis.clone().unwrap_or_default();
        let follows = plan.component.iter().find(|other| {
            other.name != component.name
                && other.redis.as_ref().is_some_and(|redis| redis.replicas.contains(&component.name))
        });
        let takes_turns = follows.is_some_and(|other| settings.replicas.contains(&other.name));
        let capacity = component.capacity.as_ref();
        Wanted {
            version: component.version.clone(),
            replicas: settings.replicas.iter().map(|name| replica(name, plan)).collect(),
            follows: follows.filter(|_| !takes_turns).map(|other| other.name.clone()),
            takes_turns,
            sentinel: settings.sentinel == Some(true),
            memory: settings.memory_limit,
            growth: capacity.and_then(|capacity| capacity.growth),
            eviction: settings.eviction,
            append_only: settings.append_only,
            appendfsync: settings.appendfsync,
        }
    }
}

fn replica(name: &str, plan: &Plan) -> Replica {
    let component = plan.component.iter().find(|component| component.name == name);
    let info = component.and_then(|it| it.address.as_deref()?.into_connection_info().ok());
    let place = info.and_then(|info| match info.addr() {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => Some((host.clone(), *port)),
        _ => None,
    });
    Replica { name: name.to_owned(), place }
}
