//! Who is connected, who blocks whom, and a login that is kept open, ended, and opened again.

use lifeboat::plan::facts::{Value, Verdict};
use lifeboat::text::Span;

use super::server::Server;
use crate::systems::databases::asking::{Asker, count, list, says, shown};

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_and_who_blocks_are_named() {
    let server = Server::start(&[]).await.with_monitor().await;
    server.execute(&["CREATE TABLE t (n int)", "GRANT ALL ON t TO plain"]).await;
    let holder = server.session("plain", "evil\u{202e}\u{1b}[2J").await;
    holder.batch_execute("BEGIN; LOCK TABLE t").await.unwrap();
    let waiter = server.session("plain", "waiter").await;
    let waits = tokio::spawn(async move { waiter.batch_execute("SELECT * FROM t").await });
    let mut asker = Asker::new(&[server.component(
        "db",
        "lifeboat",
        "limits = { longest_transaction = '0s', blocked_sessions = 0 }",
    )]);
    let reading = asker.until("somebody waits", |reading| count(reading, "blocked_sessions") == 1).await;
    assert_eq!(reading.verdict, Verdict::Degraded);
    assert!(says(&reading, "blocked sessions: 1"), "{reading:#?}");
    assert!(says(&reading, "longest transaction: "), "{reading:#?}");
    let row = &list(&reading, "Blocked sessions").rows[0];
    assert_eq!((row[1].as_str(), row[2].as_str()), ("plain (waiter)", "postgres"));
    assert!(row[5].starts_with("plain (evil") && row[5].contains(", idle in transaction, "), "{row:?}");
    assert!(!row.concat().contains(['\u{1b}', '\u{202e}']), "{row:?}");
    holder.batch_execute("ROLLBACK").await.unwrap();
    waits.await.unwrap().unwrap();
    let after = asker.vital().await;
    assert_eq!((count(&after, "blocked_sessions"), shown(&after, "longest_block").as_str()), (0, "0s"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_clients_is_a_degraded_reading_and_a_kept_login_sees_all() {
    let settings = ["max_connections=7", "superuser_reserved_connections=2", "max_wal_senders=0", "autovacuum=off"];
    let server = Server::start(&settings).await.with_monitor().await;
    let component = server.component("db", "lifeboat", "");
    let mut early = Asker::new(std::slice::from_ref(&component));
    // What the tests connected with before may still be going.
    early.until("it is alone", |reading| count(reading, "connections_used") == 1).await;
    assert_eq!(count(&early.vital().await, "connections_limit"), 5, "without those of superusers");
    let mut taken = Vec::new();
    for _ in 0..4 {
        taken.push(server.session("plain", "application").await);
    }
    let full = early.vital().await;
    assert_eq!(full.fact("connections"), Some(&Value::Share(100.0)));
    assert_eq!(full.verdict, Verdict::Degraded);
    let mut late = Asker::new(&[component]);
    let refused = late.vital().await;
    assert_eq!(refused.verdict, Verdict::Degraded);
    assert!(refused.reason().starts_with("it has too many clients: "), "{refused:#?}");
    assert_eq!(refused.fact("connections"), Some(&Value::Share(100.0)), "a trigger must see it");
    drop(taken);
    late.until("somebody has left", |reading| reading.verdict == Verdict::Healthy).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_login_is_kept_and_opened_again_within_the_same_question() {
    let mut server = Server::start(&[]).await.with_monitor().await;
    let mut asker = Asker::new(&[server.component("db", "lifeboat", "")]);
    let logins = "SELECT pid FROM pg_stat_activity WHERE usename = 'lifeboat' ORDER BY backend_start";
    let superuser = server.superuser().await;
    let mut pids = Vec::new();
    for _ in 0..3 {
        assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
        let rows = superuser.query(logins, &[]).await.unwrap();
        pids.push(rows.iter().map(|row| row.get::<_, i32>(0)).collect::<Vec<_>>());
    }
    assert!(pids[0].len() == 1 && pids.iter().all(|one| *one == pids[0]), "one login for all: {pids:?}");
    let ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lifeboat'";
    superuser.query(ends, &[]).await.unwrap();
    let reading = asker.vital().await;
    assert_eq!(reading.verdict, Verdict::Healthy, "an old connection says nothing about now: {reading:#?}");
    drop(superuser);

    server.process().freeze();
    let hangs = asker.vital_within(Span::from_millis(300)).await;
    assert_eq!((hangs.verdict, shown(&hangs, "connection").as_str()), (Verdict::Unknown, "timeout"));
    server.process().thaw();
    let reading = asker.vital().await;
    assert_eq!(reading.verdict, Verdict::Healthy, "a question that was dropped leaves nothing: {reading:#?}");
    server.down();
    let down = asker.vital().await;
    assert_eq!((down.verdict, shown(&down, "connection").as_str()), (Verdict::Down, "refused"));
    server.up().await;
    assert_eq!(asker.vital().await.verdict, Verdict::Healthy);
}
