//! A primary, its replica, a Sentinel, a node of a cluster, and a server that loads: every fact of the vocabulary.

use std::collections::BTreeSet;

use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::plan::types::Kind;

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, list, never_told, says, shown};

/// What takes longer than a test may to become a fact; their arithmetic has tests of its own.
const SLOW: [&str; 3] = ["hit_rate", "miss_rate", "hit_rate_drop"];

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_of_the_vocabulary_is_told() {
    let mut told = BTreeSet::new();
    let primary = Server::start("appendonly yes\nmaxmemory 100mb\nsave 3600 1\n").await;
    primary.fill(10).await;
    primary.run("SAVE").await.unwrap();
    let replica = Server::start(&format!("replicaof 127.0.0.1 {}\n", primary.port)).await;
    let sentinel = Server::sentinel(&primary, 1).await;
    let settings = "version = '7'\ncapacity = { growth = '10MB/month' }\n\
                    redis = { replicas = ['second'], append_only = true, eviction = 'noeviction' }\n";
    let plan = [primary.component("cache", settings), replica.component("second", "")];
    let mut asker = Asker::new(&plan);
    let reading = asker
        .until("all are there", |reading| {
            count(reading, "replicas_missing") == 0
                && reading.fact("sentinels") == Some(&Value::Count(1))
                && shown(reading, "rdb") == "ok"
                && reading.fact("rejected_writes").is_some()
                && reading.fact("replication_lag").is_some()
        })
        .await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    assert!(reading.identity.starts_with("Redis 7.") && reading.identity.ends_with(", primary"), "{reading:#?}");
    assert_eq!((count(&reading, "keys"), shown(&reading, "data").as_str()), (10, "present"));
    assert_eq!(
        (shown(&reading, "memory_limit").as_str(), shown(&reading, "persistence").as_str()),
        ("104MB", "working")
    );
    assert_eq!((shown(&reading, "managed_by").as_str(), shown(&reading, "rdb").as_str()), ("Sentinel", "ok"));
    assert_eq!(shown(&reading, "memory_growth"), "10MB/month, by the plan");
    assert_eq!(list(&reading, "Replicas").rows[0][0], format!("127.0.0.1:{}", replica.port));
    assert!(reading.facts.unseen().next().is_none(), "{reading:#?}");
    let rare = asker.rare().await;
    assert_eq!(list(&rare, "Databases").rows, [["db0", "10", "0"]]);
    told.append(&mut asker.told);

    let mut asker = Asker::new(&[plan[1].clone(), plan[0].clone()]);
    let following = asker.until("it follows", |reading| shown(reading, "primary_link") == "up").await;
    assert_eq!((following.verdict, shown(&following, "role").as_str()), (Verdict::Healthy, "replica"));
    assert_eq!(shown(&following, "replication_lag"), "0s");
    told.append(&mut asker.told);
    drop(primary);
    let alone = asker.until("the link is down", |reading| reading.fact("primary_link_down").is_some()).await;
    assert!(alone.reason().starts_with("its link to cache"), "{alone:#?}");
    told.append(&mut asker.told);

    told.extend(watches(&sentinel).await);
    told.extend(clusters().await);
    told.extend(loads().await);
    let never: Vec<_> = never_told(Kind::Redis, &told).into_iter().filter(|fact| !SLOW.contains(fact)).collect();
    assert_eq!(never, Vec::<&str>::new());
}

async fn watches(sentinel: &Server) -> BTreeSet<String> {
    let mut asker = Asker::new(&[sentinel.component("sentinel", "")]);
    let reading = asker.vital().await;
    assert_eq!((shown(&reading, "role").as_str(), shown(&reading, "quorum").as_str()), ("sentinel", "reached"));
    assert_eq!((count(&reading, "masters"), list(&reading, "Watched").rows[0][0].as_str()), (1, "group"));
    asker.told
}

async fn clusters() -> BTreeSet<String> {
    let node = Server::start("cluster-enabled yes\n").await;
    let mut asker = Asker::new(&[node.component("node", "")]);
    let nothing = asker.vital().await;
    assert_eq!((nothing.verdict, shown(&nothing, "cluster").as_str()), (Verdict::Down, "failed"));
    assert_eq!(nothing.reason(), "the cluster does not serve: 16,384 of its slots have no node");
    node.run("CLUSTER ADDSLOTSRANGE 0 16383").await.unwrap();
    let serves = asker.until("it serves", |reading| shown(reading, "cluster") == "ok").await;
    assert_eq!((serves.verdict, count(&serves, "cluster_slots_lost")), (Verdict::Healthy, 0), "{serves:#?}");
    let rare = asker.rare().await;
    assert_eq!(list(&rare, "Nodes of the cluster").rows[0][3], "0-16383");
    asker.told
}

async fn loads() -> BTreeSet<String> {
    let mut server = Server::start("").await;
    server.fill(2_000).await;
    server.run("SAVE").await.unwrap();
    server.down();
    // A key every millisecond: two seconds in all.
    server.configure("key-load-delay 1000\nloading-process-events-interval-bytes 1024");
    server.up().await;
    let mut asker = Asker::new(&[server.component("cache", "")]);
    let loading = asker.until("it is half-way", |reading| shown(reading, "loading") == "yes").await;
    assert_eq!(loading.verdict, Verdict::Degraded);
    assert!(
        loading.reason().starts_with("it loads its data: ") && loading.reason().ends_with(" to go"),
        "{loading:#?}"
    );
    assert!(loading.fact("data").is_none(), "what is not loaded yet is not missing");
    let loaded = asker.until("it has loaded", |reading| shown(reading, "loading") == "no").await;
    assert_eq!((loaded.verdict, count(&loaded, "keys")), (Verdict::Healthy, 2_000), "{loaded:#?}");
    assert!(!says(&loaded, "it had"), "{loaded:#?}");
    asker.told
}
