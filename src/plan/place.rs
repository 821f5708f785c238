//! Where something runs and how a command gets there: `here`, over ssh, in a container, behind a prefix.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How to get to where a system lives. Exactly one key; without any it is here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// A host of the user's own OpenSSH configuration: `db-1`, `user@host`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh: Option<String>,
    /// A container of the local engine, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub docker: Option<String>,
    /// An argv put before every command: `["kubectl", "exec", "-i", "pg-0", "--"]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<Vec<String>>,
}

impl Place {
    /// This machine.
    pub const HERE: Place = Place { ssh: None, docker: None, prefix: None };

    /// Whether commands run on this machine as they are.
    pub fn is_here(&self) -> bool {
        *self == Place::HERE
    }

    /// How many ways are named; more than one is a mistake of the plan.
    pub fn ways(&self) -> usize {
        usize::from(self.ssh.is_some()) + usize::from(self.docker.is_some()) + usize::from(self.prefix.is_some())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.ssh, &self.docker, &self.prefix) {
            (Some(host), _, _) => write!(f, "ssh {host}"),
            (_, Some(container), _) => write!(f, "container {container}"),
            (_, _, Some(prefix)) => write!(f, "{}", prefix.join(" ")),
            _ => f.write_str("here"),
        }
    }
}
