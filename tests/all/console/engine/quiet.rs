//! What the console writes: little to the terminal, the changes to the journal, nothing at all where only looking
//! is allowed.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::Place;

#[test]
fn an_idle_console_is_nearly_silent() {
    let place = Place::new();
    let terminal = place.open(&["console"]);
    // Everybody has been asked, and given up on.
    terminal.wait_for("did not answer");
    std::thread::sleep(Duration::from_secs(12));
    let before = terminal.raw().len();
    std::thread::sleep(Duration::from_secs(10));
    let count = terminal.raw().len() - before;
    assert!(count <= 900, "{count} bytes in 10 s");
    assert!(count >= 10 * 10, "the clock stands still: {count}");
}

#[test]
fn with_read_only_nothing_is_written_and_nothing_offered_that_would() {
    let place = Place::new();
    let mut terminal = place.open(&["--read-only"]);
    terminal.wait_for("READ-ONLY");
    terminal.keys("w");
    terminal.wait_for("w would save, but this console is read-only");
    terminal.keys("?save");
    terminal.wait_for("nothing here is called so");
    terminal.keys("\x1b");
    terminal.wait_for("agent-db");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    let made: Vec<_> = std::fs::read_dir(place.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(made, [".config"], "something was written");
}

#[test]
fn the_screen_is_saved_for_its_owner_only() {
    let place = Place::new();
    let mut terminal = place.open(&["console"]);
    terminal.keys("w");
    terminal.wait_for("saved as");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    let folder = place.home.path().join(".local/state/lifeboat/trial/screens");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in &files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(&files[1]).unwrap();
    assert!(text.contains("agent-db") && !text.contains('\x1b'), "{text}");
    assert!(std::fs::read(&files[0]).unwrap().contains(&0x1b));
}

#[test]
fn changes_of_verdict_are_recorded_as_by_watch() {
    // A port that refuses is down for sure.
    let place = Place::with(
        "[[component]]\nname = 'refuses'\nkind = 'tcp-port'\naddress = '127.0.0.1:1'\nsite = 'primary'\npriority = 1\n\
         rto = '1h'\nevery = '1s'\n",
    );
    let mut terminal = place.open(&["console"]);
    let show = || place.home.run("journal show --json").out;
    let start = std::time::Instant::now();
    while !show().contains("refuses") {
        assert!(start.elapsed() < Duration::from_secs(30), "{}", terminal.text());
        std::thread::sleep(Duration::from_millis(300));
    }
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    let ran = place.home.run("watch --metrics 256.0.0.1:1");
    assert!(!ran.err.contains("watched already"), "the claim was given back: {ran:?}");
}

#[test]
fn what_is_copied_goes_through_the_terminal() {
    let place = Place::new();
    let mut terminal = place.open(&["console"]);
    terminal.keys("gjy");
    terminal.wait_for("copied");
    let raw = terminal.raw();
    assert!(raw.windows(7).any(|part| part == b"\x1b]52;c;"), "{}", String::from_utf8_lossy(&raw));
}
