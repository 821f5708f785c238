//! Where the servers are that the world lives on, and how one logs in to them.

use std::path::PathBuf;
use std::time::Duration;

use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties};
use redis::aio::MultiplexedConnection;
use serde::{Deserialize, Serialize};
use tokio_postgres::{Client, NoTls};
use zeroize::Zeroizing;

use super::{Kind, WorldError};
use crate::lab::password;

/// How long a server may take to let us in.
const CONNECT: Duration = Duration::from_secs(10);
/// How long after one node of a cluster the next one is tried.
const STAGGER: Duration = Duration::from_millis(250);

/// A way in: an address without a password, and the file that holds the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// `postgresql://app@127.0.0.1:5432/agents`, `redis://app@127.0.0.1:6379`, `amqp://app@127.0.0.1:5672/%2f`,
    /// `http://admin@127.0.0.1:15672`.
    pub url: String,
    /// The same at further nodes of a cluster, tried a little later one after another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
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

impl Login {
    /// A way in that needs no password.
    pub fn open(url: impl Into<String>) -> Login {
        Login { url: url.into(), others: Vec::new(), password_file: None }
    }

    /// A way in with the password that lies in `file`.
    pub fn with_password(url: impl Into<String>, file: impl Into<PathBuf>) -> Login {
        Login { password_file: Some(file.into()), ..Login::open(url) }
    }

    /// A way in to whichever of several nodes takes us, with the password that lies in `file`.
    pub fn among(urls: Vec<String>, file: impl Into<PathBuf>) -> Login {
        let mut urls = urls.into_iter();
        let first = urls.next().unwrap_or_default();
        Login { others: urls.collect(), ..Login::with_password(first, file) }
    }

    fn password(&self) -> Result<Option<Zeroizing<String>>, WorldError> {
        Ok(self.password_file.as_deref().map(password::read).transpose()?)
    }

    fn wrong(&self, kind: Kind, why: impl std::fmt::Display) -> WorldError {
        WorldError::Address { kind, url: self.url.clone(), why: why.to_string() }
    }

    /// A session of the database, which shows up there under `name`.
    pub async fn postgres(&self, name: &str) -> Result<Client, WorldError> {
        let mut config: tokio_postgres::Config = self.url.parse().map_err(|error| self.wrong(Kind::Postgres, error))?;
        if let Some(password) = self.password()? {
            config.password(password.as_bytes());
        }
        config.application_name(name).connect_timeout(CONNECT);
        let (client, connection) = in_time(Kind::Postgres, "let us in", CONNECT, config.connect(NoTls))
            .await?
            .map_err(WorldError::postgres("let us in"))?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a session of the database ended");
            }
        });
        Ok(client)
    }

    /// A connection to the cache; where it has several nodes, to the one that takes writes.
    pub async fn redis(&self) -> Result<MultiplexedConnection, WorldError> {
        if self.others.is_empty() {
            return self.redis_at(&self.url).await;
        }
        first(self.urls().map(|url| self.primary_at(url))).await
    }

    /// Every address of it, the first one first.
    fn urls(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.url).chain(&self.others).map(String::as_str)
    }

    async fn primary_at(&self, url: &str) -> Result<MultiplexedConnection, WorldError> {
        let mut connection = self.redis_at(url).await?;
        let asked = redis::cmd("INFO").arg("replication").query_async(&mut connection).await;
        let info: String = asked.map_err(WorldError::redis("tell its role"))?;
        if info.lines().any(|line| line.trim_end() == "role:master") {
            return Ok(connection);
        }
        Err(WorldError::Server { kind: Kind::Redis, doing: "let us in", why: format!("{url} is a replica") })
    }

    async fn redis_at(&self, url: &str) -> Result<MultiplexedConnection, WorldError> {
        let wrong = |error| self.wrong(Kind::Redis, error);
        let info = redis::IntoConnectionInfo::into_connection_info(url).map_err(wrong)?;
        let mut settings = info.redis_settings().clone();
        if let Some(password) = self.password()? {
            settings = settings.set_password(password.as_str());
        }
        let client = redis::Client::open(info.set_redis_settings(settings)).map_err(wrong)?;
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(Duration::from_secs(10)));
        in_time(Kind::Redis, "let us in", CONNECT, client.get_multiplexed_async_connection_with_config(&config))
            .await?
            .map_err(WorldError::redis("let us in"))
    }

    /// A connection to the broker, which shows up there under `name`.
    pub async fn rabbitmq(&self, name: &str) -> Result<Connection, WorldError> {
        first(self.urls().map(|url| self.rabbitmq_at(url, name))).await
    }

    async fn rabbitmq_at(&self, url: &str, name: &str) -> Result<Connection, WorldError> {
        let mut uri: AMQPUri = url.parse().map_err(|error| self.wrong(Kind::Rabbitmq, error))?;
        if let Some(password) = self.password()? {
            password.as_str().clone_into(&mut uri.authority.userinfo.password);
        }
        let properties = ConnectionProperties::default().with_connection_name(name.into());
        in_time(Kind::Rabbitmq, "let us in", CONNECT, Connection::connect_uri(uri, properties))
            .await?
            .map_err(WorldError::rabbitmq("let us in"))
    }

    /// The way to the broker's management interface.
    pub(in crate::lab) fn management(&self) -> Result<Management, WorldError> {
        let wrong = |why: &dyn std::fmt::Display| self.wrong(Kind::Rabbitmq, why);
        let mut base = reqwest::Url::parse(&self.url).map_err(|error| wrong(&error))?;
        let user = base.username().to_owned();
        base.set_username("").map_err(|()| wrong(&"it cannot name a user"))?;
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(10)).build();
        let client = client.map_err(WorldError::management("prepare a request"))?;
        Ok(Management { base, user, password: self.password()?, client })
    }
}

/// The broker's management interface.
pub(in crate::lab) struct Management {
    base: reqwest::Url,
    user: String,
    password: Option<Zeroizing<String>>,
    client: reqwest::Client,
}

impl Management {
    /// Puts `body` where `segments` lead to.
    pub(in crate::lab) async fn put(
        &self,
        segments: &[&str],
        body: &serde_json::Value,
        doing: &'static str,
    ) -> Result<(), WorldError> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push("api").extend(segments);
        }
        let request = self.client.put(url).basic_auth(&self.user, self.password.as_deref()).json(body);
        let answer = request.send().await.map_err(WorldError::management(doing))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let why = format!("it said {status}: {}", answer.text().await.unwrap_or_default());
        Err(WorldError::Server { kind: Kind::Rabbitmq, doing, why })
    }
}

/// The first of the nodes that lets us in. A dead one costs nothing and a silent one little, because the next is tried
/// before it has answered.
async fn first<T>(
    attempts: impl Iterator<Item = impl Future<Output = Result<T, WorldError>>>,
) -> Result<T, WorldError> {
    let attempts = attempts.zip(0..).map(|(attempt, turn)| {
        Box::pin(async move {
            tokio::time::sleep(STAGGER * turn).await;
            attempt.await
        })
    });
    futures_util::future::select_ok(attempts).await.map(|(entered, _)| entered)
}

/// Waits, but not for ever.
pub(in crate::lab) async fn in_time<F: Future>(
    kind: Kind,
    doing: &'static str,
    limit: Duration,
    work: F,
) -> Result<F::Output, WorldError> {
    let late = |_| WorldError::Silent { kind, doing, seconds: limit.as_secs() };
    tokio::time::timeout(limit, work).await.map_err(late)
}
