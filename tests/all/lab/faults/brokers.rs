//! Queues, exchanges and messages are gone.

use reqwest::Method;
use serde_json::json;

use super::super::test_lab::until;
use super::{TestLab, fault};

async fn messages(test: &TestLab) -> u64 {
    let queue = test.broker("admin", Method::GET, "queues/%2F/probe%20queue", None).await.unwrap();
    queue["messages"].as_u64().unwrap_or(0)
}

pub async fn all(test: &TestLab) {
    let queue = "queues/%2F/probe%20queue";
    let exchange = "exchanges/%2F/probe.exchange";
    test.broker("admin", Method::PUT, queue, Some(json!({ "durable": true }))).await.unwrap();
    test.broker("admin", Method::PUT, exchange, Some(json!({ "type": "topic", "durable": true }))).await.unwrap();
    let message =
        json!({ "properties": {}, "routing_key": "probe queue", "payload": "x", "payload_encoding": "string" });
    test.broker("admin", Method::POST, "exchanges/%2F/amq.default/publish", Some(message)).await.unwrap();
    until("the message is counted", async || messages(test).await == 1).await;

    fault(test, "purge-messages", None).await;
    until("it is gone", async || messages(test).await == 0).await;
    test.broker("admin", Method::GET, queue, None).await.unwrap();

    fault(test, "delete-exchanges", None).await;
    assert_eq!(test.broker("admin", Method::GET, exchange, None).await, Err(404));
    test.broker("admin", Method::GET, "exchanges/%2F/amq.topic", None).await.unwrap();

    fault(test, "delete-queues", None).await;
    assert_eq!(test.broker("admin", Method::GET, queue, None).await, Err(404));
}
