//! A lab comes up, is found again, and goes.

use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use lifeboat::lab::{self, ServerState};

use super::test_lab::{PROGRAM, TestLab, tagged, until};

fn kill(pid: i32) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn up_is_whole_then_attaches_and_brings_back_what_is_missing() {
    // As a folder below /root is: the servers' account cannot get there.
    let test = TestLab::new();
    std::fs::set_permissions(test.base(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let first = up_in_time(&test).await;
    let mut check = std::process::Command::new(PROGRAM);
    let checked = check.arg("--state").arg(test.base()).args(["--lab", "plan", "check", "--strict"]).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let loaded = test.run(&["load", "--rate", "20", "--for", "1s", "--json"]);
    let load: serde_json::Value = serde_json::from_slice(&loaded.stdout).unwrap();
    assert!(load["done"].as_u64() > Some(0) && load["failed"] == 0, "{load}");

    test.up().await;
    let pids = |status: &lab::Status| status.servers.iter().map(|server| server.pid).collect::<Vec<_>>();
    assert_eq!(pids(&first), pids(&test.status()), "a second up must not start anything");

    kill(test.pid_of("primary/redis"));
    until("the kill is seen", async || test.state_of("primary/redis") == ServerState::Stopped).await;
    let output = test.run(&["status"]);
    assert_eq!(output.status.code(), Some(3));
    led_astray(&test);
    test.up().await;
    assert!(test.status().is_whole());
    thaw(&test);

    let id = test.id();
    let down = lab::down(&test.folder(), false).await.unwrap();
    assert_eq!(down.ended.len(), first.servers.len(), "{down:?}");
    assert_eq!(tagged(&id), std::collections::BTreeMap::new());
    test.up().await;
    assert!(test.status().is_whole());
    let output = test.run(&["down", "--delete"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(tagged(&id), std::collections::BTreeMap::new());
    assert!(!test.folder().exists());
}

/// Comes up with the usual amount of data, in time and in little memory.
async fn up_in_time(test: &TestLab) -> lab::Status {
    let start = Instant::now();
    test.up_with(&lab::LabOptions { scale: 1.0, ..test.options() }).await;
    let took = start.elapsed();
    assert!(follows(test).await, "the replica does not follow when up says that it is there");
    let first = test.status();
    assert!(first.is_whole(), "{first:#?}");
    eprintln!("up at the usual scale took {:.1} s, and {} MiB", took.as_secs_f64(), first.memory >> 20);
    // Promised are 30 s on a machine that has nothing else to do.
    assert!(took < Duration::from_mins(1), "{took:?}");
    assert!(first.memory < 1_288_490_188, "more than 1.2 GiB: {}", first.memory);
    assert!(first.memory > 100_000_000, "memory is not counted: {}", first.memory);
    first
}

async fn follows(test: &TestLab) -> bool {
    let mut replica = test.redis("dr", "default").await.unwrap();
    let info: String = redis::cmd("INFO").arg("replication").query_async(&mut replica).await.unwrap();
    info.contains("master_link_status:up")
}

/// A log that its server's account has replaced by a link is not opened by root, and what it leads to stays as it is.
fn led_astray(test: &TestLab) {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root could be led astray");
        return;
    }
    let log = std::fs::canonicalize(test.folder().join("sites")).unwrap().join("primary/redis/server.log");
    let (kept, secret) = (log.with_extension("kept"), test.base().join("secret"));
    std::fs::write(&secret, "secret").unwrap();
    std::fs::rename(&log, &kept).unwrap();
    std::os::unix::fs::symlink(&secret, &log).unwrap();
    let output = test.run(&["up"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("server.log"), "{said}");
    assert_eq!(std::fs::read(&secret).unwrap(), b"secret");
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(&secret).unwrap()), 0);
    std::fs::rename(&kept, &log).unwrap();
}

/// How long archives thaw is said once, and stays.
fn thaw(test: &TestLab) {
    let delays = || {
        ["primary", "dr"].map(|site| {
            let path = test.folder().join("sites").join(site).join("s3/data/settings.json");
            let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            settings["thaw"].as_str().unwrap().to_owned()
        })
    };
    for arguments in [&["up", "--thaw", "2s"][..], &["up"]] {
        let output = test.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(delays(), ["2s", "2s"]);
    }
    let plan = std::fs::read_to_string(test.folder().join("plan.toml")).unwrap();
    assert!(plan.contains("thaw = \"2s\""), "the plan says what is so");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_labs_live_side_by_side_and_end_apart() {
    let (one, two) = (TestLab::new(), TestLab::new());
    tokio::join!(one.up(), two.up());
    lab::down(&one.folder(), true).await.unwrap();
    let status = two.status();
    assert!(status.is_whole(), "{status:#?}");
    for server in status.servers {
        assert!(std::net::TcpStream::connect(&server.address).is_ok(), "{}", server.server);
    }
}

/// As root the servers drop to an account; as anybody else they run as that user.
#[test]
fn nobody_needs_to_be_root() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: every other test shows it, since this is not root");
        return;
    }
    let test = TestLab::new();
    // Wherever the program was built, this account need not get there.
    let program = test.base().join("lifeboat");
    std::fs::copy(PROGRAM, &program).unwrap();
    let anybody = 65_534;
    std::os::unix::fs::chown(test.base(), Some(anybody), Some(anybody)).unwrap();
    let as_anybody = |verb: &[&str]| {
        let mut command = std::process::Command::new(&program);
        command.arg("--state").arg(test.base()).arg("lab").args(verb).uid(anybody).gid(anybody);
        command.env_clear().env("PATH", "/usr/bin:/bin").output().unwrap()
    };
    let output = as_anybody(&["up", "--scale", "0.1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for (server, pids) in test.tagged() {
        for pid in pids {
            let owner = std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(format!("/proc/{pid}")).unwrap());
            assert_eq!(owner, anybody, "{server}");
        }
    }
    let refused = test.run(&["up"]);
    assert_eq!(refused.status.code(), Some(4), "a lab of somebody else is left alone");
    let id = test.id();
    let output = as_anybody(&["down", "--delete"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(tagged(&id).is_empty());
}
