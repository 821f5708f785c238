//! Archiving that stalls, that hangs, and that is silently off.

use lifeboat::plan::facts::Verdict;

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, says, shown};

async fn set(server: &Server, command: &str) {
    server.execute(&[&format!("ALTER SYSTEM SET archive_command = '{command}'"), "SELECT pg_reload_conf()"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_is_what_happens_now_and_not_what_once_failed() {
    let server = Server::start(&["archive_mode=on"]).await.with_monitor().await;
    let job = "[[job]]\nname = \"log\"\ndo = \"backup\"\nof = \"db\"\nmethod = \"wal\"\ncontinuous = true\n";
    let mut asker = Asker::new(&[server.component("db", "lifeboat", ""), job.to_owned()]);
    // The command is empty: nothing ever fails, and nothing is archived.
    let switch = ["CREATE TABLE t AS SELECT 1", "DROP TABLE t", "SELECT pg_switch_wal()"];
    server.execute(&switch).await;
    let off = asker.until("a segment piles up", |reading| count(reading, "archive_backlog") > 0).await;
    assert_eq!((off.verdict, shown(&off, "archiving").as_str()), (Verdict::Degraded, "silently-off"));
    let piles = "archiving is on and has no command: the log piles up and goes nowhere, and the plan has the job log";
    assert_eq!(off.reason(), piles);

    set(&server, "false").await;
    let stalled = asker.until("it fails", |reading| shown(reading, "archiving") == "stalled").await;
    assert!(stalled.reason().starts_with("archiving fails: "), "{stalled:#?}");
    set(&server, "/bin/true").await;
    let nothing = asker.until("nothing is kept", |reading| says(reading, "keeps nothing")).await;
    assert_eq!(shown(&nothing, "archiving"), "silently-off");
    set(&server, "test -n %p").await;
    server.execute(&switch).await;
    let works = asker
        .until("it works", |reading| shown(reading, "archiving") == "working" && count(reading, "archive_backlog") == 0)
        .await;
    assert_eq!(works.verdict, Verdict::Healthy, "that it failed before is history: {works:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn archiving_that_is_off_is_silent_only_if_the_plan_counts_on_it() {
    let server = Server::start(&["archive_mode=off"]).await.with_monitor().await;
    let off = Asker::new(&[server.component("db", "lifeboat", "")]).vital().await;
    assert_eq!((off.verdict, shown(&off, "archiving").as_str()), (Verdict::Healthy, "off"), "{off:#?}");
    let settings = "[component.postgres]\narchive = '/backups/wal'\n";
    let missed = Asker::new(&[server.component("db", "lifeboat", settings)]).vital().await;
    assert_eq!((missed.verdict, shown(&missed, "archiving").as_str()), (Verdict::Degraded, "silently-off"));
    assert_eq!(missed.reason(), "archiving is off, and the plan has the archive /backups/wal");
}
