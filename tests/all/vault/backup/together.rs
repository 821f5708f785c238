//! Two at once: the second leaves and says who is at it, or waits.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::Place;

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
