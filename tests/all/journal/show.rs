//! The verbs, as their users meet them: the real program.

use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

use lifeboat::journal::Draft;
use serde_json::{Value, json};

use super::ground::{Ground, TRIED};

const HOSTILE: &str = "db|x`<b>\u{1b}[31mred\u{202e}[link](http://x)";

fn lifeboat(ground: &Ground, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .arg("--state")
        .arg(ground.state.path())
        .arg("journal")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn written() -> Ground {
    let ground = Ground::new();
    let journal = ground.open();
    for (subject, body) in [("postgres", json!({ "what": "one" })), ("redis", json!(null)), (HOSTILE, json!([HOSTILE]))]
    {
        journal.record(Draft::new(TRIED, subject).with(body)).unwrap().wait().unwrap();
    }
    drop(journal);
    ground
}

#[test]
fn show_filters_and_is_safe_to_look_at() {
    let ground = written();
    let all = text(&lifeboat(&ground, &["show"]));
    assert_eq!(all.lines().count(), 4, "{all}");
    assert!(!all.contains(['\u{1b}', '\u{202e}']), "{all}");
    assert!(all.lines().all(|line| line.contains(" UTC  ")), "{all}");
    let me = rustix::process::getuid().as_raw();
    let count = |arguments: &[&str]| text(&lifeboat(&ground, arguments)).lines().count();
    for (arguments, lines) in [
        (&["show", "--subject", "postgres"][..], 1),
        (&["show", "--kind", "trial"], 3),
        (&["show", "--kind", "trial.done", "--last", "2"], 2),
        (&["show", "--kind", "tri"], 0),
        (&["show", "--actor", &me.to_string()], 4),
        (&["show", "--actor", "nobody"], 0),
        (&["show", "--since", "1h"], 4),
        (&["show", "--until", "1h"], 0),
        (&["show", "--since", "2024-11-18 12:00 Europe/Berlin"], 4),
    ] {
        assert_eq!(count(arguments), lines, "{arguments:?}");
    }
    assert_eq!(lifeboat(&ground, &["show", "--since", "12:00"]).status.code(), Some(2));
    let json = text(&lifeboat(&ground, &["show", "--json", "--subject", "postgres"]));
    let event: Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!((&event["body"]["what"], &event["actor"]["uid"]), (&json!("one"), &json!(me)));
}

#[test]
fn verify_says_what_holds_and_shows_what_does_not() {
    let ground = written();
    let whole = lifeboat(&ground, &["verify"]);
    assert_eq!(whole.status.code(), Some(0));
    assert!(text(&whole).contains("whole. 4 events in 1 file,"), "{}", text(&whole));
    assert!(text(&whole).contains("known up to event 4 by the head kept beside it; its end is not anchored"));
    let heads = ground.home.path().join("heads.json");
    std::fs::write(&heads, lifeboat(&ground, &["verify", "--json"]).stdout).unwrap();
    let anchored = text(&lifeboat(&ground, &["verify", "--heads", heads.to_str().unwrap()]));
    assert!(anchored.contains("anchored outside the journal up to there"), "{anchored}");

    let path = ground.segments().remove(0);
    let content = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, content.replace("\"subject\":\"redis\"", "\"subject\":\"Redis\"")).unwrap();
    let broken = lifeboat(&ground, &["verify"]);
    assert_eq!(broken.status.code(), Some(3));
    let said = text(&broken);
    assert!(said.contains("proven up to event 2, "), "{said}");
    let shown = text(&lifeboat(&ground, &["show"]));
    let marked: Vec<&str> = shown.lines().filter(|line| line.contains("(altered: ")).collect();
    assert!(matches!(&marked[..], [line] if line.contains("  Redis  ")), "{shown}");
    assert!(said.contains("this line was altered") && said.contains(">      3  event 3, "), "{said}");
    assert!(!said.contains('\u{1b}'), "{said}");

    let cut: Vec<&str> = content.lines().take(3).collect();
    std::fs::write(&path, cut.join("\n") + "\n").unwrap();
    let beside = lifeboat(&ground, &["verify"]);
    assert_eq!(beside.status.code(), Some(3));
    assert!(text(&beside).contains("the head kept beside it knows its event 4"), "{}", text(&beside));
    ground.forget_heads();
    let unknown = lifeboat(&ground, &["verify"]);
    assert_eq!(unknown.status.code(), Some(0), "nothing else knows");
    assert!(text(&unknown).contains("its end is not anchored outside the journal"), "{}", text(&unknown));
    let cut = lifeboat(&ground, &["verify", "--heads", heads.to_str().unwrap()]);
    assert_eq!(cut.status.code(), Some(3));
    assert!(text(&cut).contains("the end was cut off"), "{}", text(&cut));
    std::fs::write(&heads, "{").unwrap();
    assert_eq!(lifeboat(&ground, &["verify", "--heads", heads.to_str().unwrap()]).status.code(), Some(2));
}

#[test]
fn exports_are_whole_and_harmless() {
    let ground = written();
    let json = text(&lifeboat(&ground, &["export", "--format", "json"]));
    let events: Vec<Value> = serde_json::from_str(&json).unwrap();
    assert_eq!((events.len(), &events[3]["subject"]), (4, &json!(HOSTILE)));
    let none = text(&lifeboat(&ground, &["export", "--format", "json", "--kind", "nothing"]));
    assert_eq!(serde_json::from_str::<Vec<Value>>(&none).unwrap(), Vec::<Value>::new());

    let markdown = text(&lifeboat(&ground, &["export"]));
    assert_eq!(markdown.lines().count(), 6);
    for line in markdown.lines() {
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 7, "{line}");
        assert!(!line.contains(['<', '\u{1b}', '\u{202e}']) && !line.contains("[link]"), "{line}");
    }
}

#[test]
fn without_a_journal_there_is_nothing_to_show_and_nothing_wrong() {
    let home = tempfile::tempdir().unwrap();
    let state = lifeboat::journal::State::open(&home.path().join("state"), None).unwrap();
    let ground = Ground { home, state };
    for verb in ["show", "verify", "export"] {
        let output = lifeboat(&ground, &[verb]);
        assert_eq!(output.status.code(), Some(0), "{verb}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("There is no journal yet"), "{verb}");
    }
    assert!(!ground.journal().exists(), "looking makes nothing");
}

#[test]
fn follow_shows_what_happens() {
    let ground = written();
    let mut child = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .arg("--state")
        .arg(ground.state.path())
        .args(["journal", "show", "--follow", "--last", "1", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut subject = || {
        let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        event["subject"].as_str().unwrap().to_owned()
    };
    assert_eq!(subject(), HOSTILE);
    ground.open().record(Draft::new(TRIED, "live")).unwrap().wait().unwrap();
    assert_eq!(subject(), "live");
    child.kill().unwrap();
    child.wait().unwrap();
}
