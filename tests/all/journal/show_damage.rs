//! What the verbs say of a damaged journal, and where there is none.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::ground::{Ground, lines, record, rewrite};

fn lifeboat(state: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lifeboat"));
    command.arg("--state").arg(state).arg("journal").args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn an_export_of_a_damaged_journal_says_so_in_itself() {
    let damages: [fn(&Ground); 4] = [
        |ground| {
            let path = ground.segments().remove(0);
            let mut all = lines(&path);
            all.remove(5);
            rewrite(&path, &all);
        },
        |ground| fs::remove_file(&ground.segments()[1]).unwrap(),
        |ground| fs::remove_file(ground.segments().pop().unwrap()).unwrap(),
        |ground| {
            let path = ground.segments().pop().unwrap();
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("subject-99", "subject-98")).unwrap();
        },
    ];
    for (number, damage) in damages.iter().enumerate() {
        let ground = Ground::new();
        record(&ground.open(), 100);
        let whole = lifeboat(ground.state.path(), &["export"]);
        assert_eq!(whole.status.code(), Some(0));
        assert!(!out(&whole).contains("damage"));
        damage(&ground);
        let markdown = lifeboat(ground.state.path(), &["export"]);
        assert_eq!(markdown.status.code(), Some(3), "{number}");
        assert!(out(&markdown).contains("**The journal is damaged"), "{number}");
        assert!(error(&markdown).contains("journal verify"), "{number}: {}", error(&markdown));
        let json = lifeboat(ground.state.path(), &["export", "--json"]);
        assert_eq!(json.status.code(), Some(3), "{number}");
        let document: Vec<Value> = serde_json::from_str(&out(&json)).unwrap();
        assert!(document.last().unwrap()["damage"].is_string(), "{number}");
        assert_eq!(lifeboat(ground.state.path(), &["show"]).status.code(), Some(3), "{number}");
    }
}

#[test]
fn where_nothing_is_to_be_proven_verify_says_so() {
    let ground = Ground::new();
    fs::create_dir(ground.journal()).unwrap();
    let empty = lifeboat(ground.state.path(), &["verify"]);
    assert_eq!(empty.status.code(), Some(0));
    assert!(out(&empty).contains("no chain, no event: there is nothing to prove"), "{}", out(&empty));
    fs::write(ground.journal().join("holiday\u{1b}.jpg"), b"junk").unwrap();
    let junk = lifeboat(ground.state.path(), &["verify"]);
    assert_eq!(junk.status.code(), Some(3));
    assert!(out(&junk).contains("there is nothing to prove") && out(&junk).contains("holiday"), "{}", out(&junk));
    assert!(!out(&junk).contains('\u{1b}'));
}

#[test]
fn what_is_no_journal_is_not_taken_for_one_that_has_not_begun() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::write(at("file"), b"").unwrap();
    fs::create_dir(at("state")).unwrap();
    symlink("nowhere", at("state/journal")).unwrap();
    fs::create_dir(at("other")).unwrap();
    fs::write(at("other/journal"), b"").unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    let said = [
        ("file", "is not a directory"),
        ("file/below", "is not a directory"),
        ("state", "leads nowhere"),
        ("other", "is not a directory"),
        ("dangling", "leads nowhere"),
    ];
    for verb in ["show", "verify", "export"] {
        for (state, says) in said {
            let output = lifeboat(&at(state), &[verb]);
            assert_eq!(output.status.code(), Some(2), "{verb} {state}: {}", error(&output));
            assert!(error(&output).contains(says) && error(&output).contains("--state DIR"), "{}", error(&output));
            assert!(!error(&output).contains("There is no journal yet"), "{verb} {state}");
        }
    }
}

#[test]
fn who_may_not_look_is_told_that_and_not_that_there_is_nothing() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    if !rustix::process::getuid().is_root() {
        println!("skipped: only root can become somebody else");
        return;
    }
    let ground = Ground::new();
    record(&ground.open(), 1);
    fs::set_permissions(ground.home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = ground.home.path().join("lifeboat");
    fs::copy(env!("CARGO_BIN_EXE_lifeboat"), &program).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(&program);
    command.arg("--state").arg(ground.state.path()).args(["journal", "show"]).current_dir("/");
    let output = command.env("HOME", "/").uid(40_001).gid(40_001).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", error(&output));
    assert!(error(&output).contains("this user may not"), "{}", error(&output));
    assert!(!error(&output).contains("There is no journal yet"), "{}", error(&output));
}

#[test]
fn follow_ends_when_its_reader_is_gone() {
    let ground = Ground::new();
    record(&ground.open(), 1);
    let mut child = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .arg("--state")
        .arg(ground.state.path())
        .args(["journal", "show", "--follow", "--last", "1"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    reader.read_line(&mut String::new()).unwrap();
    drop(reader);
    let give_up = Instant::now() + Duration::from_secs(10);
    let ended = loop {
        match child.try_wait().unwrap() {
            None if Instant::now() < give_up => std::thread::sleep(Duration::from_millis(20)),
            ended => break ended,
        }
    };
    if ended.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(ended.is_some(), "it goes on for nobody");
}
