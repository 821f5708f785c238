//! WAL does not get to where it should.

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

const FAILED: &str = "SELECT failed_count FROM pg_stat_archiver";
const WAITING: &str = "SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'";

pub async fn all(test: &TestLab) {
    for name in ["stop-archiving", "hang-archiving", "disable-archiving"] {
        until("everything is archived", async || test.count("primary", WAITING).await == 0).await;
        let failed = test.count("primary", FAILED).await;
        fault(test, name, None).await;
        until("WAL waits", async || test.count("primary", WAITING).await > 0).await;
        if name == "stop-archiving" {
            until("a failure is counted", async || test.count("primary", FAILED).await > failed).await;
        } else {
            assert_eq!(test.count("primary", FAILED).await, failed, "{name} must not look like a failure");
        }
        undo(test, name).await;
        until("everything is archived", async || test.count("primary", WAITING).await == 0).await;
    }
    standby(test).await;
}

async fn standby(test: &TestLab) {
    test.ask("primary", "CREATE TABLE probe_lag (n int)").await.unwrap();
    until("the standby follows", async || test.ask("dr", "SELECT count(*) FROM probe_lag").await.is_ok()).await;
    fault(test, "lag-standby", None).await;
    let paused = "SELECT pg_get_wal_replay_pause_state()";
    until("replay is paused", async || test.ask("dr", paused).await.as_deref() == Ok("paused")).await;
    test.ask("primary", "INSERT INTO probe_lag VALUES (1)").await.unwrap();
    let received = "SELECT pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn()";
    until("the standby lags", async || test.ask("dr", received).await.as_deref() == Ok("t")).await;
    assert_eq!(test.count("dr", "SELECT count(*) FROM probe_lag").await, 0);
    undo(test, "lag-standby").await;
    until("the row arrives", async || test.count("dr", "SELECT count(*) FROM probe_lag").await == 1).await;
}
