//! The names of the lab's servers: where each runs, what it does, and which one of several it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Nodes, Role, Site};

/// One server of a lab, written `primary/postgres`, or `primary/app-2` where there are several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerId {
    /// Where it runs.
    pub site: Site,
    /// What it does.
    pub role: Role,
    /// Which one it is, from 1 on; none where there is only one.
    pub node: Option<u8>,
}

impl ServerId {
    /// The only server of `role` at `site`; whether a lab has one is said by [`ServerId::all`].
    pub const fn new(site: Site, role: Role) -> ServerId {
        ServerId { site, role, node: None }
    }

    /// One of several servers of `role` at `site`.
    pub const fn node(site: Site, role: Role, number: u8) -> ServerId {
        ServerId { site, role, node: Some(number) }
    }

    /// Every server of a lab with so many nodes, in the order in which they can be started one after another.
    pub fn all(nodes: Nodes) -> Vec<ServerId> {
        let at = |role: Role| Site::ALL.into_iter().flat_map(move |site| ServerId::of(nodes, site, role));
        Role::ALL.into_iter().flat_map(at).collect()
    }

    /// The servers of `role` at `site` in a lab with so many nodes; none where it has none.
    pub fn of(nodes: Nodes, site: Site, role: Role) -> Vec<ServerId> {
        let numbered = |count: u8| (1..=count).map(|number| ServerId::node(site, role, number)).collect();
        let is_outside = matches!(role, Role::Dns | Role::Resolver | Role::Alertmanager | Role::Prometheus);
        let is_cluster = site == Site::Primary && nodes == Nodes::Three;
        match role {
            _ if is_outside != (site == Site::Outside) => Vec::new(),
            Role::App => numbered(2),
            Role::Redis | Role::Sentinel | Role::Rabbitmq if is_cluster => numbered(nodes.into()),
            Role::Sentinel => Vec::new(),
            _ => vec![ServerId::new(site, role)],
        }
    }

    /// The server called `text` among those of a lab. Without a site it is that of the primary one, or the only one
    /// there is.
    pub fn find(text: &str, among: &[ServerId]) -> Result<ServerId, UnknownServer> {
        let is_it = |id: &&ServerId| if text.contains('/') { id.to_string() == text } else { id.name() == text };
        among.iter().find(is_it).copied().ok_or_else(|| UnknownServer::new(text, among))
    }

    /// Its name among the servers of its site: `postgres`, `app-2`.
    pub fn name(&self) -> String {
        match self.node {
            Some(number) => format!("{}-{number}", self.role.name()),
            None => self.role.name().to_owned(),
        }
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.site, self.name())
    }
}

/// A text that names no server of the lab.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lab has no server {name:?}{}", known_of(known))]
pub struct UnknownServer {
    name: String,
    known: Vec<ServerId>,
}

impl UnknownServer {
    fn new(text: &str, known: &[ServerId]) -> UnknownServer {
        UnknownServer { name: text.chars().take(60).collect(), known: known.to_vec() }
    }
}

fn known_of(known: &[ServerId]) -> String {
    let names = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if names.is_empty() { String::new() } else { format!("; it has {names}") }
}

impl FromStr for ServerId {
    type Err = UnknownServer;

    /// Any name that a server of any lab could have: a record may be of a lab that had other servers.
    fn from_str(text: &str) -> Result<ServerId, UnknownServer> {
        let whole = || {
            let (site, name) = text.split_once('/')?;
            let site = Site::ALL.into_iter().find(|one| one.name() == site)?;
            let role = |name: &str| Role::ALL.into_iter().find(|one| one.name() == name);
            if let Some(role) = role(name) {
                return Some(ServerId::new(site, role));
            }
            let (name, number) = name.rsplit_once('-')?;
            let number = number.parse().ok().filter(|number: &u8| (1..=9).contains(number))?;
            Some(ServerId::node(site, role(name)?, number))
        };
        whole().filter(|id| id.to_string() == text).ok_or_else(|| UnknownServer::new(text, &[]))
    }
}

impl Serialize for ServerId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ServerId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ServerId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_server_is_found_by_its_name() {
        for nodes in Nodes::ALL {
            let all = ServerId::all(nodes);
            for id in &all {
                assert_eq!(id.to_string().parse::<ServerId>().unwrap(), *id);
                assert_eq!(ServerId::find(&id.to_string(), &all).unwrap(), *id);
            }
            assert_eq!(ServerId::find("postgres", &all).unwrap(), ServerId::new(Site::Primary, Role::Postgres));
            assert_eq!(ServerId::find("dns", &all).unwrap(), ServerId::new(Site::Outside, Role::Dns));
            assert_eq!(ServerId::find("app-2", &all).unwrap(), ServerId::node(Site::Primary, Role::App, 2));
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_refused_with_those_that_are() {
        let all = ServerId::all(Nodes::One);
        for name in ["dr/dns", "mysql", "primary/", "", "primary/app", "app", "primary/app-3", "primary/redis-1"] {
            let message = ServerId::find(name, &all).unwrap_err().to_string();
            assert!(message.contains("dr/postgres"), "{message}");
        }
    }

    #[test]
    fn a_record_may_name_servers_of_another_lab_but_nothing_that_is_no_server() {
        assert_eq!("primary/app".parse::<ServerId>().unwrap(), ServerId::new(Site::Primary, Role::App));
        assert_eq!("dr/redis-2".parse::<ServerId>().unwrap(), ServerId::node(Site::Dr, Role::Redis, 2));
        for name in ["redis", "primary/mysql", "primary/redis-0", "primary/redis-02", "primary/redis-10", "x/redis-1"] {
            assert!(name.parse::<ServerId>().is_err(), "{name}");
        }
    }
}
