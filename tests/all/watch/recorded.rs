//! What `lifeboat watch` records: a disk that takes nothing is told, and what nobody watched is not made up.

use std::net::TcpListener;
use std::time::Duration;

use lifeboat::desk::Recent;
use lifeboat::journal::{Draft, Folded, Journal, Settings, State};
use lifeboat::plan::facts::Verdict;
use lifeboat::watch::VERDICT;
use serde_json::{Value, json};

use super::service::{Watcher, ask, home_with};
use crate::support::program::Home;
use crate::support::small_disk::SmallDisk;

fn free_address() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The metric of trouble, once it is this.
fn trouble_is(metrics: std::net::SocketAddr, wanted: &str) {
    let line = format!("lifeboat_journal_trouble {wanted}");
    let said = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        ask(metrics, "/metrics").lines().any(|found| found == line)
    });
    assert!(said, "{line}");
}

#[test]
fn a_full_disk_is_told_when_it_begins_and_when_it_is_over() {
    // Too small for the journal to keep space for itself.
    let Some(disk) = SmallDisk::mount("size=2m") else { return };
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let (home, address, metrics) = (home_with(&port), port.local_addr().unwrap(), free_address());
    let state = disk.path().join("state");
    let mut watcher = Watcher::on(&home, state.to_str().unwrap(), &format!("--metrics {metrics}"));
    watcher.until("port healthy");
    trouble_is(metrics, "0");
    let filler = disk.fill();
    drop(port);
    let told = watcher.until("journal in trouble");
    assert!(told.contains("the disk is full"), "{told}");
    trouble_is(metrics, "1");
    std::fs::remove_file(filler).unwrap();
    let _port = TcpListener::bind(address).unwrap();
    watcher.until("journal well again");
    trouble_is(metrics, "0");
    assert_eq!(watcher.end(), Some(130));
}

#[test]
fn a_journal_that_may_not_be_written_is_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = home_with(&port);
    // Root may write what it may not; nobody writes where a file lies in the way. What cannot serve its metrics makes
    // the state folder, and ends.
    drop(home.run("--plan plan.toml --state state watch --metrics 192.0.2.1:9"));
    let journal = home.write("state/journal", "in the way");
    let mut watcher = Watcher::start(&home, "--json");
    let told: Value = serde_json::from_str(&watcher.until("\"journal\":\"trouble\"")).unwrap();
    assert!(!told["why"].as_str().unwrap().is_empty() && !told["at"].as_str().unwrap().is_empty(), "{told}");
    std::fs::remove_file(&journal).unwrap();
    drop(port);
    watcher.until("\"journal\":\"well\"");
    assert_eq!(watcher.end(), Some(130));
}

/// When the port went down, as the next watcher tells it.
fn down_since(home: &Home) -> String {
    down_as_told_by(home, "watch")
}

fn down_as_told_by(home: &Home, verb: &str) -> String {
    let mut watcher = Watcher::of(home, &format!("--plan plan.toml --state state {verb} --json"));
    let told: Value = serde_json::from_str(&watcher.until("\"component\":\"port\"")).unwrap();
    assert_eq!((told["to"].as_str(), watcher.end()), (Some("down"), Some(130)), "{told}");
    told["at"].as_str().unwrap().to_owned()
}

#[test]
fn since_is_recalled_only_where_somebody_watched_all_the_time() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap();
    let home = home_with(&port);
    drop(port);
    let first = down_since(&home);
    assert_eq!(down_since(&home), first, "a short pause is none");
    assert_eq!(down_as_told_by(&home, "status --watch"), first, "the same is told to whoever only looks");
    // As if nobody had watched for two hours.
    let path = home.path().join("state/claims/watch.json");
    let mut claim: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let two_hours = chrono::Utc::now() - chrono::TimeDelta::hours(2);
    claim["renewed"] = two_hours.to_rfc3339().into();
    std::fs::write(&path, claim.to_string()).unwrap();
    let later = down_since(&home);
    assert!(later > first, "{later} {first}");
    let events = home.run("--plan plan.toml --state state journal show --kind watch.resumed --json");
    let resumed: Value = serde_json::from_str(&events.out).unwrap();
    assert!(!resumed["body"]["unwatched_from"].is_null(), "{resumed}");
    // The journal knows now how far it can be trusted: a short pause does not bring the old moment back.
    assert!(down_since(&home) >= later, "what nobody watched is not made up");
    let again = home.run("--plan plan.toml --state state journal show --kind watch.resumed --json");
    assert_eq!(again.out.lines().count(), 1, "{}", again.out);
}

#[test]
fn a_noisy_component_hides_no_other_and_a_verdict_is_no_guess_from_words() {
    let home = Home::new();
    let state = State::open(&home.path().join("state"), None).unwrap();
    let journal = Journal::open(&state, Settings::here()).unwrap();
    let change = |name: &str, to: &str| Draft::new(VERDICT, name).with(json!({ "to": to, "reason": "down, they say" }));
    drop(journal.record_all(vec![change("quiet", "degraded")]).unwrap());
    let noise = (0..700).map(|number| change("noisy", if number % 2 == 0 { "down" } else { "healthy" })).collect();
    journal.record_all(noise).unwrap().wait().unwrap();
    let recent = Folded::<Recent>::open(journal.path()).unwrap().value;
    let kept = recent.kept();
    let quiet: Vec<_> = kept.iter().filter(|entry| entry.subject == "quiet").collect();
    assert_eq!((quiet.len(), quiet[0].verdict), (1, Some(Verdict::Degraded)), "{quiet:?}");
    assert!(recent.events > 700 && kept.len() < 520, "{} {}", recent.events, kept.len());
    assert!(kept.windows(2).all(|two| two[0].seq < two[1].seq), "oldest first, and none twice");
}
