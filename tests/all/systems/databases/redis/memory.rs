//! Memory that is full, and keys that are gone.

use lifeboat::plan::facts::{Value, Verdict};

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, says, shown};

#[tokio::test(flavor = "multi_thread")]
async fn full_memory_refuses_writes_and_another_policy_than_the_plans_is_told() {
    let server = Server::start("maxmemory 3mb\n").await;
    let plan = "redis = { eviction = 'allkeys-lru', memory_limit = '3MB' }\n";
    let mut asker = Asker::new(&[server.component("cache", plan)]);
    let empty = asker.vital().await;
    let policy = "when its memory is full it follows noeviction, and the plan says allkeys-lru";
    assert_eq!(empty.reason(), policy, "{empty:#?}");
    let block = "x".repeat(100_000);
    let mut refused = 0;
    for key in 0..60 {
        refused += u64::from(server.run(&format!("SET key:{key} {block}")).await.is_err());
    }
    assert!(refused > 0);
    let full = asker.vital().await;
    assert_eq!(full.verdict, Verdict::Degraded);
    assert_eq!((count(&full, "memory_errors"), count(&full, "rejected_writes")), (refused, refused));
    assert!(says(&full, "it refuses writes: OOM") && says(&full, "memory: "), "{full:#?}");

    server.run("CONFIG SET maxmemory-policy allkeys-lru").await.unwrap();
    for key in 60..90 {
        server.run(&format!("SET key:{key} {block}")).await.unwrap();
    }
    let evicts = asker.until("keys are thrown away", |reading| shown(reading, "evictions") != "0.0/s").await;
    assert!(!says(&evicts, policy), "{evicts:#?}");
    server.run("CONFIG SET maxmemory 0").await.unwrap();
    let unlimited = asker.vital().await;
    assert!(says(&unlimited, "it has no memory limit, and the plan says 3MB"), "{unlimited:#?}");
    assert_eq!(shown(&unlimited, "memory_limit"), "3.00MB");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_were_there_and_are_gone_are_missing() {
    let server = Server::start("").await;
    let mut asker = Asker::new(&[server.component("cache", "")]);
    let empty = asker.vital().await;
    assert_eq!((empty.verdict, empty.fact("data")), (Verdict::Healthy, None), "an empty cache lost nothing");
    server.fill(5).await;
    assert_eq!(shown(&asker.vital().await, "data"), "present");
    server.run("FLUSHALL").await.unwrap();
    let gone = asker.vital().await;
    assert_eq!((gone.verdict, gone.reason()), (Verdict::Degraded, "it had 5 keys, and has none"));
    assert_eq!(gone.fact("data"), Some(&Value::word("missing")));
}
