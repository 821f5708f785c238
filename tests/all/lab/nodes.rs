//! A lab whose cache and broker are clusters of three: nodes and quorums are lost for real, and come back.

use std::sync::atomic::{AtomicU64, Ordering};

use lifeboat::lab::{self, LabOptions, Nodes, ServerState, faults};
use reqwest::Method;
use serde_json::Value;

use super::test_lab::{PROGRAM, TestLab, until, wait_until};

const REDIS: [&str; 3] = ["primary/redis-1", "primary/redis-2", "primary/redis-3"];
const RABBITMQ: [&str; 3] = ["primary/rabbitmq-1", "primary/rabbitmq-2", "primary/rabbitmq-3"];
const QUEUE: &str = "queues/%2F/tasks.default";

impl TestLab {
    async fn break_it(&self, fault: &str, target: &str) {
        eprintln!("{fault} {target}");
        faults::apply(&self.folder(), fault, Some(target)).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    }

    async fn mend(&self, fault: &str, target: Option<&str>) {
        eprintln!("undo {fault} {}", target.unwrap_or_default());
        faults::undo(&self.folder(), Some(fault), target).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    }

    async fn up_with_three(&self) {
        self.up_with(&LabOptions { nodes: Nodes::Three, ..self.options() }).await;
    }

    /// What a node of Redis says of its replication.
    async fn replication(&self, server: &str) -> Result<String, String> {
        let mut connection = self.redis_at(server, "default").await?;
        let asked = redis::cmd("INFO").arg("replication").query_async(&mut connection).await;
        asked.map_err(|error: redis::RedisError| error.to_string())
    }

    /// The nodes of Redis that say that they are the primary.
    async fn primaries(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        for node in REDIS {
            if self.replication(node).await.is_ok_and(|said| said.contains("role:master")) {
                found.push(node);
            }
        }
        found
    }

    /// Whether a node follows another, and gets everything.
    async fn follows(&self, node: &str, primary: &str) -> bool {
        let port = format!("master_port:{}\r", self.address(primary).port());
        let said = self.replication(node).await.unwrap_or_default();
        said.contains(&port) && said.contains("master_link_status:up")
    }

    /// What one of the brokers says.
    async fn node_says(&self, node: &str, path: &str) -> Result<Value, u16> {
        self.broker_at(node, "admin", Method::GET, path, None).await
    }

    /// How many brokers run, as one of them says.
    async fn running(&self, node: &str) -> usize {
        let Ok(nodes) = self.node_says(node, "nodes").await else { return 0 };
        nodes.as_array().unwrap().iter().filter(|node| node["running"] == true).count()
    }

    /// Whether a run of an agent gets to its end, through the balancer and all servers of the primary site.
    async fn works(&self) -> bool {
        let url = format!("https://{}/golden", self.address("primary/balancer"));
        self.user().post(url).send().await.is_ok_and(|answer| answer.status().is_success())
    }

