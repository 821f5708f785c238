//! WAL does not get to where it should.

use lifeboat::lab::ServerState;

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

/// The archiver of a server that was killed waits for its command and carries the server's tag: it is not the server.
pub async fn orphan(test: &TestLab) {
    fault(test, "hang-archiving", None).await;
    until("WAL waits", async || test.count("primary", WAITING).await > 0).await;
    let hangs = async || test.tagged()["primary/postgres"].iter().any(|pid| command_line(*pid).contains("sleep 86399"));
    until("the command hangs", hangs).await;
    let pid = rustix::process::Pid::from_raw(test.pid_of("primary/postgres")).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    until("the server is gone", async || test.state_of("primary/postgres") == ServerState::Stopped).await;
    test.up().await;
    assert!(test.sql("primary", "app").await.is_ok());
    undo(test, "hang-archiving").await;
    until("everything is archived", async || test.count("primary", WAITING).await == 0).await;
}

fn command_line(pid: i32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default().replace('\0', " ")
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
