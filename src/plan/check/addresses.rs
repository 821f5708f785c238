//! Two components that answer at one address.

use std::collections::HashMap;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::Finding;
use crate::plan::types::{Component, Kind};

pub const RULES: &[Rule] = &[one_address, two_databases];

/// One address, two components: whatever is done to one is done to the other.
fn one_address(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<String, Entry<'_, Component>> = HashMap::new();
    for component in entries(&examined.plan.component) {
        let Some(address) = identity(component.item) else { continue };
        let Some(first) = seen.get(&address) else {
            seen.insert(address, component);
            continue;
        };
        findings.push(
            Finding::error("one-address", format!("{} and {} have one address", first.name, component.name))
                .at(examined.key(component, "address"), format!("{} answers here", component.name))
                .at(examined.key(*first, "address"), format!("and {} here", first.name))
                .because(format!(
                    "a restore of {} would replace {} on the night, and the health of one would be shown for both",
                    component.name, first.name
                ))
                .mend("correct the address that is wrong, or keep one of the two components"),
        );
    }
}

/// An address that names another database than the settings do: one of the two is backed up, and looks well.
fn two_databases(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let component: Entry<'_, Component> = component;
        let named = component.item.postgres.as_ref().and_then(|settings| settings.database.as_deref());
        let address = component.item.address.as_deref().filter(|_| component.item.kind == Kind::Postgres);
        let Some((named, address)) = named.zip(address) else { continue };
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let path = rest.split(['?', '#']).next().and_then(|rest| rest.split_once('/')).map_or("", |(_, path)| path);
        if path.is_empty() || path == named {
            continue;
        }
        findings.push(
            Finding::error("two-databases", format!("{} is of the database {path}, and of {named}", component.name))
                .at(examined.key(component, "address"), format!("of {path}"))
                .at(examined.at(&examined.path(component).to("postgres").to("database")), format!("of {named}"))
                .because(format!("{path} would be watched and backed up, and {named} is the one that is missed"))
                .mend("name one database, in one of both places"),
        );
    }
}

/// What makes an address the same as another, whatever the way it is written.
fn identity(component: &Component) -> Option<String> {
    let address = component.address.as_deref()?.trim();
    let reach = component.reach.as_ref().filter(|place| !place.is_here()).map(ToString::to_string).unwrap_or_default();
    match component.kind {
        Kind::Files | Kind::Certificate | Kind::Container | Kind::Host | Kind::DnsName | Kind::S3Bucket => {
            let address = address.trim_end_matches('/');
            let name = if component.kind == Kind::Files { address.to_owned() } else { address.to_ascii_lowercase() };
            Some(format!("{:?} {name} {reach}", component.kind))
        }
        _ => {
            let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
            let end = rest.find(['?', '#']).unwrap_or(rest.len());
            let query = rest[end..].strip_prefix('?').map_or("", |query| query.split('#').next().unwrap_or_default());
            let query = tells_apart(query, component.kind);
            let (authority, path) = rest[..end].split_once('/').unwrap_or((&rest[..end], ""));
            let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_ascii_lowercase();
            let (host, port) = host_and_port(&host);
            let port = port.or_else(|| usual_port(scheme, component.kind).map(|port| port.to_string()))?;
            let path = path.trim_end_matches('/');
            let path = if path.is_empty() {
                component.postgres.as_ref().and_then(|p| p.database.as_deref()).unwrap_or("")
            } else {
                path
            };
            // What is local to a machine or a container differs from one to the other.
            let place = if is_local(host) { reach } else { String::new() };
            let host = if is_local(host) { "localhost" } else { host };
            Some(format!("{host}:{port}/{path}?{query} {place}"))
        }
    }
}

/// What of a query leads to something else. Of a page all of it does; of a database and the like only
/// what names one, not how to connect.
fn tells_apart(query: &str, kind: Kind) -> String {
    const NAMES: [&str; 6] = ["host", "hostaddr", "port", "dbname", "db", "vhost"];
    let is_page = !matches!(kind, Kind::Postgres | Kind::Redis | Kind::Rabbitmq | Kind::TcpPort);
    let mut parts: Vec<&str> = query
        .split('&')
        .filter(|part| is_page || part.split_once('=').is_some_and(|(key, _)| NAMES.contains(&key)))
        .collect();
    parts.sort_unstable();
    parts.join("&")
}

