//! What a backup begins in the repository and no store has a note of is deleted there again.

use super::{Place, flat};
use crate::systems::taking::cluster::{Snapshot, fault};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_can_be_verified_and_expired() {
    let place = Place::new().await;
    let ran = place.run("backup audit");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let report = place.run("points --json").json();
    let deposit = &report["points"][0]["manifest"]["source"]["deposit"];
    assert_eq!((&deposit["repository"], &deposit["id"]), (&"nightly".into(), &"s-1".into()), "{report:#}");
    assert_eq!(place.cluster.names(), [deposit["name"].as_str().unwrap()]);
    assert!(place.cluster.asked("DELETE").is_empty());
    assert_eq!(place.run("verify").code, Some(0));
    place.cluster.loses(&place.cluster.names()[0]);
    assert_eq!(place.run("verify").code, Some(3));
}

/// A store in which a manifest cannot be written.
fn full(place: &Place, store: &str) {
    place.home.write(&format!("{store}/audit/metadata"), "a file where a folder should be");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_that_no_store_has_a_note_of_is_deleted() {
    let place = Place::new().await;
    full(&place, "local");
    assert_eq!(place.run("backup audit").code, Some(3), "one store has it");
    assert_eq!(place.cluster.names().len(), 1, "and needs it");
    let kept = place.cluster.names();
    std::fs::remove_dir_all(place.home.path().join("second/audit")).unwrap();
    full(&place, "second");
    let ran = place.run("backup audit");
    assert!(ran.code == Some(1) && !flat(&ran).contains("may be there still"), "{ran:?}");
    assert_eq!((place.cluster.names(), place.cluster.asked("DELETE").len()), (kept, 1));
    place.cluster.says(|line| line.starts_with("DELETE").then(|| fault(403, "security_exception", "is unauthorized")));
    let ran = place.run("backup audit");
    let begun = place.cluster.asked("PUT").last().unwrap().clone();
    let name = begun.trim_start_matches("PUT /_snapshot/nightly/").split('?').next().unwrap();
    assert!(flat(&ran).contains(&format!("{name} in the repository nightly may be there still")), "{ran:?}");
    let failed = place.journal("backup.failed");
    assert!(failed.last().unwrap()["body"]["why"].as_str().unwrap().contains(name), "{failed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_off_is_deleted() {
    let place = Place::new().await;
    place.cluster.becomes(Snapshot { state: "IN_PROGRESS", ..Snapshot::default() });
    let mut command = place.home.command("--plan plan.toml backup audit".split_whitespace());
    let mut child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
    while place.cluster.names().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(place.cluster.names().is_empty());
}
