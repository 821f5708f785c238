//! `lifeboat status` about data: how old what one would restore from is, against its RPO.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::points::{place, put_bytes};
use crate::support::program::{Home, Ran};
use crate::support::terminal::Terminal;

const DATA: &str = "[[data]]\nname = 'sessions'\ncomponent = 'cache'\nrpo = '1h'\nprotected_by = ['c']\n\
    [[data]]\nname = 'agent-state'\ncomponent = 'agents'\nrpo = '26h'\nprotected_by = ['a']\n\
    [[data]]\nname = 'messages'\ncomponent = 'queues'\nrpo = '1h'\nprotected_by = ['q']\n";

fn ago(minutes: i64) -> DateTime<Utc> {
    Utc::now() - TimeDelta::minutes(minutes)
}

/// A recovery point of a script that wrote it so long ago; what it holds, and its name.
fn put(home: &Home, store: &str, sort: &str, minutes: i64) -> String {
    let at = ago(minutes);
    let (folder, name) = match sort {
        "snapshot" => ("redis/hourly", format!("snapshot_{}.rdb", at.format("%Y%m%d_%H%M%S"))),
        "dump" => ("postgres/daily", format!("backup_{}.dump", at.format("%Y%m%d_%H%M%S"))),
        _ => ("rabbitmq/daily", format!("definitions_{}.json", at.format("%Y%m%d_%H%M%S"))),
    };
    let key = format!("{store}/{folder}/{name}");
    put_bytes(home, &key, b"{\"queues\": []}", &at.to_rfc3339());
    key
}

fn status(home: &Home, more: &str) -> Ran {
    home.run(&format!("--plan plan.toml status {more}"))
}

fn of<'v>(report: &'v Value, name: &str) -> &'v Value {
    report["data"].as_array().unwrap().iter().find(|data| data["name"] == name).unwrap()
}

fn near(value: &Value, minutes: u64) -> bool {
    let seconds = value.as_u64().unwrap();
    (minutes * 60 - 1..minutes * 60 + 120).contains(&seconds)
}

