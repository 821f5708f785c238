//! Logins that are refused, each for its own reason.

use lifeboat::plan::facts::Verdict;
use rustix::process::Signal;

use super::server::Server;
use crate::systems::databases::asking::{Asker, shown};

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_says_whether_it_is_down_degraded_or_unknown() {
    let mut server = Server::start(&[]).await.with_monitor().await;
    let wrong = format!("password = \"file:{}\"\n", server.secret("wrong.password", "hunter2hunter2").display());
    let address = |rest: &str| format!("postgresql://lifeboat@127.0.0.1:{}/{rest}", server.port);
    let component = |address: &str, more: &str| crate::systems::component("db", "postgres", address, more);

    let denied = Asker::new(&[component(&address("postgres"), &wrong)]).vital().await;
    assert_eq!((denied.verdict, shown(&denied, "connection").as_str()), (Verdict::Unknown, "denied"));
    assert!(denied.reason().contains("password authentication failed for user \"lifeboat\""), "{denied:#?}");
    let none = Asker::new(&[component(&address("postgres"), "")]).vital().await;
    assert_eq!((none.verdict, shown(&none, "connection").as_str()), (Verdict::Unknown, "denied"));
    assert!(none.reason().ends_with("it asks for a password, and the plan gives none"), "{none:#?}");

    let missing = Asker::new(&[server.component_at("db", &address("agent%1b%5b2J"), "")]).vital().await;
    assert_eq!((missing.verdict, shown(&missing, "database").as_str()), (Verdict::Down, "missing"));
    assert_eq!(missing.reason(), r"there is no database agent\x1b[2J");

    let plain = server.component_at("db", &address("postgres?sslmode=require"), "");
    let strange = Asker::new(&[plain]).vital().await;
    assert_eq!((strange.verdict, shown(&strange, "connection").as_str()), (Verdict::Unknown, "strange"));
    assert!(strange.reason().ends_with("it does not speak TLS, and the address asks for it"), "{strange:#?}");

    server.execute(&["CREATE DATABASE closed", "ALTER DATABASE closed ALLOW_CONNECTIONS false"]).await;
    let closed = Asker::new(&[server.component_at("db", &address("closed"), "")]).vital().await;
    assert_eq!(closed.verdict, Verdict::Down, "it says itself that nobody gets in: {closed:#?}");

    // Whoever is connected may stay until they go; nobody else gets in.
    let stays = server.superuser().await;
    let component = server.component("db", "lifeboat", "");
    server.process().signal(Signal::TERM);
    let mut asker = Asker::new(&[component]);
    let leaving = asker.until("it is shutting down", |reading| reading.verdict == Verdict::Degraded).await;
    assert!(leaving.reason().ends_with("it is shutting down"), "{leaving:#?}");
    assert_eq!(shown(&leaving, "connection"), "open");
    drop(stays);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_only_replays_takes_no_connections_and_is_not_down() {
    let primary = Server::start(&[]).await.with_monitor().await;
    let standby = Server::follow(&primary, "far", "far", &["hot_standby=off"]).await;
    let reading = Asker::new(&[standby.component("far", "lifeboat", "")]).vital().await;
    assert_eq!(reading.verdict, Verdict::Degraded, "{reading:#?}");
    assert!(reading.reason().ends_with("it does not take connections"), "{reading:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_than_the_plans_is_told() {
    let server = Server::start(&[]).await.with_monitor().await;
    let reading = Asker::new(&[server.component("db", "lifeboat", "version = '13'")]).vital().await;
    assert_eq!(reading.verdict, Verdict::Degraded);
    assert!(reading.reason().starts_with("it is version 15."), "{reading:#?}");
    assert!(reading.reason().ends_with(", and the plan says 13"), "{reading:#?}");
}
