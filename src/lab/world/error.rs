//! Why the world could not be made, or a flow through it did not get to its end.

use std::fmt;

use crate::lab::password::PasswordError;
use crate::text::{Exit, Explain, with_causes};

/// A kind of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The database.
    Postgres,
    /// The cache.
    Redis,
    /// The broker.
    Rabbitmq,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Postgres => "PostgreSQL",
            Kind::Redis => "Redis",
            Kind::Rabbitmq => "RabbitMQ",
        })
    }
}

/// What went wrong at which server.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// A password could not be read.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// An address cannot be understood.
    #[error("{url:?} is no address of {kind}: {why}")]
    Address {
        /// Of which kind of server.
        kind: Kind,
        /// The address, which holds no password.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The server refused, failed, or went away.
    #[error("{kind} failed to {doing}: {why}")]
    Server {
        /// Which kind of server.
        kind: Kind,
        /// What it was to do.
        doing: &'static str,
        /// What it or the driver said.
        why: String,
    },
    /// The server said nothing in time.
    #[error("{kind} did not {doing} within {seconds} s")]
    Silent {
        /// Which kind of server.
        kind: Kind,
        /// What it was to do.
        doing: &'static str,
        /// How long it was given.
        seconds: u64,
    },
}

impl WorldError {
    /// At which server it went wrong, if at one.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            WorldError::Password(_) => None,
            WorldError::Address { kind, .. } | WorldError::Server { kind, .. } | WorldError::Silent { kind, .. } => {
                Some(*kind)
            }
        }
    }

    /// What sets it apart from another: where it happened and at what, whatever the server said.
    pub(super) fn sort(&self) -> (Option<Kind>, &'static str) {
        match self {
            WorldError::Password(_) => (None, "read a password"),
            WorldError::Address { kind, .. } => (Some(*kind), "understand an address"),
            WorldError::Server { kind, doing, .. } | WorldError::Silent { kind, doing, .. } => (Some(*kind), doing),
        }
    }

    /// For `map_err` of the database's driver.
    pub(in crate::lab) fn postgres(doing: &'static str) -> impl Fn(tokio_postgres::Error) -> WorldError {
        move |error| {
            let said = error.as_db_error().map(|said| said.message().to_owned());
            let why = said.unwrap_or_else(|| with_causes(&error));
            WorldError::Server { kind: Kind::Postgres, doing, why }
        }
    }

    /// For `map_err` of the cache's driver.
    pub(in crate::lab) fn redis(doing: &'static str) -> impl Fn(redis::RedisError) -> WorldError {
        move |error| WorldError::Server { kind: Kind::Redis, doing, why: with_causes(&error) }
    }

    /// For `map_err` of the broker's driver.
    pub(in crate::lab) fn rabbitmq(doing: &'static str) -> impl Fn(lapin::Error) -> WorldError {
        move |error| WorldError::Server { kind: Kind::Rabbitmq, doing, why: with_causes(&error) }
    }

    /// For `map_err` of the broker's management interface.
    pub(in crate::lab) fn management(doing: &'static str) -> impl Fn(reqwest::Error) -> WorldError {
        move |error| WorldError::Server { kind: Kind::Rabbitmq, doing, why: with_causes(&error.without_url()) }
    }
}

impl Explain for WorldError {
    fn next_step(&self) -> String {
        match self {
            WorldError::Password(_) => "Make the file readable for its owner alone: chmod 600.".to_owned(),
            WorldError::Address { .. } => "Correct the address.".to_owned(),
            WorldError::Server { .. } | WorldError::Silent { .. } => {
                "See what runs with `lifeboat lab status`, and look into the log of that server.".to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            WorldError::Address { .. } => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}
