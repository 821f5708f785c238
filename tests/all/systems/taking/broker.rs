//! Definitions and queues of a real broker, restored into a fresh one.

use lapin::options::{BasicPublishOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel};
use reqwest::Method;
use serde_json::{Value, json};

use super::keeping::Trial;
use crate::systems::broker::server::{Broker, PASSWORD};
use crate::systems::component;
use crate::systems::web::server::{Says, Server, page};

async fn declare(channel: &Channel, name: &str, options: QueueDeclareOptions) {
    channel.queue_declare(name.into(), options, FieldTable::default()).await.unwrap();
}

async fn publish(channel: &Channel, queue: &str, mode: u8) {
    let options = BasicPublishOptions::default();
    let properties = BasicProperties::default().with_delivery_mode(mode);
    channel.basic_publish("".into(), queue.into(), options, b"message", properties).await.unwrap();
}

fn part(broker: &Broker, folder: &std::path::Path, more: &str) -> String {
    let settings = format!(
        "user = 'admin'\n{}\n[component.rabbitmq]\nmanagement = '{}'\n{more}",
        crate::systems::broker::password(folder, PASSWORD),
        broker.management()
    );
    component("broker", "rabbitmq", &broker.amqp(), &settings)
}

/// All of it on one broker and its successor: starting one takes seconds.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_is_set_up_again_from_what_was_taken() {
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start().await;
    broker.add_watcher("watcher", "monitoring").await;
    broker.change(Method::PUT, "vhosts/test", json!({})).await;
    broker.change(Method::PUT, "queues/test/elsewhere", json!({ "durable": true })).await;
    broker
        .change(Method::PUT, "policies/%2f/limit", json!({ "pattern": "^t", "definition": { "max-length": 10 } }))
        .await;
    broker.change(Method::PUT, "exchanges/%2f/events", json!({ "type": "topic", "durable": true })).await;
    let connection = broker.connect().await;
    let channel = connection.create_channel().await.unwrap();
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    declare(&channel, "tasks", durable).await;
    for number in 0..600 {
        declare(&channel, &format!("many-{number}"), durable).await;
    }
    declare(&channel, "fleeting", QueueDeclareOptions::default()).await;
    declare(&channel, "mine", QueueDeclareOptions { exclusive: true, ..QueueDeclareOptions::default() }).await;
    broker.change(Method::POST, "bindings/%2f/e/events/q/tasks", json!({ "routing_key": "task.*" })).await;
    for mode in [2, 2, 1] {
        publish(&channel, "tasks", mode).await;
    }
    // Figures come with the next round of statistics.
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;

    let trial = Trial::new(&[part(&broker, folder.path(), "")]);
    let taken = trial.take("broker", "method = 'definitions'").await;
    let account = taken.account().clone();
    assert!(account.system.starts_with("RabbitMQ 3."), "{account:#?}");
    let counts = ["users", "vhosts", "queues", "policies"].map(|name| account.counts[name]);
    assert_eq!(counts, [2, 2, 603, 1], "{account:#?}");
    for words in [
        "messages: 3 in queues (1 of them)",
        "1 of these messages are transient",
        "which a restart of the broker ends: fleeting",
        "connection: mine",
    ] {
        assert!(taken.leaves_out(words), "{words}: {account:#?}");
    }
    let queues = trial.take("broker", "method = 'queues'").await;
    let list: Vec<Value> = serde_json::from_str(&queues.kept.text("json")).unwrap();
    assert_eq!((list.len(), queues.account().counts["messages"]), (604, 3));
    let tasks = list.iter().find(|queue| queue["name"] == "tasks").unwrap();
    assert_eq!((&tasks["messages"], &tasks["durable"]), (&json!(3), &json!(true)));

    let one = Trial::new(&[part(&broker, folder.path(), "vhosts = ['test']\n")]);
    let only = one.take("broker", "method = 'definitions'").await;
    assert_eq!((only.account().counts["queues"], only.account().counts["users"]), (1, 2));
    let only: Value = serde_json::from_str(&only.kept.text("json")).unwrap();
    assert_eq!(only["vhosts"].as_array().unwrap().len(), 1);
    assert_eq!(one.take("broker", "method = 'queues'").await.account().counts["queues"], 1);

    let watcher = part(&broker, folder.path(), "").replace("'admin'", "'watcher'");
    let error = Trial::new(&[watcher]).take("broker", "method = 'definitions'").await.error();
    assert!(error.contains("administrator"), "{error}");
    let error = trial.take("broker", "method = 'messages'").await.error();
    assert!(error.contains("the method messages"), "{error}");
    let nowhere = component("broker", "rabbitmq", &broker.amqp(), "");
    let error = Trial::new(&[nowhere]).take("broker", "method = 'definitions'").await.error();
    assert!(error.contains("management"), "{error}");
    drop((connection, broker));

    let fresh = Broker::start().await;
    let definitions: Value = serde_json::from_str(&taken.kept.text("json")).unwrap();
    fresh.change(Method::POST, "definitions", definitions).await;
    let again = Trial::new(&[part(&fresh, folder.path(), "")]).take("broker", "method = 'definitions'").await;
    assert_eq!(again.account().counts, account.counts);
    fresh.change(Method::DELETE, "vhosts/test", json!({})).await;
    fresh.change(Method::PUT, "vhosts/test", json!({})).await;
    // The list of queues is what definitions hold under that name.
    fresh.change(Method::POST, "definitions", json!({ "queues": list })).await;
    let again = Trial::new(&[part(&fresh, folder.path(), "")]).take("broker", "method = 'queues'").await;
    assert_eq!(again.account().counts["queues"], 604, "{:#?}", again.account());
}