#[test]
fn each_category_of_data_is_told_with_its_age_the_worst_first() {
    let home = place(DATA);
    put(&home, "local", "snapshot", 55);
    let dump = put(&home, "local", "dump", 120);
    put_bytes(&home, &dump.replace("local/", "second/"), b"another", &ago(119).to_rfc3339());
    put(&home, "local", "definitions", 200);
    let report = status(&home, "--json").json();
    let order: Vec<&str> = report["data"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(order, ["messages", "sessions", "agent-state"]);
    let messages = of(&report, "messages");
    assert!(messages["verdict"] == "beyond" && near(&messages["age_seconds"], 200), "{messages}");
    assert_eq!(
        (&of(&report, "sessions")["verdict"], &of(&report, "agent-state")["verdict"]),
        (&"soon".into(), &"within".into())
    );
    assert_eq!(of(&report, "agent-state")["newest"]["stores"], serde_json::json!(["local", "second"]));
    assert_eq!(of(&report, "agent-state")["rpo_seconds"], 26 * 3600);
    let text = status(&home, "").out;
    let at = |word: &str| text.find(word).unwrap_or_else(|| panic!("{word}\n{text}"));
    assert!(at("Messages is beyond its RPO: 3h 20min of 1h.") < at("\nData\n"), "{text}");
    assert!(at("beyond  messages") < at("soon    sessions") && at("soon    sessions") < at("2h of 26h"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let one = status(&home, "cache --json").json();
    assert_eq!(one["data"].as_array().unwrap().len(), 1, "only of what was asked for");
    let metrics = status(&home, "--format prometheus").out;
    assert!(metrics.contains("lifeboat_recovery_point_rpo_seconds{data=\"sessions\"} 3600"), "{metrics}");
    assert!(metrics.contains("lifeboat_recovery_point_within_rpo{data=\"messages\"} 0"), "{metrics}");
    let report = home.path().join("status.md");
    status(&home, "--report status.md");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("## Data") && report.contains("| messages | beyond |"), "{report}");
}

#[test]
fn what_is_flawed_or_tainted_is_not_counted_and_what_is_verified_is_told() {
    let home = place(DATA);
    put(&home, "local", "definitions", 10);
    home.run("--plan plan.toml verify queues");
    let broken = put(&home, "local", "definitions", 5);
    std::fs::write(home.path().join(&broken), "no json at all").unwrap();
    home.run("--plan plan.toml verify queues");
    let report = status(&home, "queues --json").json();
    let messages = of(&report, "messages");
    assert!(near(&messages["age_seconds"], 10), "{messages}");
    assert_eq!((&messages["newest"]["state"], &messages["verdict"]), (&"verified".into(), &"within".into()));
    assert!(messages["verified_age_seconds"].as_u64().unwrap() < 120, "{messages}");
}

#[test]
fn what_failed_is_flawed_or_held_is_told() {
    let job = "[[job]]\nname = 'fails'\ndo = 'command'\nevery = '1s'\nrun = ['/bin/false']\nto = ['local']\n";
    let home = place(&format!("{DATA}{job}"));
    let notices = || status(&home, "--json").json()["notices"].clone();
    assert_eq!(notices().as_array().unwrap().len(), 1, "what never ran is late");
    let broken = put(&home, "local", "definitions", 5);
    std::fs::write(home.path().join(&broken), "no json at all").unwrap();
    home.run("--plan plan.toml verify queues");
    home.run("--plan plan.toml hold --why breach");
    let failed = || home.run("--plan plan.toml backup --due --job fails").code == Some(1);
    assert!((0..20).any(|_| failed() || {
        std::thread::sleep(Duration::from_millis(300));
        false
    }));
    let told: Vec<String> = notices().as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect();
    assert_eq!(told[0], "1 job failed: fails");
    let rest = told[1..].join("; ");
    assert!(rest.contains("1 recovery point is not whole: rabbitmq/definitions_"), "{rest}");
    assert!(rest.contains("everything is held by ") && rest.contains(": breach"), "{rest}");
    let text = status(&home, "").out;
    assert!(text.contains("1 job failed: fails"), "{text}");
    assert_eq!(status(&home, "queues --json").json()["notices"], serde_json::json!([]), "only where all was asked for");
}

#[test]
fn what_is_still_being_written_alarms_nobody() {
    let home = place(DATA);
    let notices = || status(&home, "--json").json()["notices"].to_string();
    let key = put(&home, "local", "definitions", 5);
    let name = key.rsplit('/').next().unwrap().trim_end_matches(".json");
    let begun = format!("local/rabbitmq/metadata/{name}.begun.json");
    std::fs::write(home.path().join(&key), "").unwrap();
    assert!(notices().contains(name), "an empty one is told: {}", notices());
    put_bytes(&home, &begun, b"", &ago(5).to_rfc3339());
    assert!(!notices().contains(name), "{}", notices());
}

#[test]
fn the_exit_code_is_that_of_the_worst() {
    // A component of files is well where its folder is.
    let plan = |rpo: &str, path: &str| {
        format!(
            "[platform]\nname = 'p'\n[[component]]\nname = 'settings'\nkind = 'files'\n\
             address = 'HOME/etc'\n[[store]]\nname = 'local'\nkind = 'directory'\npath = '{path}'\n\
             [[job]]\nname = 'c'\ndo = 'backup'\nof = 'settings'\nmethod = 'files'\ncron = '0 2 * * *'\nto = ['local']\n\
             [[data]]\nname = 'configuration'\ncomponent = 'settings'\nrpo = '{rpo}'\nprotected_by = ['c']\n"
        )
    };
    let home = Home::new();
    std::fs::create_dir_all(home.path().join("etc")).unwrap();
    home.write("etc/app.conf", "x");
    std::fs::create_dir(home.path().join("store")).unwrap();
    let ask = |rpo: &str, path: &str| {
        let text = plan(rpo, &home.path().join(path).display().to_string());
        home.write("plan.toml", text.replace("HOME", &home.path().display().to_string()));
        let ran = status(&home, "--json");
        let report: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(report["components"][0]["verdict"], "healthy", "{}", report["components"][0]);
        (ran.code, of(&report, "configuration")["verdict"].as_str().unwrap().to_owned())
    };
    assert_eq!(ask("1h", "store"), (Some(3), "none".to_owned()));
    let at = ago(30).format("%Y%m%d_%H%M%S");
    put_bytes(&home, &format!("store/config/archive_{at}.tar.gz"), b"x", &ago(30).to_rfc3339());
    assert_eq!(ask("1h", "store"), (Some(0), "within".to_owned()));
    assert_eq!(ask("10min", "store"), (Some(3), "beyond".to_owned()));
    assert_eq!(ask("1h", "no-such"), (Some(3), "unknown".to_owned()));
}

/// A place with a bucket whose server takes every connection and says nothing.
pub fn with_silent_bucket() -> (Home, TcpListener) {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let bucket = format!(
        "[[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'b'\nregion = 'us-west-2'\nendpoint = 'http://{}'\n\
         access_key = 'file:HOME/key'\nsecret_key = 'file:HOME/key'\n\
         [[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['a']\nevery = '1h'\nto = ['offsite']\n",
        silent.local_addr().unwrap()
    );
    let home = place(DATA);
    let key = home.write("key", "AKIDEXAMPLE0000000000");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let plan = std::fs::read_to_string(home.path().join("plan.toml")).unwrap();
    let bucket = bucket.replace("HOME", &home.path().display().to_string());
    home.write("plan.toml", format!("{plan}{bucket}"));
    (home, silent)
}

#[test]
fn a_store_that_hangs_does_not_hold_up_the_status_for_ever() {
    let (home, _silent) = with_silent_bucket();
    put(&home, "second", "dump", 10);
    let began = Instant::now();
    let report = status(&home, "agents --json").json();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    assert_eq!(of(&report, "agent-state")["verdict"], "within", "another store tells");
    assert_eq!(of(&report, "agent-state")["not_looked_into"], serde_json::json!(["offsite"]));
    assert_eq!(report["not_looked_into"][0]["store"], "offsite");
}

#[test]
fn the_console_shows_what_can_be_restored_while_a_store_hangs() {
    let (home, _silent) = with_silent_bucket();
    let dump = put(&home, "local", "dump", 10);
    let point = dump.rsplit('/').next().unwrap().trim_end_matches(".dump").to_owned();
    put(&home, "local", "snapshot", 300);
    let began = Instant::now();
    let mut terminal = Terminal::lifeboat(&["--plan", "plan.toml", "console"], home.path(), &[]);
    terminal.wait_for("7 Backups");
    terminal.keys("7");
    terminal.wait_for(&point);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    let text = terminal.text();
    for part in
        ["sessions is beyond its RPO", "beyond", "5h of 1h", "within", "10min of 26h", "Recovery points 2", "present"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    terminal.keys("/dump\r");
    terminal.wait_for("1 of 2 with");
    terminal.keys("\x1bb");
    terminal.wait_for("OUTCOME");
    terminal.wait_for("never ran");
    terminal.keys("b\x1b[B\r");
    terminal.wait_for("reading it");
    terminal.keys("\x1b");
    terminal.wait_for("POINT");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_recovery_point_is_shown_in_full() {
    let home = place(DATA);
    let dump = put(&home, "local", "dump", 10);
    put_bytes(&home, &dump.replace("local/", "second/"), b"another", &ago(9).to_rfc3339());
    let mut terminal = Terminal::lifeboat(&["--plan", "plan.toml", "console"], home.path(), &[]);
    terminal.wait_for("7 Backups");
    terminal.keys("7");
    terminal.wait_for("local, second");
    terminal.keys("\r");
    terminal.wait_for("In second");
    assert!(terminal.text().contains("postgres/daily/backup_"), "{}", terminal.text());
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}
