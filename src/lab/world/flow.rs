//! The golden flow: one run of an agent through all three servers, read back and proven at each.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueBindOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel};
use redis::AsyncCommands as _;
use serde::Serialize;
use serde_json::json;

use super::{Kind, Links, WorldError, in_time, rabbitmq, redis as cache};

/// How long each server may take for its part.
const LIMIT: Duration = Duration::from_secs(5);
const STEPS: i16 = 4;
const SESSION_SECONDS: u64 = 900;
const AGENT_SECONDS: u64 = 600;
const PERSISTENT: u8 = 2;

/// One part of the flow that was proven.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// At which server.
    pub at: Kind,
    /// What was proven there.
    pub proven: &'static str,
    /// How long it took.
    pub millis: f64,
}

/// A flow that got to its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Proof {
    /// The label of the run in the database.
    pub run: String,
    /// Whether the settings of its agent were in the cache; if not, they are now.
    pub cached: bool,
    /// Its parts, in their order.
    pub stages: Vec<Stage>,
    /// How long the whole took.
    pub millis: f64,
}

/// Takes one run through all servers.
pub async fn run(links: &Links, site: &str) -> Result<Proof, WorldError> {
    let outcome = through(links, site).await;
    if let Err(error) = &outcome {
        links.mend(error).await;
    }
    outcome
}

async fn through(links: &Links, site: &str) -> Result<Proof, WorldError> {
    let start = Instant::now();
    let mut stages = Vec::new();
    let begun = timed(&mut stages, Kind::Postgres, "run, steps and state committed", begin(links, site)).await?;
    let cached = timed(&mut stages, Kind::Redis, "session cached and read back", session(links, &begun)).await?;
    timed(&mut stages, Kind::Rabbitmq, "message confirmed and consumed", message(links, &begun)).await?;
    timed(&mut stages, Kind::Postgres, "run completed and read back", finish(links, &begun)).await?;
    Ok(Proof { run: begun.label, cached, stages, millis: millis(start) })
}

async fn timed<T>(
    stages: &mut Vec<Stage>,
    at: Kind,
    proven: &'static str,
    work: impl Future<Output = Result<T, WorldError>>,
) -> Result<T, WorldError> {
    let start = Instant::now();
    let done = in_time(at, "do its part of the flow", LIMIT, work).await??;
    stages.push(Stage { at, proven, millis: millis(start) });
    Ok(done)
}

fn millis(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1e5).round() / 100.0
}

/// A run that is under way.
struct Begun {
    id: i64,
    agent: i64,
    label: String,
}

async fn begin(links: &Links, site: &str) -> Result<Begun, WorldError> {
    let failed = WorldError::postgres("begin a run");
    let mut session = links.postgres().await?;
    let deal = session.client.transaction().await.map_err(&failed)?;
    let agent = "(SELECT id FROM agents WHERE enabled ORDER BY random() LIMIT 1)";
    let insert = format!(
        "INSERT INTO runs (agent_id, site, status, input, started_at)
         VALUES ({agent}, $1, 'running', '{{\"task\": \"golden flow\"}}', now()) RETURNING id, label, agent_id"
    );
    let row = deal.query_one(&insert, &[&site]).await.map_err(&failed)?;
    let begun = Begun { id: row.get(0), label: row.get(1), agent: row.get(2) };
    let steps = "INSERT INTO steps (run_id, number, kind, tool, tokens, duration)
                 SELECT $1, n, (ARRAY['plan', 'model', 'tool', 'answer'])[n]::step_kind,
                        CASE WHEN n = 3 THEN 'search' END, 100 * n, interval '1 second' * n
                 FROM generate_series(1, $2::smallint) AS n";
    deal.execute(steps, &[&begun.id, &STEPS]).await.map_err(&failed)?;
    let state = "INSERT INTO state (run_id, checkpoint) VALUES ($1, jsonb_build_object('cursor', 4, 'next', 'done'))";
    deal.execute(state, &[&begun.id]).await.map_err(&failed)?;
    deal.commit().await.map_err(&failed)?;
    session.keep();
    Ok(begun)
}

