//! The broker of the world: users, policies, exchanges, queues of every sort, and messages in them.

use std::path::PathBuf;
use std::time::Duration;

use lapin::options::{
    BasicGetOptions, BasicPublishOptions, BasicRejectOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
    QueueBindOptions, QueueDeclareOptions, QueuePurgeOptions,
};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, ExchangeKind};
use serde_json::json;

use super::postgres::Counts;
use super::{Kind, Login, WorldError, in_time};
use crate::lab::password;

/// Where tasks are published.
pub(super) const TASKS: &str = "agents.tasks";
const EVENTS: &str = "agents.events";
const DEAD: &str = "agents.dead";
/// The queue that holds tasks of usual importance.
pub const DEFAULT_QUEUE: &str = "tasks.default";

const PERSISTENT: u8 = 2;
const TRANSIENT: u8 = 1;
const MESSAGES: f64 = 300.0;
const DEAD_LETTERS: u32 = 12;
const DEAD_QUEUE: &str = "tasks.dead";
/// How long the broker may take to bury what was rejected.
const FUNERAL: Duration = Duration::from_secs(10);

/// A user of the broker.
#[derive(Clone, Debug)]
pub struct User {
    /// The name.
    pub name: String,
    /// The file with the password.
    pub password_file: PathBuf,
    /// `monitoring`, `administrator`, or nothing.
    pub tags: Vec<String>,
    /// May do everything with messages and queues, or only look.
    pub writes: bool,
}

/// Every queue: name, durable, kind, the exchange and key it is bound to.
const QUEUES: [(&str, bool, &str, &str, &str); 6] = [
    ("tasks.high", true, "quorum", TASKS, "task.high.#"),
    (DEFAULT_QUEUE, true, "quorum", TASKS, "task.normal.#"),
    ("notifications", true, "classic", EVENTS, ""),
    ("audit.export", true, "classic", EVENTS, ""),
    ("progress", false, "classic", TASKS, "progress.#"),
    (DEAD_QUEUE, true, "classic", DEAD, "dead"),
];

/// Makes users and policies, over the management interface.
pub async fn configure(management: &Login, users: &[User]) -> Result<(), WorldError> {
    let management = management.management()?;
    for user in users {
        let password = password::read(&user.password_file)?;
        let body = json!({ "password": password.as_str(), "tags": user.tags.join(",") });
        management.put(&["users", &user.name], &body, "make a user").await?;
        let write = if user.writes { ".*" } else { "^$" };
        let rights = json!({ "configure": write, "write": write, "read": ".*" });
        management.put(&["permissions", "/", &user.name], &rights, "grant permissions").await?;
    }
    let dead = json!({
        "pattern": "^tasks\\.(high|default)$", "apply-to": "queues", "priority": 10,
        "definition": { "dead-letter-exchange": DEAD, "dead-letter-routing-key": "dead", "delivery-limit": 5 },
    });
    management.put(&["policies", "/", "dead-letters"], &dead, "make a policy").await?;
    let limits = json!({
        "pattern": "^(notifications|audit\\.export)$", "apply-to": "queues", "priority": 5,
        "definition": { "max-length": 200_000, "overflow": "reject-publish" },
    });
    management.put(&["policies", "/", "limits"], &limits, "make a policy").await
}

/// Makes exchanges and queues, and binds them. What is there already stays.
async fn declare(channel: &Channel) -> Result<(), WorldError> {
    let failed = WorldError::rabbitmq("make its queues");
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    for (name, kind) in [(TASKS, ExchangeKind::Topic), (EVENTS, ExchangeKind::Fanout), (DEAD, ExchangeKind::Direct)] {
        channel.exchange_declare(name.into(), kind, durable, FieldTable::default()).await.map_err(&failed)?;
    }
    for (name, durable, kind, exchange, key) in QUEUES {
        let mut arguments = FieldTable::default();
        arguments.insert("x-queue-type".into(), AMQPValue::LongString(kind.into()));
        let options = QueueDeclareOptions { durable, ..QueueDeclareOptions::default() };
        channel.queue_declare(name.into(), options, arguments).await.map_err(&failed)?;
        let bind = QueueBindOptions::default();
        channel
            .queue_bind(name.into(), exchange.into(), key.into(), bind, FieldTable::default())
            .await
            .map_err(&failed)?;
    }
    Ok(())
}

/// Makes exchanges and queues and leaves them empty, for a broker that waits to take over.
pub async fn make_queues(login: &Login) -> Result<(), WorldError> {
    let connection = login.rabbitmq("lifeboat lab").await?;
    let channel = connection.create_channel().await.map_err(WorldError::rabbitmq("open a channel"))?;
    declare(&channel).await?;
    connection.close(200, "done".into()).await.map_err(WorldError::rabbitmq("say good-bye"))
}

