//! What a login may not see is said, and never taken for nothing.

use lifeboat::plan::facts::Verdict;

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, hidden};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_without_pg_monitor_says_what_it_cannot_see() {
    let server = Server::start(&["archive_mode=on", "archive_command=test -n %p"]).await.with_monitor().await;
    let standby = Server::follow(&server, "far", "far", &[]).await;
    let mut asker = Asker::new(&[server.component("db", "plain", "")]);
    let reading = asker.until("the standby streams", |reading| count(reading, "standbys") == 1).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    let unseen = ["longest_transaction", "blocked_sessions", "longest_block", "commits_waiting", "archive_backlog"];
    for fact in unseen.iter().chain(&["replication_lag", "replication_bytes"]) {
        assert_eq!(hidden(&reading, fact), "this login is no member of pg_monitor", "{fact}");
        assert!(reading.fact(fact).is_none(), "{fact} cannot be known");
    }
    assert_eq!(reading.facts.denied().count(), unseen.len() + 3, "so many for want of a right: {reading:#?}");
    assert!(count(&reading, "connections_used") >= 1);
    let rare = asker.rare().await;
    assert_eq!(hidden(&rare, "damaged_indexes"), "the extension amcheck is not installed");
    assert!(hidden(&rare, "orphans").starts_with("the plan has no check"), "{rare:#?}");

    let following = Asker::new(&[standby.component("far", "plain", "")]).vital().await;
    assert_eq!(following.verdict, Verdict::Healthy, "that it receives is seen by everybody: {following:#?}");
}
