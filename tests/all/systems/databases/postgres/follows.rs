//! Standbys that follow, hang, stop, and take over; slots that are left behind.

use std::time::Duration;

use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::text::Span;

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, hidden, list, says, shown};

fn plan(primary: &Server, standby: &Server) -> [String; 2] {
    let settings = "[component.postgres]\nstandbys = ['far']\n";
    [primary.component("db", "lifeboat", settings), standby.component("far", "lifeboat", "")]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_hangs_is_behind_and_one_that_stops_is_missing() {
    let primary = Server::start(&["wal_sender_timeout=60s"]).await.with_monitor().await;
    let mut standby = Server::follow(&primary, "far", "far", &[]).await;
    let mut asker = Asker::new(&plan(&primary, &standby));
    asker.until("the standby streams", |reading| count(reading, "standbys_missing") == 0).await;
    // An idle primary makes nobody late.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    let idle = asker.vital().await;
    assert_eq!(shown(&idle, "replication_lag"), "0s");

    standby.process().freeze();
    primary.execute(&["CREATE TABLE t AS SELECT generate_series(1, 1000)"]).await;
    let late = asker
        .until(
            "it is seen to be late",
            |reading| matches!(reading.fact("replication_lag"), Some(Value::Span(lag)) if *lag >= Span::from_secs(1)),
        )
        .await;
    assert!(matches!(late.fact("replication_bytes"), Some(Value::Size(size)) if size.0 > 10_000), "{late:#?}");

    standby.process().thaw();
    standby.down();
    primary.execute(&["CREATE TABLE more AS SELECT generate_series(1, 1000)"]).await;
    let missing = asker.until("it is missing", |reading| count(reading, "standbys_missing") == 1).await;
    assert_eq!((missing.verdict, missing.reason()), (Verdict::Degraded, "no standby streams from it: far should"));
    assert_eq!(shown(&missing, "replication"), "stopped");
    assert_eq!(count(&missing, "slots_inactive"), 1);
    assert_eq!(list(&missing, "Slots").rows[0][2], "none");
    assert!(matches!(missing.fact("slots_hold_back"), Some(Value::Size(size)) if size.0 > 10_000), "{missing:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_without_its_primary_says_so_and_one_that_was_promoted_too() {
    let mut primary = Server::start(&[]).await.with_monitor().await;
    let standby = Server::follow(&primary, "far", "far", &[]).await;
    let [db, far] = plan(&primary, &standby);
    let mut asker = Asker::new(&[far.clone(), db.clone()]);
    let mut first_time = Asker::new(&[far, db]);
    asker.until("it follows", |reading| shown(reading, "replication") == "streaming").await;

    standby.execute(&["SELECT pg_wal_replay_pause()"]).await;
    let paused = asker.until("replay is paused", |reading| says(reading, "replay is paused")).await;
    assert_eq!(paused.verdict, Verdict::Degraded);
    standby.execute(&["SELECT pg_wal_replay_resume()"]).await;

    primary.down();
    let alone = asker.until("it follows nobody", |reading| shown(reading, "replication") == "stopped").await;
    assert_eq!(alone.reason(), "it is a standby and receives nothing from db");
    assert!(alone.fact("replication_lag").is_some(), "it was seen to follow until a moment ago");
    let unknown = first_time.vital().await;
    assert_eq!(hidden(&unknown, "replication_lag"), "it receives nothing, and what it lacks is not known here");

    standby.execute(&["SELECT pg_promote()"]).await;
    let promoted = asker.until("it is promoted", |reading| shown(reading, "role") == "primary").await;
    assert_eq!(promoted.verdict, Verdict::Degraded);
    assert!(says(&promoted, "it was a standby until "), "{promoted:#?}");
    assert!(says(&promoted, "it is a primary, and the plan has it as a standby of db"), "{promoted:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_that_wait_for_a_standby_that_is_gone_are_told() {
    let primary = Server::start(&[]).await.with_monitor().await;
    primary.execute(&["CREATE TABLE t (n int)", "ALTER SYSTEM SET synchronous_standby_names = 'far'"]).await;
    primary.execute(&["SELECT pg_reload_conf()"]).await;
    let mut asker = Asker::new(&[primary.component("db", "lifeboat", "")]);
    asker.until("the setting holds", |reading| says(reading, "none streams")).await;
    let writer = primary.superuser().await;
    let hangs = tokio::spawn(async move { writer.batch_execute("INSERT INTO t VALUES (1)").await });
    let reading = asker.until("a commit waits", |reading| count(reading, "commits_waiting") == 1).await;
    assert_eq!(reading.verdict, Verdict::Degraded);
    let sentence = "commits wait: they must reach a synchronous standby (far), and none streams";
    assert!(says(&reading, sentence), "{reading:#?}");
    hangs.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_lost_its_log_is_told() {
    let settings = ["max_slot_wal_keep_size=1MB", "min_wal_size=32MB", "max_wal_size=32MB"];
    let primary = Server::start(&settings).await.with_monitor().await;
    primary.execute(&["SELECT pg_create_physical_replication_slot('left', true)"]).await;
    let mut asker = Asker::new(&[primary.component("db", "lifeboat", "")]);
    let kept = asker.vital().await;
    assert_eq!((count(&kept, "slots_inactive"), count(&kept, "slots_lost")), (1, 0));
    for _ in 0..3 {
        primary.execute(&["CREATE TABLE t AS SELECT 1", "DROP TABLE t", "SELECT pg_switch_wal()", "CHECKPOINT"]).await;
    }
    let lost = asker.until("its log is gone", |reading| count(reading, "slots_lost") == 1).await;
    assert!(says(&lost, "the log that slot left needs is gone: its reader must be made anew"), "{lost:#?}");
}
