//! Connections that come back: each is made when it is needed and thrown away when it fails.

use std::sync::atomic::{AtomicUsize, Ordering};

use lapin::Connection;
use redis::aio::MultiplexedConnection;
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::Client;

use super::{Servers, WorldError};

/// How many sessions of the database are kept.
const SESSIONS: usize = 4;

/// The way to the three servers of a site.
pub struct Links {
    servers: Servers,
    name: String,
    sessions: [Mutex<Option<Client>>; SESSIONS],
    turn: AtomicUsize,
    redis: Mutex<Option<MultiplexedConnection>>,
    rabbitmq: Mutex<Option<Connection>>,
}

/// A session of the database, for one user at a time. Dropped without [`Session::keep`] it ends, because
/// nobody knows then what state it is in.
pub(in crate::lab) struct Session<'l> {
    home: MutexGuard<'l, Option<Client>>,
    pub(in crate::lab) client: Client,
}

impl Links {
    /// Nothing is connected until it is needed. The servers see `name`.
    pub fn new(servers: Servers, name: impl Into<String>) -> Links {
        Links {
            servers,
            name: name.into(),
            sessions: [const { Mutex::const_new(None) }; SESSIONS],
            turn: AtomicUsize::new(0),
            redis: Mutex::const_new(None),
            rabbitmq: Mutex::const_new(None),
        }
    }

    /// The servers it leads to.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// A session of the database.
    pub(in crate::lab) async fn postgres(&self) -> Result<Session<'_>, WorldError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed) % SESSIONS;
        let idle = self.sessions.iter().find_map(|session| session.try_lock().ok());
        let mut held = match idle {
            Some(held) => held,
            None => self.sessions[turn].lock().await,
        };
        let client = match held.take() {
            Some(client) if !client.is_closed() => client,
            _ => self.servers.postgres.postgres(&self.name).await?,
        };
        Ok(Session { home: held, client })
    }

    /// A connection to the cache; many may use it at once.
    pub(in crate::lab) async fn redis(&self) -> Result<MultiplexedConnection, WorldError> {
        let mut held = self.redis.lock().await;
        if let Some(connection) = held.as_ref() {
            return Ok(connection.clone());
        }
        let connection = self.servers.redis.redis().await?;
        *held = Some(connection.clone());
        Ok(connection)
    }

    /// A channel to the broker.
    pub(in crate::lab) async fn rabbitmq(&self) -> Result<lapin::Channel, WorldError> {
        let mut held = self.rabbitmq.lock().await;
        let connection = match held.take() {
            Some(connection) if connection.status().connected() => connection,
            _ => self.servers.rabbitmq.rabbitmq(&self.name).await?,
        };
        let channel = connection.create_channel().await;
        *held = Some(connection);
        channel.map_err(WorldError::rabbitmq("open a channel"))
    }

    /// Forgets the connections that `error` may have come from, so that the next use makes new ones.
    pub(in crate::lab) async fn mend(&self, error: &WorldError) {
        match error.kind() {
            Some(super::Kind::Redis) => *self.redis.lock().await = None,
            Some(super::Kind::Rabbitmq) => *self.rabbitmq.lock().await = None,
            // A session that is broken says so itself, and one whose query was only refused stays.
            Some(super::Kind::Postgres) | None => {}
        }
    }
}

impl Session<'_> {
    /// Gives the session back for the next one.
    pub(in crate::lab) fn keep(mut self) {
        *self.home = Some(self.client);
    }
}
