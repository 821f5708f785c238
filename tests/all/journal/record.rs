//! What is recorded, and by whom it can be read.

use std::fs;

use lifeboat::journal::{Digest, Draft, Journal, JournalError, Kind, Settings};
use lifeboat::text::{Explain, Redactor};
use serde_json::{Value, json};

use super::ground::{Ground, TRIED, kinds, read, record, settings};

#[test]
fn secrets_never_reach_the_file() {
    let ground = Ground::new();
    let redact = Redactor::new();
    assert!(redact.register(b"correct horse"));
    let journal = Journal::open(&ground.state, Settings { redact, ..settings() }).unwrap();
    let body = json!({ "argv": ["psql", "correct horse"], "url": "postgresql://a:correct%20horse@db/x" });
    journal.record(Draft::new(TRIED, "login with correct horse").with(body)).unwrap().wait().unwrap();
    let written = fs::read_to_string(ground.segments().remove(0)).unwrap();
    assert!(!written.contains("horse"), "{written}");
    assert!(ground.verify().is_whole(), "it was hashed without them");
}

#[test]
fn an_event_says_who_when_and_under_which_plan() {
    let ground = Ground::new();
    let plan = Digest::of(b"plan").to_string();
    let journal = Journal::open(&ground.state, Settings { plan: Some(plan.clone()), ..settings() }).unwrap();
    let before = chrono::Utc::now();
    let heads = journal.record(Draft::new(TRIED, "x").with(json!({ "n": 7 }))).unwrap().wait().unwrap();
    let found = read(&ground.journal(), |event| {
        assert_eq!((event.plan, event.writer), (plan.as_str(), journal.chain().as_str()));
        assert_eq!(event.actor.uid, rustix::process::getuid().as_raw());
        assert!((event.at() - before).num_seconds().abs() < 20 && event.boot > 0 && event.boot_id.len() == 36);
        (event.kind == TRIED.as_str()).then(|| (event.seq, event.hash.to_owned(), event.body::<Value>().unwrap()))
    });
    assert_eq!(found, [(heads[0].seq, heads[0].hash.to_string(), json!({ "n": 7 }))]);
}

#[tokio::test]
async fn tasks_await_what_threads_wait_for() {
    let ground = Ground::new();
    let journal = ground.open();
    let pending: Vec<_> =
        (0..50).map(|number| journal.record(Draft::new(TRIED, number.to_string())).unwrap()).collect();
    for (before, answer) in pending.into_iter().enumerate() {
        assert!(answer.await.unwrap()[0].seq > before as u64);
    }
    assert_eq!(kinds(&ground.journal()).iter().filter(|kind| *kind == TRIED.as_str()).count(), 50);
}

#[test]
fn what_cannot_be_recorded_is_refused_before_anything_is_written() {
    let ground = Ground::new();
    let journal = ground.open();
    let error = journal.record(Draft::new(Kind::new("nonsense"), "x")).unwrap_err();
    assert!(matches!(error, JournalError::BadKind("nonsense")) && !error.next_step().is_empty());
    drop(journal);
    assert_eq!(kinds(&ground.journal()), Vec::<String>::new());
}

#[test]
fn what_a_newer_version_wrote_is_read_kept_and_built_upon() {
    let ground = Ground::new();
    record(&ground.open(), 2);
    let path = ground.segments().remove(0);
    let text = fs::read_to_string(&path).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let mut newer = last.clone();
    newer["seq"] = json!(4);
    newer["prev"] = last["hash"].clone();
    newer["kind"] = json!("moon.risen");
    newer["phase"] = json!({ "of": ["the", "moon"] });
    newer.as_object_mut().unwrap().shift_remove("hash");
    let content = newer.to_string();
    let content = content.strip_suffix('}').unwrap();
    let line = format!("{content},\"hash\":\"{}\"}}\n", Digest::of(content.as_bytes()));
    fs::write(&path, text + &line).unwrap();
    record(&ground.open(), 1);
    assert_eq!(kinds(&ground.journal()), ["journal.opened", "trial.done", "trial.done", "moon.risen", "trial.done"]);
    assert!(ground.verify().is_whole(), "{:#?}", ground.verify());
}
