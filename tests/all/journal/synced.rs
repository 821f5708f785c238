//! The order of system calls: write, sync, and only then the acknowledgement.

use std::process::Command;

use super::ground::Ground;
use super::writer::{Orders, Process};

fn strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: strace is not installed");
    }
    there
}

#[test]
fn the_sync_returns_before_each_acknowledgement() {
    if !strace() {
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

/// Of a file that lasts nothing is left if the name of a directory above it does not last.
#[test]
fn every_new_name_above_an_event_is_synced_before_it_is_acknowledged() {
    if !strace() {
        return;
    }
    let ground = Ground::new();
    let home = ground.home.path().canonicalize().unwrap();
    let trace = home.join("trace");
    let orders = Orders { count: Some(1), ..Orders::new(&home.join("a/b/state"), "event") };
    let calls = "trace=fsync,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,write";
    let before = ["strace", "-f", "-y", "-s", "1000", "-e", calls, "-o", trace.to_str().unwrap()];
    let said = Process::start(orders.command(&before, &std::env::current_exe().unwrap())).finish();
    assert_eq!(said, ["event-0-0"]);

    let trace = std::fs::read_to_string(trace).unwrap();
    let lines: Vec<&str> = trace.lines().collect();
    let find = |from: usize, is: &dyn Fn(&str) -> bool| (from..lines.len()).find(|at| is(lines[*at]));
    let acknowledged = find(0, &|line| line.contains("SAID event-0-0\\n")).unwrap();
    let chain = lifeboat::journal::host::chain();
    let segment = format!("a/b/state/journal/{chain}/000000000001.jsonl");
    let made: Vec<&std::path::Path> = std::path::Path::new(&segment).ancestors().collect();
    for name in made.into_iter().filter(|name| name.parent().is_some()) {
        let name = home.join(name);
        let parent = name.parent().unwrap();
        let made = find(0, &|line| {
            let makes = ["mkdir", "rename", "link"].iter().any(|call| line.contains(call));
            makes && line.contains(&format!("{}\"", name.display())) && line.trim_end().ends_with("= 0")
        });
        let made = made.unwrap_or_else(|| panic!("{} is not made", name.display()));
        let synced = find(made, &|line| {
            let syncs = line.contains("fsync(") && line.contains(&format!("<{}>)", parent.display()));
            syncs && line.trim_end().ends_with("= 0")
        });
        assert!(synced.is_some_and(|synced| synced < acknowledged), "{} is not synced: {trace}", parent.display());
    }
}
