//! Killed at random moments: whatever is listed then can be restored from, and the next run clears away the rest.

use std::process::Stdio;
use std::time::Duration;

use super::{Place, name};

/// How many are killed: in `tests/run --full` many more.
pub fn rounds(usually: u32, in_full: u32) -> u32 {
    if std::env::var_os("LIFEBOAT_FULL").is_some() { in_full } else { usually }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_listed_after_a_kill_is_whole() {
    let place = Place::new().await;
    let rounds = rounds(12, 200);
    let begun = std::time::Instant::now();
    place.back_up("");
    let usual = begun.elapsed();
    let mut left = 0;
    for round in 0..rounds {
        let mut command = place.home.command("--plan plan.toml backup agents".split_whitespace());
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Spread over the time that one takes, and a little beyond.
        tokio::time::sleep(usual * (round * 7919 % 1000) / 900).await;
        let _ = child.kill();
        child.wait().unwrap();
        left += ["local", "second"]
            .iter()
            .flat_map(|store| place.files(store))
            .filter(|path| name(path).starts_with(".lifeboat-part-"))
            .count();
        for point in place.points() {
            let copies = point["copies"].as_array().unwrap();
            for copy in copies.iter().filter(|copy| copy["state"] != "partial") {
                let files = copy["files"].as_array().unwrap();
                assert!(files.iter().any(|file| file["key"].as_str().unwrap().contains("/metadata/")), "{point:#}");
            }
        }
    }
    let verified = place.run("verify --deep --json");
    let copies = verified.json()["copies"].as_array().unwrap().clone();
    let flawed: Vec<_> = copies.iter().filter(|copy| copy["whole"] == false && copy["partial"].is_null()).collect();
    assert!(flawed.is_empty(), "{flawed:#?}");
    println!("{rounds} kills left {left} unfinished files and {} copies of recovery points", copies.len());
    // What was just made is left alone for a moment.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(place.back_up("")["outcome"], "taken");
    let parts: Vec<_> = ["local", "second"]
        .iter()
        .flat_map(|store| place.files(store))
        .filter(|path| name(path).starts_with(".lifeboat-part-"))
        .collect();
    assert!(parts.is_empty(), "{parts:?}");
}
