//! The cache of the world: sessions that expire, caches, hashes, sorted sets, streams.

use chrono::{DateTime, Utc};
use redis::Pipeline;
use redis::aio::MultiplexedConnection;
use serde_json::json;

use super::postgres::Counts;
use super::{Login, WorldError};

const SESSIONS: f64 = 2_000.0;
const EVENTS: f64 = 4_000.0;
const AGENTS: u64 = 120;
const HOUR: i64 = 3_600;
/// Commands that go out at once.
const BATCH: usize = 500;

/// Fills the cache. What is there under the same names is replaced.
pub async fn fill(login: &Login, scale: f64, now: DateTime<Utc>) -> Result<Counts, WorldError> {
    let mut connection = login.redis().await?;
    let seconds = now.timestamp();
    let events = scaled(EVENTS, scale);
    let mut filler = Filler { connection: &mut connection, pipe: redis::pipe() };
    filler.pipe.del(&["runs:recent", "tokens:by-agent", "events:runs", "jobs:retry", "tenants:active"]).ignore();
    for n in 0..scaled(SESSIONS, scale) {
        let key = session_key(&format!("{:08x}", n.wrapping_mul(2_654_435_761) & 0xffff_ffff));
        let fields = [("user", format!("user-{}", n % 700)), ("tenant", format!("tenant-{}", 1 + n % 20))];
        let left = HOUR + i64::try_from(n % 7_200).unwrap_or(0);
        filler.pipe.hset_multiple(&key, &fields).ignore().expire(&key, left).ignore();
        filler.flush_when(BATCH).await?;
    }
    for n in 1..=AGENTS {
        let agent = json!({ "id": n, "model": "medium-3", "temperature": 0.2, "tools": ["search", "sql"] });
        filler
            .pipe
            .hset_multiple(format!("agent:{n}"), &[("settings", agent.to_string()), ("revision", n.to_string())]);
        filler.pipe.set_ex(agent_key(n), agent.to_string(), 600 + n).ignore();
        filler.pipe.zadd("tokens:by-agent", format!("agent:{n}"), n * 7_919 % 100_003).ignore();
        filler.pipe.sadd("tenants:active", format!("tenant-{}", 1 + n % 20)).ignore();
        filler.flush_when(BATCH).await?;
    }
    for n in 0..events {
        let run = format!("R-{}", 100_000 + n);
        filler.pipe.cmd("XADD").arg("events:runs").arg("*").arg("run").arg(&run).arg("event").arg("run.completed");
        let at = seconds - i64::try_from(events - n).unwrap_or(0) * 20;
        filler.pipe.ignore().zadd("runs:recent", run, at).ignore();
        filler.flush_when(BATCH).await?;
    }
    filler.pipe.cmd("XGROUP").arg(&["CREATE", "events:runs", "exporters", "0", "MKSTREAM"]).ignore();
    for n in 0..25 {
        filler.pipe.rpush("jobs:retry", json!({ "run": 100_000 + n, "attempt": 1 + n % 3 }).to_string()).ignore();
    }
    filler.pipe.set("counter:runs", 100_000 + events).ignore();
    filler.flush_when(1).await?;
    count(&mut connection).await
}

/// Where the session of a name lies.
pub(super) fn session_key(name: &str) -> String {
    format!("session:{name}")
}

/// Where the settings of an agent are cached.
pub(super) fn agent_key(id: impl std::fmt::Display) -> String {
    format!("cache:agent:{id}")
}

fn scaled(number: f64, scale: f64) -> u64 {
    // Far below what a float holds exactly, and never negative.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let rounded = (number * scale).clamp(10.0, 10_000_000.0).round() as u64;
    rounded
}

/// Commands on their way to the server.
struct Filler<'c> {
    connection: &'c mut MultiplexedConnection,
    pipe: Pipeline,
}

impl Filler<'_> {
    async fn flush_when(&mut self, commands: usize) -> Result<(), WorldError> {
        if self.pipe.len() < commands {
            return Ok(());
        }
        let done: Result<(), _> = self.pipe.query_async(self.connection).await;
        self.pipe.clear();
        done.map_err(WorldError::redis("take the contents of the cache"))
    }
}

async fn count(connection: &mut MultiplexedConnection) -> Result<Counts, WorldError> {
    let mut asked = redis::pipe();
    asked.cmd("DBSIZE").zcard("runs:recent").cmd("XLEN").arg("events:runs").llen("jobs:retry");
    let (keys, recent, events, retries): (u64, u64, u64, u64) =
        asked.query_async(connection).await.map_err(WorldError::redis("count its keys"))?;
    let named = [("keys", keys), ("runs:recent", recent), ("events:runs", events), ("jobs:retry", retries)];
    Ok(named.into_iter().map(|(name, count)| (name.to_owned(), count)).collect())
}
