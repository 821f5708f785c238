//! The names of the lab: its sites and the servers on them.

use std::fmt;
use std::str::FromStr;

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
    /// The application that uses all of them.
    App,
}

impl Role {
    /// The name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Role::Dns => "dns",
            Role::S3 => "s3",
            Role::Epmd => "epmd",
            Role::Rabbitmq => "rabbitmq",
            Role::Postgres => "postgres",
            Role::Redis => "redis",
            Role::App => "app",
        }
    }
}

/// One server of the lab, written `primary/postgres`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerId {
    /// Where it runs.
    pub site: Site,
    /// What it does.
    pub role: Role,
}

impl ServerId {
    /// The server of `role` at `site`; whether the lab has one is said by [`ServerId::all`].
    pub const fn new(site: Site, role: Role) -> ServerId {
        ServerId { site, role }
    }

    /// Every server of the lab, in the order in which they can be started one after another.
    pub fn all() -> Vec<ServerId> {
        let at_both = [Role::S3, Role::Epmd, Role::Rabbitmq, Role::Postgres, Role::Redis, Role::App];
        let mut all = vec![ServerId::new(Site::Outside, Role::Dns)];
        for role in at_both {
            all.push(ServerId::new(Site::Primary, role));
            all.push(ServerId::new(Site::Dr, role));
        }
        all
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.site.name(), self.role.name())
    }
}

/// A text that names no server of the lab.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lab has no server {name:?}; it has {known}")]
pub struct UnknownServer {
    name: String,
    known: String,
}

impl FromStr for ServerId {
    type Err = UnknownServer;

    /// `dr/postgres`; a role alone is the one of the primary site, or the only one there is.
    fn from_str(text: &str) -> Result<ServerId, UnknownServer> {
        let all = ServerId::all();
        let found = match text.split_once('/') {
            Some(_) => all.iter().find(|id| id.to_string() == text),
            None => all.iter().find(|id| id.role.name() == text),
        };
        found.copied().ok_or_else(|| UnknownServer {
            name: text.chars().take(60).collect(),
            known: all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        })
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
        for id in ServerId::all() {
            assert_eq!(id.to_string().parse::<ServerId>().unwrap(), id);
        }
        assert_eq!("postgres".parse::<ServerId>().unwrap(), ServerId::new(Site::Primary, Role::Postgres));
        assert_eq!("dns".parse::<ServerId>().unwrap(), ServerId::new(Site::Outside, Role::Dns));
    }

    #[test]
    fn a_server_that_is_not_there_is_refused_with_those_that_are() {
        for name in ["dr/dns", "mysql", "primary/", ""] {
            let message = name.parse::<ServerId>().unwrap_err().to_string();
            assert!(message.contains("dr/postgres"), "{message}");
        }
    }
}
