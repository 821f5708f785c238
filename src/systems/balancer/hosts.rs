//! The hosts behind a load balancer, under the names that the plan gives them.

use std::net::IpAddr;

use super::haproxy::{Server, Statistics};
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{Component, Plan};
use crate::systems::probe::Told;
use crate::systems::reading::Reason;
use crate::text::{Shape, Span, untrusted};

/// How many hosts that are down are named.
const NAMED: usize = 5;

/// A component that should be behind it.
#[derive(Clone, Debug)]
pub struct Expected {
    name: String,
    /// `host:port`, where its address says so.
    at: Option<String>,
}

/// The components that the plan puts behind a balancer.
pub fn expected(component: &Component, plan: &Plan) -> Vec<Expected> {
    let names = component.balancer.iter().flat_map(|balancer| &balancer.hosts);
    let one = |name: &String| {
        let host = plan.component.iter().find(|host| host.name == *name);
        let at = host.and_then(|host| host.address.as_deref()).and_then(host_and_port);
        Expected { name: name.clone(), at }
    };
    names.map(one).collect()
}

fn host_and_port(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let authority = rest.split('/').next()?;
    let has_port = authority.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    match (has_port, scheme) {
        (true, _) => Some(authority.to_owned()),
        (false, "https") => Some(format!("{authority}:443")),
        (false, "http") => Some(format!("{authority}:80")),
        (false, _) => None,
    }
}

/// The component that a server is, by its name, or by its address where that is one of its own.
fn component<'e>(server: &Server, expected: &'e [Expected]) -> Option<&'e Expected> {
    let by_name = expected.iter().find(|one| one.name == server.name);
    let is_own = server
        .address
        .rsplit_once(':')
        .is_some_and(|(host, _)| host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok());
    by_name.or_else(|| expected.iter().find(|one| is_own && one.at.as_deref() == Some(server.address.as_str())))
}

/// Tells of the servers.
pub fn tell(statistics: &Statistics, expected: &[Expected], told: &mut Told) {
    let servers = &statistics.servers;
    let shown = |server: &Server| {
        let name = component(server, expected).map_or(&server.name, |one| &one.name);
        untrusted(name, Shape::line(60))
    };
    let down: Vec<&Server> = servers.iter().filter(|server| !server.is_up()).collect();
    told.facts.set("hosts", Value::Count(servers.len() as u64));
    told.facts.set("hosts_up", Value::Count((servers.len() - down.len()) as u64));
    told.facts.set("hosts_down", Value::Count(down.len() as u64));
    told.facts.set("sessions", Value::Count(statistics.sessions));
    if !servers.is_empty() && down.len() == servers.len() {
        told.reasons.push(Reason::of_fact(Verdict::Down, "hosts_up", "not one of the hosts behind it is up"));
    }
    for server in down.iter().take(NAMED) {
        let (name, status) = (shown(server), untrusted(&server.status, Shape::line(30)));
        let check = untrusted(&server.check, Shape::line(80));
        let why = match (server.is_taken_out(), check.is_empty()) {
            (true, _) => format!(" was taken out ({status})"),
            (false, true) => format!(" is {status}"),
            (false, false) => format!(" is {status}: {check}"),
        };
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "hosts_down", format!("host {name}{why}")));
    }
    // Servers under names of their own, and without addresses, cannot be told apart.
    let can_tell = servers.iter().any(|server| !server.address.is_empty() || component(server, expected).is_some());
    let is_there = |one: &&Expected| {
        servers.iter().any(|server| component(server, expected).is_some_and(|it| it.name == one.name))
    };
    for missing in expected.iter().filter(|one| can_tell && !is_there(one)).take(NAMED) {
        let sentence = format!("{} is not behind it, as the plan says", missing.name);
        told.reasons.push(Reason::of_fact(Verdict::Degraded, "hosts", sentence));
    }
    let mut sorted: Vec<&Server> = servers.iter().collect();
    sorted.sort_by_key(|server| server.is_up());
    let row = |server: &&Server| {
        vec![
            shown(server),
            server.backend.clone(),
            server.status.clone(),
            server.since.map_or_else(String::new, |seconds| Span::from_secs(seconds.min(1 << 32)).brief()),
            server.check.clone(),
        ]
    };
    let rows = sorted.iter().map(row).collect();
    told.facts.list("Hosts behind it", &["Host", "Group", "Status", "For", "Check"], rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str, address: &str, status: &str) -> Server {
        Server { name: name.to_owned(), address: address.to_owned(), status: status.to_owned(), ..Server::default() }
    }

    #[test]
    fn a_host_is_known_by_its_name_or_its_address() {
        let plan: Plan = toml::from_str(
            "[platform]\nname='p'\n[[component]]\nname='lb'\nkind='load-balancer'\nbalancer={hosts=['app-1','app-2','app-3']}\n\
             [[component]]\nname='app-1'\nkind='http'\naddress='http://127.0.0.1:3000/x'\n\
             [[component]]\nname='app-2'\nkind='http'\naddress='http://127.0.0.1:3001'",
        )
        .unwrap();
        let expected = expected(&plan.component[0], &plan);
        let servers = vec![server("s1", "127.0.0.1:3000", "UP"), server("app-2", "", "DOWN")];
        let mut told = Told::default();
        tell(&Statistics { servers, ..Statistics::default() }, &expected, &mut told);
        let said: Vec<&str> = told.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
        assert_eq!(said, ["host app-2 is DOWN", "app-3 is not behind it, as the plan says"]);
        let names: Vec<&str> = told.facts.lists()[0].rows.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["app-2", "app-1"]);
    }
}
