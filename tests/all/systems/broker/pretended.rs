//! Answers of a large cluster, and of brokers that do not behave, played back.

use std::time::{Duration, Instant};

use lifeboat::plan::facts::Verdict;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{count, says};
use crate::systems::asking::{Asker, shown};
use crate::systems::web::server::{Says, Server, page};

const QUEUES: usize = 10_000;

fn overview(queues: usize) -> String {
    format!(
        r#"{{"rabbitmq_version":"3.12.14","node":"rabbit@mq-1","message_stats":{{"return_unroutable":7}},
            "queue_totals":{{"messages":50000}},"object_totals":{{"queues":{queues},"consumers":9,"connections":4}}}}"#
    )
}

const NODES: &str = r#"[{"name":"rabbit@mq-1","running":true,"uptime":900000,"mem_used":1,"mem_limit":2},
    {"name":"rabbit@mq-2","running":true,"uptime":900000},{"name":"rabbit@mq-3","running":false}]"#;

fn queues(number: usize) -> String {
    let item = |index: usize| {
        let online = if index == 0 { r#""n1""# } else { r#""n1","n2""# };
        format!(
            r#"{{"name":"q{index}\u001b[2J","vhost":"/","type":"quorum","state":"running","durable":true,"messages":5,
                "messages_ready":5,"consumers":1,"members":["n1","n2","n3"],"online":[{online}],
                "message_stats":{{"ack_details":{{"rate":0.01}}}}}}"#
        )
    };
    let from = (number - 1) * 500;
    let items: Vec<String> = (from..from + 500).map(item).collect();
    format!(r#"{{"items":[{}],"page_count":{},"total_count":{QUEUES}}}"#, items.join(","), QUEUES / 500)
}

async fn broker(says: impl Fn(&str) -> Says + Send + Sync + 'static, more: &str) -> (Server, Asker) {
    let server = Server::start(says).await;
    let settings = format!("{more}\n[component.rabbitmq]\nmanagement = '{}'", server.url());
    let component = crate::systems::component("mq", "rabbitmq", "amqp://127.0.0.1:1", &settings);
    (server, Asker::new(&[component.replace("\"2s\"", "\"5s\"")]))
}

