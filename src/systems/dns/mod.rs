//! Names in the DNS: what the server of the zone says, and what users are told.

mod ask;
mod points;
mod probe;

use std::net::{IpAddr, SocketAddr};

use hickory_resolver::proto::rr::Name;
use hickory_resolver::system_conf::read_system_conf;

use ask::NoReply;
use points::Points;
pub use probe::DnsProbe;

use super::contact::{Answer, address, time_for};
use super::trouble::{ContactError, bad_address, failed, refusal};
use crate::plan::types::Component;

/// Looks the name up, at the server that the plan names or at this machine's resolver.
pub async fn contact(component: &Component) -> Result<Answer, ContactError> {
    let name = name(component)?;
    let (server, recursive) = match server(component)? {
        Some(server) => (server, false),
        None => (resolver(component)?, true),
    };
    let points = Points::ask(server, &name, recursive, time_for(component)).await;
    let points = points.map_err(|error| unanswered(component, server, &error))?;
    if points.addresses.is_empty() && points.aliases.is_empty() {
        return Err(refusal(component, &format!("{server} says that it points to {}", points.shown())));
    }
    Ok(Answer { identity: format!("points to {}", points.shown()), clock: None })
}

fn name(component: &Component) -> Result<Name, ContactError> {
    absolute(component, address(component)?)
}

fn absolute(component: &Component, name: &str) -> Result<Name, ContactError> {
    let mut name = Name::from_utf8(name).map_err(|error| bad_address(component, &error))?;
    name.set_fqdn(true);
    Ok(name)
}

/// The server that answers for the zone, where the plan names it.
fn server(component: &Component) -> Result<Option<SocketAddr>, ContactError> {
    named(component, component.dns.as_ref().and_then(|dns| dns.server.as_deref()), "dns.server")
}

/// The resolver that users ask: the plan's, else this machine's.
fn resolver(component: &Component) -> Result<SocketAddr, ContactError> {
    let in_plan = component.dns.as_ref().and_then(|dns| dns.resolver.as_deref());
    if let Some(resolver) = named(component, in_plan, "dns.resolver")? {
        return Ok(resolver);
    }
    let (config, _) = read_system_conf().map_err(|error| failed(component, &error))?;
    let first = config.name_servers().first();
    let port =
        |server: &hickory_resolver::config::NameServerConfig| server.connections.first().map_or(53, |one| one.port);
    first
        .map(|server| SocketAddr::new(server.ip, port(server)))
        .ok_or_else(|| bad_address(component, "this machine knows no name server; name one as `dns.resolver`"))
}

fn named(component: &Component, server: Option<&str>, key: &str) -> Result<Option<SocketAddr>, ContactError> {
    let Some(server) = server else { return Ok(None) };
    let with_port = || Some(SocketAddr::new(server.parse::<IpAddr>().ok()?, 53));
    let socket = server.parse().ok().or_else(with_port);
    socket.map(Some).ok_or_else(|| bad_address(component, &format!("`{key}` is no IP address")))
}

/// What it says about a name that a server does not tell it.
fn unanswered(component: &Component, server: SocketAddr, error: &NoReply) -> ContactError {
    let why = format!("name server {server}: {error}");
    match error {
        NoReply::Silent(_) => ContactError::unreachable(component, why),
        NoReply::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            ContactError::unreachable(component, format!("nobody answers at name server {server}"))
        }
        NoReply::Io(error) => failed(component, error),
        NoReply::Garbage(_) | NoReply::Refused(_) => ContactError::strange(component, why),
    }
}
