//! Replicas that hang, that are missing, and that take over; Sentinels that are too few.

use lifeboat::plan::facts::{Value, Verdict};

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, says, shown};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_hangs_falls_behind_and_one_that_is_gone_is_missing() {
    let primary = Server::start("").await;
    let mut replica = Server::start(&format!("replicaof 127.0.0.1 {}\n", primary.port)).await;
    let settings = "redis = { replicas = ['second'] }\n";
    let plan = [primary.component("cache", settings), replica.component("second", "")];
    let mut asker = Asker::new(&plan);
    asker.until("it follows", |reading| count(reading, "replicas_missing") == 0).await;
    replica.process().freeze();
    primary.fill(2_000).await;
    let behind = asker
        .until(
            "it is behind",
            |reading| matches!(reading.fact("replication_bytes"), Some(Value::Size(size)) if size.0 > 200_000),
        )
        .await;
    assert_eq!(count(&behind, "replicas"), 1);
    replica.process().thaw();
    replica.down();
    let missing = asker.until("it is missing", |reading| count(reading, "replicas_missing") == 1).await;
    assert_eq!(missing.verdict, Verdict::Degraded);
    assert!(says(&missing, "no replica follows it: second should"), "{missing:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_was_promoted_says_what_it_was_and_what_it_should_be() {
    let primary = Server::start("").await;
    let replica = Server::start(&format!("replicaof 127.0.0.1 {}\n", primary.port)).await;
    let settings = "redis = { replicas = ['second'] }\n";
    let plan = [replica.component("second", ""), primary.component("cache", settings)];
    let mut asker = Asker::new(&plan);
    asker.until("it follows", |reading| shown(reading, "primary_link") == "up").await;
    let refused = replica.run("SET key value").await.unwrap_err();
    assert!(refused.code().is_none() || refused.code() == Some("READONLY"));
    let told = asker.until("a write was refused", |reading| count(reading, "rejected_writes") == 1).await;
    assert!(says(&told, "it refuses writes: READONLY"), "{told:#?}");
    replica.run("REPLICAOF NO ONE").await.unwrap();
    let promoted = asker.vital().await;
    assert!(says(&promoted, "it was a replica until "), "{promoted:#?}");
    assert!(says(&promoted, "it is a primary, and the plan has it as a replica of cache"), "{promoted:#?}");
    let mut asker = Asker::new(&[plan[1].clone(), plan[0].clone()]);
    primary.run(&format!("REPLICAOF 127.0.0.1 {}", replica.port)).await.unwrap();
    let wrong = asker.vital().await;
    assert!(says(&wrong, "it is a replica and takes no writes, and the plan has it as the primary"), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentinel_without_its_fellows_says_that_it_cannot_act() {
    let mut primary = Server::start("").await;
    let sentinel = Server::sentinel(&primary, 2).await;
    sentinel.run("SENTINEL SET group down-after-milliseconds 300").await.unwrap();
    let mut asker = Asker::new(&[sentinel.component("sentinel", "")]);
    let alone = asker.until("it is alone", |reading| shown(reading, "quorum") == "lost").await;
    assert_eq!(alone.verdict, Verdict::Degraded);
    assert!(says(&alone, "the Sentinels cannot fail group over: "), "{alone:#?}");
    primary.down();
    let down = asker.until("its primary is down", |reading| says(reading, "group is down for it")).await;
    assert_eq!(down.verdict, Verdict::Degraded);
}