/// As much of a broker's management API as is asked, whose definitions are these.
async fn played(definitions: Says) -> Server {
    Server::start(move |line| match line {
        line if line.starts_with("GET /api/overview") => page(200, r#"{"rabbitmq_version":"3.12.1"}"#),
        line if line.starts_with("GET /api/queues") => {
            let queues = r#"[{"name":"a","vhost":"/","durable":true},{"name":"b","vhost":"/","durable":true}]"#;
            page(200, &format!(r#"{{"items":{queues},"page_count":1,"total_count":2}}"#))
        }
        line if line.starts_with("GET /api/definitions") => definitions.clone(),
        line if line.starts_with("GET /api/policies") => page(200, "[]"),
        _ => page(200, r#"[{"name":"x"}]"#),
    })
    .await
}

const DEFINITIONS: &str = r#"{"users":[{"name":"x"}],"vhosts":[{"name":"/"}],"permissions":[],"policies":[],
    "queues":[{"name":"a","vhost":"/"},{"name":"b","vhost":"/"}],"exchanges":[],"bindings":[]}"#;

#[tokio::test]
async fn definitions_that_are_not_whole_are_refused() {
    let length = DEFINITIONS.len();
    let cut = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{}", &DEFINITIONS[..length - 30]);
    for (definitions, words) in [
        (Says::Bytes(cut.into_bytes()), "not whole"),
        (page(200, &DEFINITIONS[..length - 30]), "they end too early"),
        (
            page(200, &DEFINITIONS.replace(r#"{"name":"a","vhost":"/"},"#, "")),
            "they hold 1 queues, and the broker has 2",
        ),
        (page(200, &DEFINITIONS.replace("bindings", "bondings")), "they have no bindings"),
        (page(500, "broken"), "status 500"),
        (Says::HangUp, "broker"),
        (page(200, DEFINITIONS), ""),
    ] {
        let server = played(definitions).await;
        let settings = format!("[component.rabbitmq]\nmanagement = '{}'\n", server.url());
        let trial = Trial::new(&[component("broker", "rabbitmq", "amqp://x:y@127.0.0.1:1", &settings)]);
        let taken = trial.take("broker", "method = 'definitions'").await;
        if words.is_empty() {
            assert_eq!(taken.account().counts["queues"], 2);
        } else {
            assert!(taken.error().contains(words), "{words}: {}", taken.error());
            assert_eq!(taken.kept.pieces.len(), 0, "{words}");
        }
    }
}
