//! The log as a whole: what is in its file after events, secrets, repetitions and a full disk.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use lifeboat::cli::log::{Log, Settings};
use lifeboat::text::{Redactor, SystemClock};

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
