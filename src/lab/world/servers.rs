//! Where the servers are that the world lives on, and how one logs in to them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A way in: an address without a password, and the file that holds the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// `postgresql://app@127.0.0.1:5432/agents`, `redis://app@127.0.0.1:6379`, `amqp://app@127.0.0.1:5672/%2f`.
    pub url: String,
    /// The file with the password; none if the server asks for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
}

/// The three servers of a site, as one role sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Servers {
    /// The database.
    pub postgres: Login,
    /// The cache.
    pub redis: Login,
    /// The broker, over AMQP.
    pub rabbitmq: Login,
}