#[tokio::test]
async fn ten_thousand_queues_are_listed_beside_the_questions() {
    let (server, mut asker) = broker(
        |line| match line {
            line if line.contains("/api/overview") => page(200, &overview(QUEUES)),
            line if line.contains("/api/nodes") => page(200, NODES),
            line if line.contains("quorum-critical") => page(503, r#"{"status":"failed","queues":[{},{}]}"#),
            line if line.contains("/api/queues") => {
                let number = line.split("page=").nth(1).unwrap().split('&').next().unwrap();
                page(200, &queues(number.parse().unwrap()))
            }
            _ => page(404, ""),
        },
        "",
    )
    .await;
    let reading = asker.until("all are listed", |reading| reading.fact("queues_down").is_some()).await;
    assert_eq!(reading.verdict, Verdict::Down, "AMQP is refused");
    says(&reading, "its management API answers");
    says(&reading, "node rabbit@mq-3 does not run");
    says(&reading, "queue q0\\x1b[2J has lost its majority");
    assert_eq!(shown(&reading, "consumer_lag"), "8min 20s");
    let counts =
        ["queues", "queues_down", "quorum_critical", "nodes", "nodes_missing"].map(|name| count(&reading, name));
    assert_eq!(counts, [10_000, 1, 9_999, 2, 1].map(Some));
    let listed = reading.facts.lists().iter().find(|list| list.title == "Queues").unwrap();
    assert_eq!((listed.rows.len() + listed.left_out, listed.rows[0][0].as_str()), (QUEUES, "q0\\x1b[2J"));
    assert!(serde_json::to_string(&reading).unwrap().len() < 40_000, "a reading stays small");
    let pages = || server.asked().iter().filter(|request| request.contains("/api/queues")).count();
    let before = pages();
    let begun = Instant::now();
    for _ in 0..5 {
        asker.vital().await;
    }
    assert_eq!(pages(), before, "they are not listed again at every question");
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn the_first_seconds_after_a_start_are_not_taken_for_emptiness() {
    let (_server, mut asker) = broker(
        |line| match line {
            line if line.contains("/api/overview") => {
                page(200, r#"{"rabbitmq_version":"3.10.8","node":"n","message_stats":{},"queue_totals":{},"object_totals":{"queues":1}}"#)
            }
            line if line.contains("/api/nodes") => page(200, r#"[{"name":"n","running":true,"uptime":3000}]"#),
            line if line.contains("/api/queues") => {
                page(200, r#"{"items":[{"name":"tasks","vhost":"/","durable":true}],"page_count":1,"total_count":1}"#)
            }
            _ => page(404, ""),
        },
        "",
    )
    .await;
    let reading = asker.vital().await;
    assert!(
        ["messages", "consumer_lag", "messages_lost", "memory"].iter().all(|name| reading.fact(name).is_none()),
        "{reading:#?}"
    );
    assert_eq!(count(&reading, "queues"), Some(1));
}

#[tokio::test]
async fn answers_that_make_no_sense_are_told() {
    for says_what in [page(200, "<html>a proxy</html>"), page(200, "{\"node\": 5}"), Says::Many(1 << 30)] {
        let (_server, mut asker) = broker(move |_| says_what.clone(), "").await;
        let begun = Instant::now();
        let reading = asker.vital().await;
        assert_eq!(reading.verdict, Verdict::Down, "{reading:#?}");
        assert!(begun.elapsed() < Duration::from_secs(6));
    }
}

/// What listens like a broker and is none.
async fn listens(says: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if !says.is_empty() {
                let mut greeting = [0; 8];
                let _ = stream.read_exact(&mut greeting).await;
                let _ = stream.write_all(says).await;
            }
            kept.push(stream);
        }
    });
    format!("amqp://{address}")
}

#[tokio::test]
async fn what_is_no_broker_is_told_in_time() {
    for (says, words) in [
        (&b""[..], "did not answer within"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "answers, and not as rabbitmq should"),
        (b"AMQP\x00\x01\x00\x00", "answers, and not as rabbitmq should"),
    ] {
        let begun = Instant::now();
        let reading = Asker::of("mq", "rabbitmq", &listens(says).await, "").vital().await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
        assert!(reading.reason().contains(words), "{reading:#?}");
        assert!(begun.elapsed() < Duration::from_secs(3));
    }
}

/// The first words of a broker, with so many tables within each other.
fn nested(levels: usize) -> &'static [u8] {
    let long = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
    let inner = (0..levels).fold(Vec::new(), |inner, _| [b"\x01aF", &long(&inner)[..]].concat());
    let payload = [&[0, 10, 0, 10, 0, 9], &long(&inner)[..], &long(b"PLAIN"), &long(b"en_US")].concat();
    [&[1, 0, 0], &long(&payload)[..], &[0xCE]].concat().leak()
}

#[tokio::test]
async fn tables_within_tables_without_end_do_not_end_us() {
    for (levels, words) in [
        (400, "tables within tables without end"),
        (18_000, "tables within tables without end"),
        (20_000, "a frame of more than"),
    ] {
        let begun = Instant::now();
        let reading = Asker::of("mq", "rabbitmq", &listens(nested(levels)).await, "").vital().await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
        says(&reading, words);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }
}

/// The threads of the library that reads AMQP, and the open files of this process.
fn held() -> (usize, usize) {
    let names = std::fs::read_dir("/proc/self/task").unwrap();
    let names = names.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
    let threads = names.filter(|name| name.starts_with("lapin")).count();
    (threads, std::fs::read_dir("/proc/self/fd").unwrap().count())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_says_nothing_holds_neither_threads_nor_sockets() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("amqp://{}", listener.local_addr().unwrap());
    let (sender, mut accepted) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            sender.send(()).unwrap();
            tokio::spawn(async move {
                let mut greeting = [0; 64];
                while stream.read(&mut greeting).await.is_ok_and(|count| count > 0) {}
            });
        }
    });
    let component = crate::systems::component("mq", "rabbitmq", &address, "").replace("\"2s\"", "\"150ms\"");
    let mut asker = Asker::new(&[component]);
    asker.vital().await;
    // With its first connection the library opens what it keeps for all others.
    let begun = Instant::now();
    while held().0 > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", held());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let before = held().1;
    for _ in 0..20 {
        let reading = asker.vital().await;
        assert!(reading.reason().contains("did not answer within"), "{reading:#?}");
    }
    assert!(accepted.len() > 20, "each question has a connection of its own: {}", accepted.len());
    accepted.close();
    let begun = Instant::now();
    // What the runtime opens for itself comes late, and is far from a file for each question.
    while held().0 > 0 || held().1 > before + 5 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}, and {before} files before", held());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn what_the_other_nodes_say_is_told_with_a_refusal() {
    let refuses = |name: &str, port: u16| {
        crate::systems::component(name, "rabbitmq", &format!("amqp://127.0.0.1:{port}"), "nodes = 3")
    };
    let reading = Asker::new(&[refuses("mq-1", 1), refuses("mq-2", 2), refuses("mq-3", 3)]).vital().await;
    assert_eq!(reading.verdict, Verdict::Down);
    says(&reading, "all 2 other nodes of the plan refuse too");
    says(&reading, "paused themselves for want of a majority");
    let there = crate::systems::component("mq-2", "rabbitmq", &listens(b"").await, "nodes = 3");
    let reading = Asker::new(&[refuses("mq-1", 1), there.clone()]).vital().await;
    says(&reading, "mq-2 of its cluster still takes connections");
    let [alone, other] = [refuses("mq-1", 1), there.clone()].map(|broker| broker.replace("nodes = 3", ""));
    let reading = Asker::new(&[alone, other]).vital().await;
    assert!(!reading.reason().contains("mq-2"), "the plan tells of no cluster: {reading:#?}");
    let of_two = there.replace("nodes = 3", "nodes = 2");
    let reading = Asker::new(&[refuses("mq-1", 1), of_two]).vital().await;
    assert!(!reading.reason().contains("mq-2"), "one of another cluster: {reading:#?}");
    let mut many = vec![refuses("mq-0", 1).replace("nodes = 3", "nodes = 9")];
    for index in 1..9 {
        many.push(there.replace("mq-2", &format!("mq-{index}")).replace("nodes = 3", "nodes = 9"));
    }
    let reading = Asker::new(&many).vital().await;
    says(&reading, "mq-1, mq-2, mq-3 and 5 more of its cluster still take connections");
}
