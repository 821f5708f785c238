//! `lifeboat plan` as its users meet it: begun, checked, shown, printed.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt;

use crate::support::program::{Home, Ran};

/// A plan with a way out: two branches, a decision, somebody to call.
const PLAN: &str = r#"
[platform]
name = "shop"
title = "Web shop"
environment = "staging"
rto = "1h"
rpo = "1h"
reviewed = 2026-01-02

[[site]]
name = "primary"

[[component]]
name = "db"
kind = "postgres"
site = "primary"
rto = "1h"
address = "postgresql://db.example:5432/shop"

[[store]]
name = "near"
kind = "directory"
path = "/backups"

[[data]]
name = "orders"
component = "db"
rpo = "1h"
protected_by = ["wal", "base"]

[[job]]
name = "wal"
do = "backup"
of = "db"
method = "wal"
continuous = true
lag = "1min"
base = "base"
to = ["near"]

[[job]]
name = "base"
do = "backup"
of = "db"
method = "base"
every = "1d"
to = ["near"]

[[scenario]]
name = "lost"
of = ["db"]
rto = "1h"
rpo = "1h"
procedure = "bring-back"

[[procedure]]
name = "bring-back"
title = "Bring the database back"
restores = ["db"]

[[procedure.step]]
name = "look"
do = "manual"
budget = "5min"

[[procedure.step]]
name = "restore"
do = "restore"
of = "db"
from = "wal"
budget = "20min"
run = ["sh", "-c", "echo 'a b'"]

[[procedure.step]]
name = "tell"
do = "manual"
needs = ["look"]

[[decision]]
name = "does-it-answer"
ask = "Does the database answer?"
answer = "db.verdict"
then = { healthy = "bring-back", degraded = "bring-back", down = "bring-back", unknown = "bring-back" }
"#;

fn shop() -> Home {
    let home = Home::new();
    home.write(".config/lifeboat/plan.toml", PLAN);
    home
}

#[test]
fn the_overview_has_the_objectives_and_the_critical_path() {
    let ran = shop().run("plan show");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    insta::assert_snapshot!(ran.out);
}

#[test]
fn one_list_can_be_shown_also_as_json() {
    let home = shop();
    let list = home.run("plan show decisions");
    assert!(list.out.starts_with("Decisions\n") && list.out.contains("Does the database answer?"), "{list:?}");
    let json = home.run("plan show procedures --json").json();
    let keys: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["procedure", "computed"]);
    let computed = &json["computed"]["procedure"]["bring-back"];
    assert_eq!(computed["critical_path"], serde_json::json!(["look", "restore"]));
    assert_eq!((&computed["takes"], &computed["steps_without_time"]), (&"25min".into(), &1.into()));
    assert_eq!(home.run("plan show procedures --runbook").code, Some(2));
    let unknown = home.run("plan show banana");
    assert_eq!(unknown.code, Some(2));
    assert!(unknown.err.contains("lifeboat plan show --help`"), "{}", unknown.err);
}

#[test]
fn the_runbook_is_complete_on_paper() {
    let ran = shop().run("plan show --runbook");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.lines().all(|line| line.chars().count() <= 80), "{}", ran.out);
    insta::assert_snapshot!(ran.out.replace('\u{c}', "\n--- next sheet ---\n"));
}

#[test]
fn a_password_in_the_plan_is_not_printed() {
    let home = Home::new();
    let plan = PLAN.replace("//db.example", "//lifeboat:S3cr3tPw@db.example");
    let plan = plan.replace("run = [", "shell = \"PGPASSWORD=S3cr3tPw psql\"\nrun = [");
    home.write(".config/lifeboat/plan.toml", plan);
    for line in ["plan show", "plan show --json", "plan show --runbook", "plan check", "plan check --json"] {
        let ran = home.run(line);
        assert!(!ran.out.contains("S3cr3t") && !ran.err.contains("S3cr3t"), "{line}: {ran:?}");
        assert!(!ran.out.is_empty(), "{line}");
    }
    assert!(home.run("plan show --json").out.contains("db.example"));
}

