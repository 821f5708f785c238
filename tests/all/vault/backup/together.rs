//! Two at once: the second leaves and says who is at it, or waits.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Place;
use crate::support::waiting::until;

/// Begins a backup that takes seconds, and waits until it is under way.
fn slow(place: &Place) -> std::process::Child {
    let line = "--plan plan.toml backup agents --rate 20KB --to second";
    let mut command = place.home.command(line.split_whitespace());
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while place.files("second").is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not begin");
        std::thread::sleep(Duration::from_millis(50));
    }
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_leaves_with_four_or_waits() {
    let place = Place::new().await;
    let mut first = slow(&place);
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.out.contains("is held by") && ran.out.contains(&format!("process {}", first.id())), "{ran:?}");
    let waited = place.run("backup agents --wait");
    assert_eq!(waited.code, Some(0), "{waited:?}");
    assert!(waited.err.contains("waiting"), "{waited:?}");
    assert!(first.wait().unwrap().success(), "the first was not disturbed");
    assert_eq!(place.points().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_interrupted_leaves_nothing() {
    let place = Place::new().await;
    let mut first = slow(&place);
    let pid = rustix::process::Pid::from_raw(i32::try_from(first.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(first.wait().unwrap().code(), Some(130));
    assert!(place.files("second").is_empty(), "{:?}", place.files("second"));
    let ran = place.run("backup agents");
    assert_eq!(ran.code, Some(0), "the claim was given back: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_told_by_the_store() {
    let place = Place::new().await;
    let mut first = slow(&place);
    // Another state folder, as another host has: only the store is shared.
    let ran = place.run("--state elsewhere backup agents --to second");
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.out.contains("is held by"), "{ran:?}");
    let waited = place.run("--state elsewhere backup agents --to second --wait --nice 5");
    assert_eq!(waited.code, Some(0), "{waited:?}");
    assert!(first.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_was_killed_is_followed_at_once() {
    let place = Place::new().await;
    let mut first = slow(&place);
    first.kill().unwrap();
    first.wait().unwrap();
    let ran = place.run("--state elsewhere backup agents --to second");
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_copied_while_a_backup_is_under_way_and_all_of_it_later() {
    let place = Place::new().await;
    let upload = "[[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['daily']\nevery = '1s'\nto = ['second']\n";
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    place.home.write("plan.toml", plan + upload);
    let local = place.back_up("--to local");
    // What is being written there looks like a copy that broke off.
    let point = local["manifest"]["point"].as_str().unwrap().to_owned();
    let mark = format!("second/postgres/metadata/{}.begun.json", point.rsplit('/').next().unwrap());
    // Of the same second they would have the same name, each in a store of its own.
    std::thread::sleep(Duration::from_millis(1_100));
    let mut first = slow(&place);
    place.home.write(&mark, &point);
    let dump = format!("second/postgres/daily/{}.dump", point.rsplit('/').next().unwrap());
    let written = place.home.write(&dump, "another is at this");
    let up = || place.run("backup --due --job up").out.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = up();
    assert!(told.contains("not yet: 1 of agents") && told.contains("is held by"), "{told}");
    assert_eq!(std::fs::read(&written).unwrap(), b"another is at this");
    assert!(first.wait().unwrap().success(), "it was not disturbed");
    until("it is copied", || up().contains("1 recovery point copied"));
    assert!(!place.home.path().join(mark).exists());
    let verified = place.run("verify --in second");
    assert_eq!(verified.code, Some(0), "{verified:?}");
}