/// Makes exchanges and queues and puts messages into them, some of them dead letters; says how many lie in
/// each. What lay in the queues before is thrown away.
pub async fn fill(login: &Login, scale: f64) -> Result<Counts, WorldError> {
    let connection = login.rabbitmq("lifeboat lab").await?;
    let channel = connection.create_channel().await.map_err(WorldError::rabbitmq("open a channel"))?;
    declare(&channel).await?;
    for (name, ..) in QUEUES {
        let purged = channel.queue_purge(name.into(), QueuePurgeOptions::default()).await;
        purged.map_err(WorldError::rabbitmq("empty a queue"))?;
    }
    channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(WorldError::rabbitmq("confirm"))?;
    for n in 0..DEAD_LETTERS {
        publish(&channel, TASKS, "task.normal.poison", PERSISTENT, &json!({ "run": n, "task": "poison" })).await?;
    }
    bury(&channel).await?;
    in_time(Kind::Rabbitmq, "bury its dead letters", FUNERAL, buried(&channel)).await??;
    // Far below what a float holds exactly, and never negative.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let messages = (MESSAGES * scale).clamp(5.0, 1_000_000.0).round() as u32;
    for n in 0..messages {
        let task = json!({ "run": 100_000 + n, "task": "summarise the report", "attempt": 1 });
        let (key, mode) = match n % 6 {
            0 => ("task.high.report", PERSISTENT),
            1 | 2 => ("task.normal.report", PERSISTENT),
            _ => ("progress.report", TRANSIENT),
        };
        publish(&channel, TASKS, key, mode, &task).await?;
        let mode = if n % 4 == 0 { TRANSIENT } else { PERSISTENT };
        publish(&channel, EVENTS, "", mode, &json!({ "event": "run.completed", "run": 100_000 + n })).await?;
    }
    let counts = count(&channel).await?;
    connection.close(200, "done".into()).await.map_err(WorldError::rabbitmq("say good-bye"))?;
    Ok(counts)
}

/// Publishes one message and waits until the broker has it in a queue.
async fn publish(
    channel: &Channel,
    exchange: &str,
    key: &str,
    mode: u8,
    body: &serde_json::Value,
) -> Result<(), WorldError> {
    let failed = WorldError::rabbitmq("take a message");
    let mut headers = FieldTable::default();
    headers.insert("x-tenant".into(), AMQPValue::LongString("tenant-1".into()));
    let properties = BasicProperties::default()
        .with_delivery_mode(mode)
        .with_content_type("application/json".into())
        .with_message_id(format!("m-{}", body["run"]).into())
        .with_headers(headers);
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let body = body.to_string();
    let sent = channel.basic_publish(exchange.into(), key.into(), options, body.as_bytes(), properties);
    let confirm = sent.await.map_err(&failed)?.await.map_err(&failed)?;
    if confirm.is_ack() && confirm.take_message().is_none() {
        return Ok(());
    }
    Err(WorldError::Server { kind: Kind::Rabbitmq, doing: "route a message", why: format!("no queue took {key}") })
}

/// Rejects what waits in the default queue, as a consumer does that cannot make sense of it.
async fn bury(channel: &Channel) -> Result<(), WorldError> {
    let failed = WorldError::rabbitmq("bury a message");
    for _ in 0..DEAD_LETTERS {
        let got = channel.basic_get(DEFAULT_QUEUE.into(), BasicGetOptions::default()).await.map_err(&failed)?;
        let Some(message) = got else { break };
        message.reject(BasicRejectOptions { requeue: false }).await.map_err(&failed)?;
    }
    Ok(())
}

/// Waits until all dead letters have come to their queue, which they do on their own time.
async fn buried(channel: &Channel) -> Result<(), WorldError> {
    while waiting(channel, DEAD_QUEUE).await? < DEAD_LETTERS {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn count(channel: &Channel) -> Result<Counts, WorldError> {
    let mut counts = Counts::new();
    for (name, ..) in QUEUES {
        counts.insert(name.to_owned(), u64::from(waiting(channel, name).await?));
    }
    Ok(counts)
}

/// How many messages wait in a queue.
async fn waiting(channel: &Channel, queue: &str) -> Result<u32, WorldError> {
    let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
    let queue = channel.queue_declare(queue.into(), options, FieldTable::default()).await;
    queue.map(|queue| queue.message_count()).map_err(WorldError::rabbitmq("count its messages"))
}
