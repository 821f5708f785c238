//! TCP ports of which nothing more is known.

use lifeboat::plan::facts::Verdict;
use tokio::net::TcpListener;

use super::asking::{Asker, shown};

#[tokio::test]
async fn an_open_port_is_healthy_and_a_closed_one_is_down() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut asker = Asker::of("port", "tcp-port", &address, "");
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, shown(&reading, "connection").as_str()), (Verdict::Healthy, "open"));
    assert!(asker.rare().await.facts.is_empty());
    drop(listener);
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, shown(&reading, "connection").as_str()), (Verdict::Down, "refused"), "{reading:#?}");
}

#[tokio::test]
async fn what_cannot_be_reached_is_unknown() {
    let reading = Asker::of("port", "tcp-port", "no-such-host.invalid:80", "").vital().await;
    assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
    let reading = Asker::of("port", "tcp-port", "localhost", "").vital().await;
    assert_eq!(
        (reading.verdict, reading.reason()),
        (Verdict::Unknown, "localhost is no address of a tcp-port: the port is missing")
    );
}

/// Nobody was asked, so nobody refused: the plan is wrong.
#[tokio::test]
async fn an_address_that_leads_nowhere_is_the_plans_mistake_and_nobody_is_down() {
    for (kind, address) in [
        ("tcp-port", "127.0.0.1:99999"),
        ("tcp-port", "127.0.0.1:0"),
        ("tcp-port", ":80"),
        ("host", "127.0.0.1:99999"),
        ("load-balancer", "tcp://127.0.0.1:99999"),
        ("redis", "redis://127.0.0.1:99999"),
        ("postgres", "postgresql://x@127.0.0.1:99999/x"),
        ("rabbitmq", "amqp://127.0.0.1:99999"),
        ("http", "http://127.0.0.1:99999"),
        ("certificate", "127.0.0.1:99999"),
    ] {
        let reading = Asker::of("it", kind, address, "").vital().await;
        let connection = shown(&reading, "connection");
        assert_eq!((reading.verdict, connection.as_str()), (Verdict::Unknown, "unasked"), "{kind} {reading:#?}");
        assert!(reading.reason().contains(&format!("is no address of a {kind}")), "{kind}: {}", reading.reason());
    }
}
