//! Lifeboat itself is killed in the middle of `up`, and nothing of the lab is lost or left over.

use std::time::Duration;

use super::test_lab::{TestLab, tagged, wait_until};

/// Instants chosen to fall into the making of clusters, their copying, and the start of the brokers.
const INSTANTS: [u64; 6] = [60, 250, 500, 900, 1_600, 4_000];

fn up_and_kill(test: &TestLab, after: Duration) {
    let up = test.start(&["up", "--scale", "0.1"]);
    std::thread::sleep(after);
    drop(up);
}

#[test]
fn up_goes_on_after_kill_9_and_down_knows_every_process() {
    let test = TestLab::new();
    for instant in INSTANTS {
        up_and_kill(&test, Duration::from_millis(instant));
    }
    let output = test.run(&["up", "--scale", "0.1"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let status = test.status();
    assert!(status.is_whole(), "{status:#?}");
    for (server, pids) in test.tagged() {
        let leaders = pids.iter().filter(|pid| parent(**pid) == Some(1) || !pids.contains(&parent(**pid).unwrap()));
        assert_eq!(leaders.count(), 1, "{server} runs more than once: {pids:?}");
    }
    for instant in [20, 120, 400] {
        let down = test.start(&["down"]);
        std::thread::sleep(Duration::from_millis(instant));
        drop(down);
        let output = test.run(&["up"]);
        assert!(output.status.success(), "down killed after {instant} ms: {}", String::from_utf8_lossy(&output.stderr));
        std::thread::sleep(Duration::from_secs(1));
        assert!(test.status().is_whole(), "down killed after {instant} ms: {:#?}", test.status());
    }
    let id = test.id();
    let output = test.run(&["down"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(tagged(&id), std::collections::BTreeMap::new());
}

#[test]
fn down_knows_what_a_killed_up_left() {
    for instant in INSTANTS {
        let test = TestLab::new();
        up_and_kill(&test, Duration::from_millis(instant));
        if !test.folder().join("lab.json").exists() {
            continue;
        }
        let id = test.id();
        let output = test.run(&["down", "--delete"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(tagged(&id), std::collections::BTreeMap::new(), "killed after {instant} ms");
        assert!(!test.folder().exists());
    }
}

#[test]
fn ctrl_c_ends_up_with_a_word_about_what_is_left() {
    let test = TestLab::new();
    let up = test.start(&["up", "--scale", "0.1"]);
    wait_until("Redis is started", || test.tagged().contains_key("primary/redis"));
    let pid = rustix::process::Pid::from_raw(i32::try_from(up.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = up.end();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("lab down` ends it"), "{said}");
    let id = test.id();
    assert!(test.run(&["down"]).status.success());
    assert_eq!(tagged(&id), std::collections::BTreeMap::new());
}

/// A test that is killed never drops its lab, so the next test that makes one does.
#[test]
fn the_lab_of_a_killed_test_is_swept() {
    let left = TestLab::new();
    let up = left.start(&["up", "--scale", "0.1"]);
    wait_until("Redis is started", || left.tagged().contains_key("primary/redis"));
    drop(up);
    let (id, base) = (left.id(), left.base().to_owned());
    std::mem::forget(left);
    let pid = std::process::id();
    std::fs::write(base.join("owner"), format!("{pid} 1")).unwrap();
    drop(TestLab::new());
    assert!(!base.exists());
    assert_eq!(tagged(&id), std::collections::BTreeMap::new());
}

fn parent(pid: i32) -> Option<i32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}