    fn takes_connections(&self, server: &str) -> bool {
        std::net::TcpStream::connect(self.address(server)).is_ok()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_and_quorums_are_lost_and_come_back() {
    let test = TestLab::new();
    made_in_two_goes(&test).await;
    node_of_redis(&test).await;
    quorum_of_sentinels(&test).await;
    brokers(&test).await;
    down_and_up(&test).await;
}

/// An `up` that is killed while the second node joins the cluster is completed by the next one.
async fn made_in_two_goes(test: &TestLab) {
    let mut first = test.start(&["up", "--scale", "0.1", "--nodes", "3"]);
    wait_until("a second broker is started", || first.is_over() || test.tagged().contains_key(RABBITMQ[1]));
    assert!(!first.is_over(), "up ended early: {}", String::from_utf8_lossy(&first.end().stderr));
    drop(first);
    let start = std::time::Instant::now();
    test.up_with_three().await;
    let status = test.status();
    eprintln!("up with three nodes took {:.1} s, and {} MiB", start.elapsed().as_secs_f64(), status.memory >> 20);
    assert!(status.is_whole(), "{status:#?}");
    assert!(status.memory < 1_288_490_188, "more than 1.2 GiB: {}", status.memory);
    let mut check = std::process::Command::new(PROGRAM);
    let checked = check.arg("--state").arg(test.base()).args(["--lab", "plan", "check", "--strict"]).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let again = test.run(&["up", "--nodes", "1"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("was made with --nodes 3"), "{again:?}");
    assert_eq!(test.run(&["up", "--nodes", "2"]).status.code(), Some(2));

    assert_eq!(test.running(RABBITMQ[0]).await, 3);
    for queue in ["tasks.high", "tasks.default"] {
        let queue = test.node_says(RABBITMQ[0], &format!("queues/%2F/{queue}")).await.unwrap();
        assert_eq!(queue["members"].as_array().unwrap().len(), 3, "{queue}");
    }
    assert_eq!(test.primaries().await, REDIS[..1]);
    until("the platform works", async || test.works().await).await;
}

/// Another node becomes the primary, everybody follows it, and the lost one comes back as one of them.
async fn node_of_redis(test: &TestLab) {
    test.break_it("kill", REDIS[0]).await;
    until("another is the primary", async || test.primaries().await.len() == 1).await;
    let now = test.primaries().await[0];
    let other = REDIS.into_iter().find(|node| *node != REDIS[0] && *node != now).unwrap();
    until("the others follow", async || test.follows(other, now).await && test.follows("dr/redis", now).await).await;
    until("the platform works", async || test.works().await).await;

    test.up_with_three().await;
    assert!(test.status().is_whole() && test.status().faults.is_empty(), "{:#?}", test.status());
    until("the lost one follows", async || test.follows(REDIS[0], now).await).await;
    assert_eq!(test.primaries().await, [now]);

    // What acts on Redis acts on the primary, whichever node that is.
    test.break_it("refuse-logins", "redis").await;
    assert!(test.redis_at(now, "app").await.is_err() && test.redis_at(other, "app").await.is_ok());
    test.mend("refuse-logins", None).await;
    assert!(test.redis_at(now, "app").await.is_ok());
}

async fn quorum_of_sentinels(test: &TestLab) {
    let quorum = async || {
        let mut sentinel = test.redis_at("primary/sentinel-3", "default").await.unwrap();
        let asked = redis::cmd("SENTINEL").arg("CKQUORUM").arg("cache").query_async::<String>(&mut sentinel).await;
        asked.map_err(|error| error.to_string())
    };
    assert!(quorum().await.unwrap().starts_with("OK 3 usable Sentinels"));
    test.break_it("kill", "sentinel-1").await;
    test.break_it("freeze", "primary/sentinel-2").await;
    until("the quorum is lost", async || quorum().await.is_err_and(|why| why.contains("Not enough"))).await;
    test.mend("kill", None).await;
    test.mend("freeze", None).await;
    until("the quorum is back", async || quorum().await.is_ok_and(|said| said.starts_with("OK 3 usable"))).await;
}

async fn brokers(test: &TestLab) {
    // For some seconds after its start a broker has no count to tell.
    let messages = async |node| test.node_says(node, QUEUE).await.ok().and_then(|queue| queue["messages"].as_u64());
    let before = AtomicU64::new(0);
    let count = async || {
        before.store(messages(RABBITMQ[0]).await.unwrap_or(0), Ordering::Relaxed);
        before.load(Ordering::Relaxed) > 0
    };
    until("messages are counted", count).await;
    let before = before.into_inner();

    // One is lost: the others go on, and say that they cannot spare another.
    test.break_it("kill", RABBITMQ[2]).await;
    until("the loss is seen", async || test.running(RABBITMQ[0]).await == 2).await;
    until("the platform works", async || test.works().await).await;
    let critical = "health/checks/node-is-quorum-critical";
    assert_eq!(test.node_says(RABBITMQ[0], critical).await.unwrap_err(), 503);

    // Two are lost: the third lives, and refuses connections.
    test.break_it("kill", RABBITMQ[1]).await;
    until("the survivor pauses", async || !test.takes_connections(RABBITMQ[0])).await;
    assert_eq!(test.state_of(RABBITMQ[0]), ServerState::Running);
    assert!(!test.works().await);

    // All are lost, and one alone that comes back waits for the others without keeping anybody.
    test.break_it("kill", RABBITMQ[0]).await;
    test.mend("kill", Some(RABBITMQ[0])).await;
    assert_eq!(test.state_of(RABBITMQ[0]), ServerState::Running);
    assert!(!test.takes_connections(RABBITMQ[0]), "it serves alone");
    test.mend("kill", None).await;
    assert!(test.status().is_whole(), "{:#?}", test.status());
    until("all run", async || test.running(RABBITMQ[0]).await == 3).await;
    until("nothing is lost", async || messages(RABBITMQ[1]).await == Some(before)).await;
    until("the platform works", async || test.works().await).await;
}

async fn down_and_up(test: &TestLab) {
    let primary = test.primaries().await;
    let down = lab::down(&test.folder(), false).await.unwrap();
    assert!(down.killed.is_empty(), "{down:?}");
    test.up_with_three().await;
    assert!(test.status().is_whole(), "{:#?}", test.status());
    until("there is one primary", async || test.primaries().await == primary).await;
    assert_eq!(test.running(RABBITMQ[2]).await, 3);
    until("the platform works", async || test.works().await).await;
}