fn host_and_port(host: &str) -> (&str, Option<String>) {
    let (name, port) = match host.rsplit_once(':') {
        // An IPv6 address without a port ends in its bracket.
        Some((_, port)) if port.ends_with(']') => (host, None),
        Some((name, port)) => (name, Some(port)),
        None => (host, None),
    };
    let port = port.map(|port| port.trim_start_matches('0').to_owned());
    (name.trim_end_matches('.'), port)
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "[::1]" | "")
}

fn usual_port(scheme: &str, kind: Kind) -> Option<u16> {
    match (scheme.to_ascii_lowercase().as_str(), kind) {
        ("postgres" | "postgresql", _) | ("", Kind::Postgres) => Some(5432),
        ("redis" | "rediss", _) | ("", Kind::Redis) => Some(6379),
        ("amqp", _) | ("", Kind::Rabbitmq) => Some(5672),
        ("amqps", _) => Some(5671),
        ("https", _) => Some(443),
        ("http", _) | ("", Kind::Http | Kind::LoadBalancer) => Some(80),
        ("", Kind::Elasticsearch) => Some(9200),
        ("", Kind::Prometheus) => Some(9090),
        ("", Kind::Alertmanager) => Some(9093),
        ("", Kind::Grafana) => Some(3000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_databases_of_one_component_are_found() {
        let plan = |address: &str| {
            format!("[[component]]\nname='d'\nkind='postgres'\naddress='{address}'\npostgres={{database='shop'}}\n")
        };
        let other = "postgresql://u@h/template1?sslmode=require";
        finds("two-databases", &plan(other), &[&format!("address='{other}'"), "database='shop'"]);
        accepts("two-databases", &plan("postgresql://u@h/shop"));
        accepts("two-databases", &plan("postgresql://u@h:5432"));
    }

    use super::super::testing::{accepts, finds};

    fn plan(kind: &str, one: &str, other: &str) -> String {
        format!(
            "[[component]]\nname='a'\nkind='{kind}'\naddress={one}\n[[component]]\nname='b'\nkind='{kind}'\naddress={other}"
        )
    }

    #[test]
    fn one_address_written_in_two_ways_is_found() {
        for (kind, one, other) in [
            ("postgres", "'postgresql://x@DB:5432/app'", "'postgres://db/app'"),
            ("postgres", "'db'", "'postgres://db:5432/'"),
            ("redis", "'redis://cache'", "'cache.:6379'"),
            ("redis", "'127.0.0.1'", "'localhost:6379'"),
            ("http", "'https://shop/'", "'https://shop:443'"),
            ("http", "'http://[::1]:80/a'", "'http://localhost/a/'"),
            ("files", "'/etc/app'", "'/etc/app/'"),
            ("postgres", "'postgresql://db/app?sslmode=require'", "'postgresql://db/app'"),
            ("http", "'http://shop/a?x=1&y=2'", "'http://shop/a?y=2&x=1#top'"),
        ] {
            let (here, first) = (format!("address={other}"), format!("address={one}"));
            finds("one-address", &plan(kind, one, other), &[&here, &first]);
        }
    }

    #[test]
    fn addresses_that_differ_are_accepted() {
        for (kind, one, other) in [
            ("postgres", "'postgresql://db/app'", "'postgresql://db/audit'"),
            ("redis", "'redis://cache:6379'", "'redis://cache:6380'"),
            ("http", "'https://shop/a'", "'https://shop/b'"),
            ("http", "'https://shop/health?of=cart'", "'https://shop/health?of=stock'"),
            ("postgres", "'postgresql:///app?host=/run/one'", "'postgresql:///app?host=/run/two'"),
            ("redis", "'localhost'\nreach={ssh='one'}", "'localhost'\nreach={ssh='two'}"),
            ("files", "'/etc/app'\nreach={docker='one'}", "'/etc/app'\nreach={docker='two'}"),
        ] {
            accepts("one-address", &plan(kind, one, other));
        }
    }
}
