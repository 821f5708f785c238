//! What was done to the lab stands in its journal.

use super::{TestLab, fault, undo};

/// What the lab's journal holds, by kind and subject, as the command line shows it.
fn shown(test: &TestLab) -> Vec<(String, String)> {
    let output = ask(test, &["show", "--json"]);
    let lines = String::from_utf8(output.stdout).unwrap();
    let events = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let events = events.filter(|event| event["kind"].as_str().unwrap().starts_with("lab."));
    events.map(|event| (event["kind"].as_str().unwrap().into(), event["subject"].as_str().unwrap().into())).collect()
}

fn ask(test: &TestLab, arguments: &[&str]) -> std::process::Output {
    let mut command = std::process::Command::new(super::super::test_lab::PROGRAM);
    let output = command.arg("--state").arg(test.base()).args(["--lab", "journal"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

pub async fn all(test: &TestLab) {
    fault(test, "freeze", Some("dr/redis")).await;
    let status = test.run(&["status"]);
    assert_eq!(status.status.code(), Some(3), "a fault deserves attention");
    let up = test.run(&["up", "--scale", "4"]);
    assert!(up.status.success(), "{}", String::from_utf8_lossy(&up.stderr));
    assert!(String::from_utf8_lossy(&up.stdout).contains("in force: froze dr/redis"), "{up:?}");
    assert!(String::from_utf8_lossy(&up.stderr).contains("was made with --scale 0.1"), "{up:?}");
    undo(test, "freeze").await;
    let down = test.run(&["down"]);
    assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
    let load = test.run(&["load", "--for", "1s"]);
    assert_eq!(load.status.code(), Some(4));
    assert!(String::from_utf8_lossy(&load.stderr).contains("is down"), "{load:?}");
    let told = shown(test);
    let told: Vec<(&str, &str)> = told.iter().map(|(kind, subject)| (kind.as_str(), subject.as_str())).collect();
    let wanted = [
        ("lab.up", "lab"),
        ("lab.fault", "freeze"),
        ("lab.up", "lab"),
        ("lab.fault-undone", "freeze"),
        ("lab.down", "lab"),
    ];
    assert_eq!(told, wanted);
    ask(test, &["verify"]);
    test.up().await;
}