/// Caches a session; says whether the settings of the agent were cached before.
async fn session(links: &Links, begun: &Begun) -> Result<bool, WorldError> {
    let failed = WorldError::redis("cache a session");
    let mut redis = links.redis().await?;
    let agent = cache::agent_key(begun.agent);
    let settings: Option<String> = redis.get(&agent).await.map_err(&failed)?;
    if settings.is_none() {
        let () = redis.set_ex(&agent, settings_of(links, begun).await?, AGENT_SECONDS).await.map_err(&failed)?;
    }
    let key = cache::session_key(&begun.label);
    let told = json!({ "run": begun.id, "user": "golden" }).to_string();
    let () = redis.set_ex(&key, &told, SESSION_SECONDS).await.map_err(&failed)?;
    let heard: Option<String> = redis.get(&key).await.map_err(&failed)?;
    if heard.as_deref() == Some(&told) {
        return Ok(settings.is_some());
    }
    Err(WorldError::Server { kind: Kind::Redis, doing: "give a session back", why: "it is not what was cached".into() })
}

async fn settings_of(links: &Links, begun: &Begun) -> Result<String, WorldError> {
    let session = links.postgres().await?;
    let asked = session.client.query_one("SELECT settings::text FROM agents WHERE id = $1", &[&begun.agent]).await;
    let row = asked.map_err(WorldError::postgres("tell the settings of an agent"))?;
    session.keep();
    Ok(row.get(0))
}

async fn message(links: &Links, begun: &Begun) -> Result<(), WorldError> {
    let channel = links.rabbitmq().await?;
    let passed = pass(&channel, begun).await;
    // The channel may be closed already by what went wrong on it.
    let _ = channel.close(200, "done".into()).await;
    passed
}

async fn pass(channel: &Channel, begun: &Begun) -> Result<(), WorldError> {
    let failed = WorldError::rabbitmq("pass a message on");
    let key = format!("golden.{}", begun.label);
    channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(&failed)?;
    let own = QueueDeclareOptions { exclusive: true, auto_delete: true, ..QueueDeclareOptions::default() };
    let queue = channel.queue_declare("".into(), own, FieldTable::default()).await.map_err(&failed)?;
    let (name, bind) = (queue.name().clone(), QueueBindOptions::default());
    let bound =
        channel.queue_bind(name.clone(), rabbitmq::TASKS.into(), key.as_str().into(), bind, FieldTable::default());
    bound.await.map_err(&failed)?;
    let mut consumer = channel
        .basic_consume(name, "golden".into(), BasicConsumeOptions::default(), FieldTable::default())
        .await
        .map_err(&failed)?;
    let properties = BasicProperties::default().with_delivery_mode(PERSISTENT).with_message_id(key.as_str().into());
    let mandatory = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let sent = channel.basic_publish(
        rabbitmq::TASKS.into(),
        key.as_str().into(),
        mandatory,
        begun.label.as_bytes(),
        properties,
    );
    let confirm = sent.await.map_err(&failed)?.await.map_err(&failed)?;
    let refused = |why: &str| WorldError::Server { kind: Kind::Rabbitmq, doing: "pass a message on", why: why.into() };
    if !confirm.is_ack() || confirm.take_message().is_some() {
        return Err(refused("the message was not confirmed as routed"));
    }
    let delivery = consumer.next().await.ok_or_else(|| refused("the consumer was ended"))?.map_err(&failed)?;
    delivery.ack(BasicAckOptions::default()).await.map_err(&failed)?;
    if delivery.data == begun.label.as_bytes() { Ok(()) } else { Err(refused("another message came back")) }
}

async fn finish(links: &Links, begun: &Begun) -> Result<(), WorldError> {
    let failed = WorldError::postgres("complete a run");
    let session = links.postgres().await?;
    let update = "UPDATE runs SET status = 'completed', finished_at = clock_timestamp(), tokens = 1000,
                         output = '{\"summary\": \"golden\"}' WHERE id = $1";
    session.client.execute(update, &[&begun.id]).await.map_err(&failed)?;
    let audit = "INSERT INTO audit (action, subject) VALUES ('run.end', 'runs:' || $1::bigint)";
    session.client.execute(audit, &[&begun.id]).await.map_err(&failed)?;
    let back = "SELECT r.status = 'completed' AND s.version = 1, (SELECT count(*) FROM steps WHERE run_id = r.id)
                FROM runs r JOIN state s ON s.run_id = r.id WHERE r.id = $1";
    let row = session.client.query_one(back, &[&begun.id]).await.map_err(&failed)?;
    session.keep();
    if row.get::<_, bool>(0) && row.get::<_, i64>(1) == i64::from(STEPS) {
        return Ok(());
    }
    Err(WorldError::Server { kind: Kind::Postgres, doing: "read a run back", why: "it is not what was written".into() })
}
