//! Addresses at which nothing can answer: nothing at all, no port that exists, another protocol's scheme.

use std::net::IpAddr;

use super::Rule;
use super::examined::Examined;
use super::places::{Entry, entries};
use crate::plan::Finding;
use crate::plan::types::{Component, Kind};

pub const RULES: &[Rule] = &[addresses];

/// How the addresses of a kind are written.
struct Form {
    schemes: &'static [&'static str],
    needs_scheme: bool,
    example: &'static str,
}

fn form(kind: Kind) -> Option<Form> {
    let form = |schemes, needs_scheme, example| Some(Form { schemes, needs_scheme, example });
    match kind {
        Kind::Postgres => form(&["postgresql", "postgres"], false, "postgresql://user@host:5432/database"),
        Kind::Redis => form(&["redis", "rediss", "redis+unix", "unix"], false, "redis://host:6379"),
        Kind::Rabbitmq => form(&["amqp", "amqps"], false, "amqp://host:5672"),
        Kind::Http => form(&["http", "https"], true, "https://host:8080"),
        Kind::Elasticsearch => form(&["http", "https"], true, "http://host:9200"),
        Kind::Prometheus => form(&["http", "https"], true, "http://host:9090"),
        Kind::Alertmanager => form(&["http", "https"], true, "http://host:9093"),
        Kind::Grafana => form(&["http", "https"], true, "http://host:3000"),
        Kind::LoadBalancer => form(&["http", "https", "tcp"], false, "http://host:8080"),
        Kind::TcpPort => form(&[], false, "host:9092"),
        Kind::S3Bucket => form(&["s3"], false, "s3://bucket"),
        Kind::Host => form(&[], false, "db-1.example.com"),
        Kind::Files | Kind::Certificate | Kind::DnsName | Kind::Container => None,
    }
}

fn addresses(examined: &Examined<'_>, findings: &mut Vec<Finding>) {
    for component in entries(&examined.plan.component) {
        let Some(address) = component.item.address.as_deref() else { continue };
        let example = match component.kind {
            Kind::Certificate => "/etc/ssl/app.pem",
            kind => form(kind).map_or("db-1.example.com", |form| form.example),
        };
        if let Some(why) = wrong(component, address) {
            findings.push(
                Finding::error("address", format!("nothing can answer at the address of {}: {why}", component.name))
                    .at(examined.key(component, "address"), why)
                    .because(format!("{} can be neither watched nor restored, and stays unknown", component.name))
                    .mend(format!("write where it answers, like \"{example}\", or leave `address` out")),
            );
        }
    }
}

fn wrong(component: Entry<'_, Component>, address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty() {
        return Some("it is empty".to_owned());
    }
    if component.kind == Kind::Certificate && !address.starts_with('/') {
        return Some("it is no file; where a certificate is served is told by `certificate.served_at`".to_owned());
    }
    let form = form(component.kind)?;
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), rest),
        None => (None, address),
    };
    let kind = component.kind;
    match &scheme {
        Some(scheme) if !form.schemes.is_empty() && !form.schemes.contains(&scheme.as_str()) => {
            return Some(format!("{kind} does not speak {scheme}://"));
        }
        None if form.needs_scheme => return Some("it does not begin with http:// or https://".to_owned()),
        _ => {}
    }
    // A database may be described in words, a socket by its path, a bucket by its name.
    let is_network = match kind {
        Kind::S3Bucket => false,
        Kind::Host => address.parse::<IpAddr>().is_err(),
        Kind::Postgres if scheme.is_none() => !address.contains('='),
        _ => scheme.as_deref().is_none_or(|scheme| !scheme.contains("unix")),
    };
    if is_network { wrong_host(rest, kind == Kind::Postgres) } else { None }
}

/// `user:password@host:port/path?query`; a database may name several hosts, and a socket by none.
fn wrong_host(rest: &str, may_be_several: bool) -> Option<String> {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    if hosts.is_empty() {
        return if may_be_several { None } else { Some("it names no host".to_owned()) };
    }
    hosts.split(|letter| may_be_several && letter == ',').find_map(wrong_host_and_port)
}

pub(super) fn wrong_host_and_port(text: &str) -> Option<String> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let Some(port) = port else {
        return host.contains(char::is_whitespace).then(|| "a name of a host holds no spaces".to_owned());
    };
    if host.is_empty() {
        return Some("it names no host".to_owned());
    }
    match port.parse::<u32>() {
        Ok(1..=65_535) => None,
        Ok(port) => Some(format!("there is no port {port}; they go from 1 to 65535")),
        // Not repeated: a password with a sign in it may stand here.
        Err(_) => Some("what stands after the host is no number of a port".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{accepts, finds};

    fn plan(kind: &str, address: &str) -> String {
        format!("[[component]]\nname='a'\nkind='{kind}'\naddress='{address}'")
    }

    #[test]
    fn addresses_at_which_nothing_can_answer_are_found() {
        for (kind, address) in [
            ("postgres", ""),
            ("files", " "),
            ("tcp-port", "::::"),
            ("postgres", "postgresql://db:99999/x"),
            ("redis", "redis://h:543200"),
            ("redis", "redis://h:0"),
            ("http", "http://h:port/"),
            ("http", "https:///path"),
            ("postgres", "mysql://db:3306/x"),
            ("http", "127.0.0.1:8080"),
            ("grafana", "grafana.example.com"),
            ("s3-bucket", "https://h/b"),
            ("tcp-port", "127.0.0.1:99999"),
            ("load-balancer", "lb:99999"),
            ("rabbitmq", "amqp://h:99999"),
            ("host", "127.0.0.1:99999"),
            ("certificate", "app.example.com:99999"),
        ] {
            finds("address", &plan(kind, address), &[&format!("address='{address}'")]);
        }
    }

    #[test]
    fn addresses_that_can_be_asked_are_accepted() {
        for (kind, address) in [
            ("postgres", "postgresql:///app?host=/run/one"),
            ("postgres", "postgresql://ada@one:5432,two:5432/app"),
            ("postgres", "host=db dbname=x"),
            ("redis", "localhost"),
            ("redis", "redis+unix:///run/redis"),
            ("http", "http://[::1]:80/a"),
            ("load-balancer", "lb:443"),
            ("tcp-port", "journal:9092"),
            ("s3-bucket", "bucket"),
            ("files", "/etc/app"),
            ("host", "db-1"),
            ("host", "db-1:22"),
            ("host", "::1"),
            ("certificate", "/etc/ssl/app.pem"),
        ] {
            accepts("address", &plan(kind, address));
        }
    }
}
