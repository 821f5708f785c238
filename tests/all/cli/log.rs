//! The log as a whole: what is in its file after events, secrets, repetitions and a full disk.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lifeboat::cli::log::{Log, Settings};
use lifeboat::text::{Redactor, SystemClock};

use crate::support::program::Home;

/// Everything logged below `state` while `events` ran.
fn logged(state: &Path, wanted: Option<&str>, events: impl FnOnce(&Redactor)) -> String {
    let redactor = Redactor::new();
    let clock = Arc::new(SystemClock);
    let (log, subscriber) = Log::open(&Settings { state, wanted, redactor: redactor.clone(), clock }).unwrap();
    tracing::subscriber::with_default(subscriber, || events(&redactor));
    assert_eq!(log.close(), None);
    fs::read_dir(state.join("log")).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

#[test]
fn an_event_is_one_dated_line_without_secrets() {
    let state = tempfile::tempdir().unwrap();
    let text = logged(state.path(), None, |redactor| {
        redactor.register(b"hunter2hunter2");
        tracing::warn!(host = "db-1", "login as lifeboat:hunter2hunter2 refused\n\x1b[31mforged");
        tracing::debug!("only on request");
    });
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("WARN") && text.contains("[***]") && text.contains("db-1"), "{text}");
    assert!(text.starts_with("20") && text.contains(&format!("[{}]", std::process::id())), "{text}");
    assert!(!text.contains("hunter2") && !text.contains('\x1b'), "{text}");
}

#[test]
fn what_a_verb_fails_with_is_in_the_log_of_its_state() {
    let home = Home::new();
    home.write("plan.toml", "[platform]\nname = \"shop\"\nnmae = 1\n");
    let log = |state: &str| {
        let files = fs::read_dir(home.path().join(state).join("log")).into_iter().flatten();
        files.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect::<String>()
    };
    let line = "--plan plan.toml --state here journal show --since yesterday";
    assert_eq!(home.run(line).code, Some(2));
    assert!(!home.path().join("here").exists(), "a folder for state is not made for a log alone");
    fs::create_dir(home.path().join("here")).unwrap();
    fs::create_dir_all(home.path().join("lab/state")).unwrap();
    let fails = "--plan plan.toml --state here plan new --from nothing";
    assert_eq!(home.run(&format!("--read-only {fails}")).code, Some(4));
    assert_eq!(log("here"), "", "only looking writes nothing");
    assert_eq!(home.run(fails).code, Some(2));
    assert!(log("here").contains("no plan called"), "{}", log("here"));
    assert_eq!(home.run("--state . lab fault nonsense").code, Some(2));
    assert!(log("lab/state").contains("nonsense"), "{}", log("lab/state"));
}

#[test]
fn the_level_is_to_choose() {
    let state = tempfile::tempdir().unwrap();
    let text = logged(state.path(), Some("debug"), |_| tracing::debug!("only on request"));
    assert!(text.contains("only on request"), "{text}");
}

#[test]
fn five_hundred_equal_errors_are_five_lines_and_a_count() {
    let state = tempfile::tempdir().unwrap();
    let text = logged(state.path(), None, |_| {
        for _ in 0..500 {
            tracing::error!(host = "db-1", "connection refused");
        }
        tracing::error!(host = "db-2", "connection refused");
    });
    assert_eq!(text.lines().filter(|line| line.contains("db-1")).count(), 6, "{text}");
    assert!(text.contains("repeated 500 times within 1min, written 5 times: ERROR"), "{text}");
    assert!(text.contains("db-2"), "{text}");
}

#[test]
fn a_log_that_cannot_be_made_is_an_error_at_once() {
    let state = tempfile::tempdir().unwrap();
    fs::write(state.path().join("log"), "a file in the way").unwrap();
    let clock = Arc::new(SystemClock);
    let settings = Settings { state: state.path(), wanted: None, redactor: Redactor::new(), clock };
    assert!(Log::open(&settings).is_err());
}