#[test]
fn every_shipped_plan_prints_every_procedure() {
    for name in ["agent-orchestrator", "agent-factory", "agent-framework", "starter"] {
        let home = Home::new();
        assert_eq!(home.run(&format!("plan new --from {name}")).code, Some(0));
        let plan = home.run("plan show --json").json();
        let pages = home.run("plan show --runbook --json").json();
        let pages: Vec<&str> = pages["pages"].as_array().unwrap().iter().map(|page| page.as_str().unwrap()).collect();
        for procedure in plan["procedure"].as_array().unwrap() {
            let head = format!("[{}]\n=", procedure["name"].as_str().unwrap());
            assert_eq!(pages.iter().filter(|page| page.contains(&head)).count(), 1, "{head}");
        }
        assert!(!pages.iter().any(|page| page.contains("Takes       0s")), "a time that nobody gave is in {name}");
    }
}

#[test]
fn warnings_fail_only_where_that_is_asked_for() {
    let home = Home::new();
    home.run("plan new --from agent-orchestrator");
    assert_eq!(home.run("plan check").code, Some(0));
    assert_eq!(home.run("plan check --strict").code, Some(3));
    let json = home.run("plan check --json").json();
    assert_eq!(json["errors"], 0);
    assert_eq!(json["findings"].as_array().unwrap().len() as u64, json["warnings"].as_u64().unwrap());
}

#[test]
fn checking_opens_no_connection_and_resolves_no_secret() {
    let home = Home::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let asked = home.path().join("asked");
    let address = format!("postgresql://{}/shop", listener.local_addr().unwrap());
    let password = format!("password = 'command:[\"touch\", \"{}\"]'", asked.display());
    let plan = PLAN.replace("rto = \"1h\"\naddress", &format!("rto = \"1h\"\n{password}\naddress"));
    let plan = plan.replace("postgresql://db.example:5432/shop", &address);
    assert!(plan.contains("touch") && plan.contains(&address));
    home.write(".config/lifeboat/plan.toml", &plan);
    let offline = home.run("plan check");
    assert_eq!(offline.code, Some(0), "{offline:?}");
    assert!(listener.accept().is_err() && !asked.exists(), "the check reached out");
    home.run("plan check --live");
    assert!(listener.accept().is_ok() || asked.exists(), "the trap would not have caught anything");
}

#[test]
fn a_plan_is_begun_once() {
    let home = Home::new();
    let first = home.run("plan new --json");
    assert_eq!(first.json()["path"], home.path().join(".config/lifeboat/plan.toml").to_str().unwrap());
    for again in ["plan new", "plan new --from agent-orchestrator"] {
        let ran = home.run(again);
        assert_eq!(ran.code, Some(4), "{again}: {ran:?}");
        assert!(ran.err.contains("is there already") && ran.err.contains("lifeboat plan new PATH"), "{}", ran.err);
    }
    assert_eq!(home.run("plan check").code, Some(0));
    let typo = home.run("plan new --from agent-factry ./x.toml");
    assert_eq!(typo.code, Some(2));
    assert!(typo.err.contains("Did you mean agent-factory?"), "{}", typo.err);
}

#[test]
fn a_path_that_is_no_text_is_no_fault() {
    let home = Home::new();
    for words in [&["--json", "plan", "new"][..], &["--json", "man", "--dir"]] {
        let odd = OsStr::from_bytes(b"odd-\xff");
        let arguments = words.iter().map(OsStr::new).chain([odd]);
        let ran = Ran::from(home.command(arguments).output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(ran.json().to_string().contains("odd-"), "{ran:?}");
        let path = home.path().join(odd);
        assert!(std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir_all(&path)).is_ok());
    }
}

#[test]
fn the_schema_knows_every_key_of_a_shipped_plan() {
    let schema = Home::new().run("plan schema").json();
    let plan = shop().run("plan show --json").json();
    for key in plan.as_object().unwrap().keys().filter(|key| *key != "computed") {
        assert!(schema["properties"][key].is_object(), "{key}");
    }
}
