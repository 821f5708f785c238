//! One real broker, on which things happen one after the other.

use lapin::options::{BasicPublishOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use lapin::{BasicProperties, Channel};
use lifeboat::plan::facts::{Value, Verdict};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use super::server::{Broker, PASSWORD};
use super::{count, password, says};
use crate::systems::asking::{Asker, shown};
use crate::systems::tls::{Authority, Good};

/// A name as only an enemy gives one.
const NASTY: &str = "\u{1b}[2J\u{202e}txt.exe\u{7}";
const TASKS: &str = "tasks";

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_only_who_has_its_authority_is_sure_of_it() {
    let authority = Authority::new("the authority of the broker");
    let (broker, [amqps, management]) = Broker::over_tls(&authority.issue(&["127.0.0.1"], Good::Long)).await;
    broker.add_watcher("watcher", "monitoring").await;
    let folder = tempfile::tempdir().unwrap();
    let ca = authority.write(folder.path());
    let ask = async |address: &str, lines: &str| {
        let settings = format!(
            "{}\n[component.rabbitmq]\nmanagement = 'https://127.0.0.1:{management}'\n{lines}",
            password(folder.path(), PASSWORD)
        );
        Trial::asker(address, "watcher", &settings).vital().await
    };
    let address = format!("amqps://127.0.0.1:{amqps}");
    let known = ask(&address, &format!("ca = '{}'", ca.display())).await;
    assert_eq!((known.verdict, shown(&known, "connection")), (Verdict::Healthy, "open".to_owned()), "{known:#?}");
    assert!(known.fact("nodes").is_some(), "its management was asked too: {known:#?}");
    let unknown = ask(&address, "").await;
    assert_eq!(unknown.verdict, Verdict::Unknown, "{unknown:#?}");
    let missing = ask(&address, "ca = '/no/such/authority.pem'").await;
    assert_eq!(missing.verdict, Verdict::Unknown);
    assert!(missing.reason().contains("/no/such/authority.pem"), "{missing:#?}");
    let plain = ask(&format!("amqps://127.0.0.1:{}", broker.amqp), &format!("ca = '{}'", ca.display())).await;
    assert_ne!(plain.verdict, Verdict::Healthy, "TLS where plain is spoken: {plain:#?}");
}

struct Trial {
    broker: Broker,
    folder: TempDir,
    channel: Channel,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_is_told_as_it_is_whatever_happens_to_it() {
    let broker = Broker::start().await;
    broker.add_watcher("watcher", "monitoring").await;
    broker.add_watcher("nobody", "").await;
    let connection = broker.connect().await;
    let channel = connection.create_channel().await.unwrap();
    let mut trial = Trial { broker, folder: tempfile::tempdir().unwrap(), channel };
    trial.a_broker_without_its_queues().await;
    trial.queues_and_what_is_in_them().await;
    trial.messages_without_a_route_and_dead_ones().await;
    trial.least_privilege_is_enough_and_less_is_said().await;
    trial.one_of_both_doors_is_closed().await;
    trial.who_is_not_let_in().await;
    trial.a_thousand_queues().await;
    trial.a_restart_loses_what_was_not_written_down().await;
}

impl Trial {
    fn settings(&self, management: &str, more: &str) -> String {
        format!(
            "{}\ndeadline = \"5s\"\n[component.rabbitmq]\nmanagement = '{management}'\ncritical_queues = ['{TASKS}']\n{more}",
            password(self.folder.path(), PASSWORD)
        )
    }

    /// The deadline of the helper's component gives way to a longer one.
    fn asker(address: &str, user: &str, settings: &str) -> Asker {
        let component = crate::systems::component("mq", "rabbitmq", address, &format!("user = '{user}'\n{settings}"));
        Asker::new(&[component.replace("deadline = \"2s\"\n", "")])
    }

    fn usual(&self) -> Asker {
        Trial::asker(&self.broker.amqp(), "watcher", &self.settings(&self.broker.management(), ""))
    }

    async fn declare(&self, name: &str, durable: bool, arguments: &[(&str, AMQPValue)]) {
        let options = QueueDeclareOptions { durable, ..QueueDeclareOptions::default() };
        let mut table = FieldTable::default();
        for (name, value) in arguments {
            table.insert((*name).into(), value.clone());
        }
        self.channel.queue_declare(name.into(), options, table).await.unwrap();
    }

    async fn publish(&self, queue: &str, mode: u8, timestamp: Option<u64>) {
        let mut properties = BasicProperties::default().with_delivery_mode(mode);
        if let Some(timestamp) = timestamp {
            properties = properties.with_timestamp(timestamp);
        }
        let options = BasicPublishOptions::default();
        let sent = self.channel.basic_publish("".into(), queue.into(), options, b"x", properties).await.unwrap();
        sent.await.unwrap();
    }

    async fn a_broker_without_its_queues(&mut self) {
        let reading = self.usual().vital().await;
        assert_eq!(reading.verdict, Verdict::Down, "{reading:#?}");
        says(&reading, "the critical queue tasks does not exist");
        assert_eq!(shown(&reading, "definitions"), "missing");
        assert!(reading.identity.starts_with("RabbitMQ 3."), "{}", reading.identity);
        assert!(reading.identity.ends_with("@localhost, watcher in /"), "{}", reading.identity);
    }

    async fn queues_and_what_is_in_them(&mut self) {
        self.declare(TASKS, true, &[]).await;
        self.declare(NASTY, false, &[]).await;
        self.declare("quorum", true, &[("x-queue-type", AMQPValue::LongString(LongString::from("quorum")))]).await;
        let hour_ago = u64::try_from(chrono::Utc::now().timestamp()).unwrap() - 3_600;
        for _ in 0..3 {
            self.publish(TASKS, 2, Some(hour_ago)).await;
        }
        self.publish(NASTY, 1, None).await;
        let mut asker = self.usual();
        let reading = asker
            .until("its figures are there", |reading| {
                count(reading, "messages") == Some(4)
                    && reading.fact("consumer_lag").is_some()
                    && reading.fact("memory").is_some()
                    && matches!(reading.fact("consumer_lag"), Some(Value::Span(lag)) if lag.approx_millis() > 0)
            })
            .await;
        assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
        says(&reading, "critical queues without a consumer: 1");
        says(&reading, "consumers behind by: 1h");
        let words = ["definitions", "cluster", "memory_alarm", "disk_alarm"].map(|name| shown(&reading, name));
        assert_eq!(words, ["complete", "complete", "off", "off"]);
        let counts =
            ["queues", "nodes", "nodes_missing", "partitions", "queues_down", "quorum_critical", "messages_lost"];
        assert_eq!(counts.map(|name| count(&reading, name)), [3, 1, 0, 0, 0, 0, 0].map(Some));
        for name in
            ["version", "node", "memory", "disk_free", "connections", "consumers", "unacknowledged", "published"]
        {
            assert!(reading.fact(name).is_some(), "{name}: {reading:#?}");
        }
        let queues = reading.facts.lists().iter().find(|list| list.title == "Queues").unwrap();
        assert_eq!((queues.rows[0][0].as_str(), queues.rows[0][1].as_str()), (TASKS, "3"));
        assert!(queues.rows.iter().any(|row| row[0] == "\\x1b[2J\\u{202e}txt.exe\\x07"), "{queues:?}");
        let audit = asker.rare().await;
        assert_eq!(["fleeting_queues", "fleeting_messages"].map(|name| count(&audit, name)), [Some(1), Some(1)]);
        assert_eq!(audit.facts.lists()[0].rows[0][0], "\\x1b[2J\\u{202e}txt.exe\\x07");
    }

    async fn messages_without_a_route_and_dead_ones(&mut self) {
        let text = |text: &str| AMQPValue::LongString(LongString::from(text));
        self.broker.change(Method::PUT, "exchanges/%2f/graveyard", json!({ "type": "fanout", "durable": true })).await;
        self.declare("rest", true, &[]).await;
        self.broker.change(Method::POST, "bindings/%2f/e/graveyard/q/rest", json!({})).await;
        let short = [("x-dead-letter-exchange", text("graveyard")), ("x-message-ttl", AMQPValue::LongInt(1))];
        self.declare("short", true, &short).await;
        let mut asker = self.usual();
        asker.until("a first listing", |reading| reading.fact("no_route").is_some()).await;
        for _ in 0..5 {
            self.publish("short", 2, None).await;
        }
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let nowhere =
            self.channel.basic_publish("".into(), "nowhere".into(), options, b"x", BasicProperties::default());
        nowhere.await.unwrap().await.unwrap();
        let reading = asker.until("the one without a route", |reading| count(reading, "no_route") == Some(1)).await;
        says(&reading, "messages without a route: 1");
        asker.until("the dead ones", |reading| count(reading, "dead_lettered") == Some(5)).await;
        let later = asker.vital().await;
        assert_eq!(count(&later, "no_route"), Some(1), "a trigger may need it for minutes");
    }

    async fn least_privilege_is_enough_and_less_is_said(&mut self) {
        let settings = self.settings(&self.broker.management(), "");
        let reading = Trial::asker(&self.broker.amqp(), "nobody", &settings).vital().await;
        assert_eq!(reading.verdict, Verdict::Healthy, "what a login may not see is no outage: {reading:#?}");
        let unseen: Vec<_> = reading.facts.unseen().collect();
        assert!(unseen.iter().any(|(name, why)| *name == "nodes" && why.contains("does not let us in")), "{unseen:?}");
        let bare = password(self.folder.path(), PASSWORD);
        let reading = Trial::asker(&self.broker.amqp(), "nobody", &bare).vital().await;
        assert_eq!((reading.verdict, reading.identity.as_str()), (Verdict::Healthy, "RabbitMQ, nobody in /"));
    }

    async fn one_of_both_doors_is_closed(&mut self) {
        let settings = self.settings(&self.broker.management(), "");
        let reading = Trial::asker("amqp://127.0.0.1:1", "watcher", &settings).vital().await;
        assert_eq!(
            (reading.verdict, shown(&reading, "connection").as_str()),
            (Verdict::Down, "refused"),
            "{reading:#?}"
        );
        says(&reading, "its management API answers");
        assert_eq!(count(&reading, "nodes"), Some(1));
        let settings = self.settings("http://127.0.0.1:1", "");
        let reading = Trial::asker(&self.broker.amqp(), "watcher", &settings).vital().await;
        assert_eq!((reading.verdict, shown(&reading, "connection").as_str()), (Verdict::Degraded, "open"));
        says(&reading, "it lets clients in, but its management API does not work: http://127.0.0.1:1");
    }

    async fn who_is_not_let_in(&mut self) {
        let wrong = password(self.folder.path(), "not the password");
        let reading = Trial::asker(&self.broker.amqp(), "watcher", &wrong).vital().await;
        assert_eq!(
            (reading.verdict, shown(&reading, "connection").as_str()),
            (Verdict::Unknown, "denied"),
            "{reading:#?}"
        );
        let right = password(self.folder.path(), PASSWORD);
        let reading = Trial::asker(&format!("{}/no-such-vhost", self.broker.amqp()), "watcher", &right).vital().await;
        assert_eq!(
            (reading.verdict, shown(&reading, "connection").as_str()),
            (Verdict::Unknown, "denied"),
            "{reading:#?}"
        );
        says(&reading, "no-such-vhost");
        let encrypted = self.broker.amqp().replace("amqp://", "amqps://");
        let reading = Trial::asker(&encrypted, "watcher", &right).vital().await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
        says(&reading, "does not speak TLS there");
    }

    async fn a_thousand_queues(&mut self) {
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        for name in 0..1_000 {
            let name = format!("many.{name:04}\u{1b}[31m");
            self.channel.queue_declare(name.as_str().into(), options, FieldTable::default()).await.unwrap();
        }
        let mut asker = self.usual();
        let whole = |reading: &lifeboat::systems::Reading| {
            reading.facts.lists().iter().any(|list| list.title == "Queues" && list.rows.len() + list.left_out >= 1_000)
        };
        let reading = asker.until("all are listed", whole).await;
        assert!(count(&reading, "queues").unwrap() >= 1_000);
        for _ in 0..3 {
            let reading = asker.vital().await;
            assert!(reading.took.approx_millis() < 3_000, "{:?}", reading.took);
        }
    }

    async fn a_restart_loses_what_was_not_written_down(&mut self) {
        let mut asker = self.usual();
        let settled = |reading: &lifeboat::systems::Reading| reading.fact("messages_lost").is_some();
        asker.until("a listing to compare with", settled).await;
        self.broker.kill();
        let reading = asker.vital().await;
        assert_eq!(
            (reading.verdict, shown(&reading, "connection").as_str()),
            (Verdict::Down, "refused"),
            "{reading:#?}"
        );
        self.broker.run().await;
        let reading =
            asker.until("the loss", |reading| count(reading, "messages_lost").is_some_and(|lost| lost > 0)).await;
        says(&reading, "is gone with 1 messages that nobody had taken");
        assert_eq!(count(&reading, "messages_lost"), Some(1), "{reading:#?}");
    }
}
