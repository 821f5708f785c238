//! Nobody gets in any more.

use reqwest::Method;

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

pub async fn all(test: &TestLab) {
    logins(test).await;
    connections(test).await;
}

async fn logins(test: &TestLab) {
    let before = test.sql("primary", "app").await.unwrap();
    fault(test, "refuse-logins", Some("postgres")).await;
    assert!(before.simple_query("SELECT 1").await.is_err(), "an old session goes on");
    let why = test.sql("primary", "app").await.err().unwrap();
    assert!(why.contains("not permitted to log in"), "{why}");
    undo(test, "refuse-logins").await;
    test.sql("primary", "app").await.unwrap();

    fault(test, "refuse-logins", Some("redis")).await;
    assert!(test.redis("primary", "app").await.is_err());
    assert!(test.redis("primary", "default").await.is_ok(), "it is the application that is refused");
    undo(test, "refuse-logins").await;
    test.redis("primary", "app").await.unwrap();

    fault(test, "refuse-logins", Some("rabbitmq")).await;
    assert_eq!(amqp(test).await.err(), Some("refused".to_owned()));
    undo(test, "refuse-logins").await;
    amqp(test).await.unwrap();
    test.broker("admin", Method::GET, "overview", None).await.unwrap();
}

async fn connections(test: &TestLab) {
    fault(test, "exhaust-connections", None).await;
    until("the database is full", async || {
        test.sql("primary", "app").await.err().is_some_and(|why| why.contains("remaining connection slots"))
    })
    .await;
    undo(test, "exhaust-connections").await;
    until("there is room again", async || test.sql("primary", "app").await.is_ok()).await;

    // As if it had been killed between starting the helper and writing down which process it is.
    fault(test, "exhaust-connections", None).await;
    std::fs::write(test.folder().join("faults.json"), "[]").unwrap();
    test.up().await;
    until("there is room again", async || test.sql("primary", "app").await.is_ok()).await;
}

async fn amqp(test: &TestLab) -> Result<(), String> {
    let address = test.address("primary/rabbitmq");
    let url = format!("amqp://app:{}@{address}/%2f", test.secret("rabbitmq-app"));
    let connected = lapin::Connection::connect(&url, lapin::ConnectionProperties::default()).await;
    connected.map(|_| ()).map_err(|error| {
        if error.to_string().contains("ACCESS_REFUSED") { "refused".to_owned() } else { error.to_string() }
    })
}
