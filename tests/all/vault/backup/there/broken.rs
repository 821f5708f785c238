//! A connection that breaks in the middle: nothing half-made is listed, and nothing goes on there.

use super::{There, far_processes};
use crate::support::waiting::until;

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_is_cut_ends_what_runs_there() {
    let Some(there) = There::new().await else { return };
    let child = there.begun();
    there.line.cut();
    until("nothing runs there", || far_processes(there.far()).is_empty());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let backup = &told["backups"][0];
    assert!(backup["why"].as_str().unwrap().contains("the connection broke"), "{backup:#}");
    assert!(backup["next"].as_str().unwrap().contains("lifeboat points"), "{backup:#}");
    assert!(there.far_files().is_empty() && there.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bastion_that_is_killed_leaves_nobody_working_there() {
    let Some(there) = There::new().await else { return };
    let mut child = there.begun();
    child.kill().unwrap();
    child.wait().unwrap();
    until("nothing runs there", || far_processes(there.far()).is_empty());
    assert!(there.far_files().is_empty() && there.keys().await.is_empty());
    assert_eq!(there.back_up()["outcome"], "taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_killed_there_is_told_of() {
    let Some(there) = There::new().await else { return };
    let child = there.begun();
    for (pid, _) in far_processes(there.far()) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(told["backups"][0]["why"].as_str().unwrap().contains("signal 9"), "{told:#}");
    assert!(there.keys().await.is_empty());
    let points = there.run("points --json --in second").json();
    assert!(points["points"].as_array().unwrap().is_empty(), "{points:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_falls_silent_ends_what_runs_there() {
    if std::env::var_os("LIFEBOAT_FULL").is_none() {
        println!("skipped: silence takes a minute");
        return;
    }
    let Some(there) = There::new().await else { return };
    // It would take minutes.
    let child = there.begun_at("50KB");
    there.line.hang();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    until("nothing runs there", || far_processes(there.far()).is_empty());
    assert!(there.far_files().is_empty() && there.keys().await.is_empty());
}
