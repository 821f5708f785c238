//! The order of system calls: write, sync, and only then the acknowledgement.

use std::process::Command;

use super::ground::Ground;
use super::writer::{Orders, Process};

#[test]
fn the_sync_returns_before_each_acknowledgement() {
    if !Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success()) {
        println!("skipped: strace is not installed");
        return;
    }
    let ground = Ground::new();
    let trace = ground.home.path().join("trace");
    let orders = Orders { threads: 4, count: Some(25), ..Orders::new(ground.state.path(), "event") };
    let calls = "trace=fdatasync,fsync,write,pwrite64";
    let before = ["strace", "-f", "-s", "1000000", "-e", calls, "-o", trace.to_str().unwrap()];
    let said = Process::start(orders.command(&before, &std::env::current_exe().unwrap())).finish();
    assert_eq!(said.len(), 100);

    let trace = std::fs::read_to_string(trace).unwrap();
    let lines: Vec<&str> = trace.lines().collect();
    let find = |from: usize, is: &dyn Fn(&str) -> bool| (from..lines.len()).find(|at| is(lines[*at]));
    for id in said {
        let event = format!("\\\"subject\\\":\\\"{id}\\\"");
        let written = find(0, &|line| line.contains("pwrite64(") && line.contains(&event)).unwrap();
        let synced = find(written, &|line| line.contains("fdatasync") && line.trim_end().ends_with("= 0")).unwrap();
        let acknowledged = find(0, &|line| line.contains(&format!("SAID {id}\\n"))).unwrap();
        assert!(written < synced && synced < acknowledged, "{id}: {written}, {synced}, {acknowledged}");
    }
}
