//! Whether the application can do its work: each server is really asked.

use std::time::{Duration, Instant};

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use serde::Serialize;

use crate::lab::world::rabbitmq::DEFAULT_QUEUE;
use crate::lab::world::{Kind, Links, WorldError, in_time};

/// How long each server may take.
const LIMIT: Duration = Duration::from_secs(2);

/// What was found out about one server.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    pub(super) ok: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// It is a copy that takes no writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) read_only: Option<bool>,
    pub(super) millis: u64,
}

/// What was found out about all of them.
#[derive(Debug, Serialize)]
pub(super) struct Health {
    pub(super) status: &'static str,
    pub(super) site: String,
    pub(super) postgres: Answer,
    pub(super) redis: Answer,
    pub(super) rabbitmq: Answer,
}

/// Asks all three at the same time.
pub(super) async fn ask(links: &Links, site: &str) -> Health {
    let (postgres, redis, rabbitmq) = tokio::join!(
        answer(links, Kind::Postgres, postgres(links)),
        answer(links, Kind::Redis, redis(links)),
        answer(links, Kind::Rabbitmq, rabbitmq(links)),
    );
    let all = postgres.ok && redis.ok && rabbitmq.ok;
    Health { status: if all { "ok" } else { "failing" }, site: site.to_owned(), postgres, redis, rabbitmq }
}

async fn answer(links: &Links, kind: Kind, asked: impl Future<Output = Result<Option<bool>, WorldError>>) -> Answer {
    let start = Instant::now();
    let outcome = in_time(kind, "answer", LIMIT, asked).await.and_then(|answer| answer);
    let millis = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    match outcome {
        Ok(read_only) => Answer { ok: true, reason: None, read_only, millis },
        Err(error) => {
            links.mend(&error).await;
            Answer { ok: false, reason: Some(error.to_string()), read_only: None, millis }
        }
    }
}

/// Whether there are agents, and whether this is a standby.
async fn postgres(links: &Links) -> Result<Option<bool>, WorldError> {
    let failed = WorldError::postgres("answer");
    let session = links.postgres().await?;
    let asked = "SELECT pg_is_in_recovery(), EXISTS (SELECT FROM agents)";
    let row = session.client.query_one(asked, &[]).await.map_err(failed)?;
    session.keep();
    if row.get::<_, bool>(1) {
        return Ok(Some(row.get(0)));
    }
    Err(WorldError::Server { kind: Kind::Postgres, doing: "answer", why: "there is not one agent".to_owned() })
}

/// Whether it has its data in memory, and whether this is a replica.
async fn redis(links: &Links) -> Result<Option<bool>, WorldError> {
    let failed = WorldError::redis("answer");
    let mut connection = links.redis().await?;
    let info: String = redis::cmd("INFO").query_async(&mut connection).await.map_err(failed)?;
    let says = |line: &str| info.lines().any(|one| one.trim_end() == line);
    if says("loading:0") {
        return Ok(Some(says("role:slave")));
    }
    Err(WorldError::Server { kind: Kind::Redis, doing: "answer", why: "it is loading its data".to_owned() })
}

/// Whether a channel opens and the queue of tasks is there.
async fn rabbitmq(links: &Links) -> Result<Option<bool>, WorldError> {
    let failed = WorldError::rabbitmq("answer");
    let channel = links.rabbitmq().await?;
    let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(DEFAULT_QUEUE.into(), passive, FieldTable::default()).await.map_err(&failed)?;
    channel.close(200, "done".into()).await.map_err(failed)?;
    Ok(None)
}
