//! What stands in the way of a lab is said in one message with the way out, and nothing half-made is left.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use lifeboat::lab::{self, LabError};
use lifeboat::text::{Exit, Explain};

use super::test_lab::{TestLab, wait_until};

#[tokio::test]
async fn missing_programs_are_named_with_the_one_command() {
    let test = TestLab::new();
    let nowhere = tempfile::tempdir().unwrap();
    let mut options = test.options();
    options.look_in = Some(vec![nowhere.path().to_owned()]);
    let error = lab::up(&options, &|_| {}).await.unwrap_err();
    assert!(matches!(error, LabError::Missing { .. }), "{error}");
    assert_eq!(error.exit(), Exit::Usage);
    let step = error.next_step();
    for package in [
        "haproxy",
        "knot",
        "postgresql",
        "prometheus",
        "prometheus-alertmanager",
        "rabbitmq-server",
        "redis-server",
        "unbound",
    ] {
        assert!(step.contains(package), "{step}");
    }
    assert!(!test.folder().exists(), "something half-made was left");
}

#[tokio::test]
async fn without_a_lab_down_and_status_say_how_to_make_one() {
    let test = TestLab::new();
    let error = lab::down(&test.folder(), false).await.unwrap_err();
    assert!(matches!(error, LabError::NoLab { .. }) && error.next_step().contains("lab up"), "{error}");
    assert!(matches!(lab::status(&test.folder()), Err(LabError::NoLab { .. })));
    assert!(!test.folder().exists());
}

#[test]
fn a_second_up_of_the_same_lab_is_told_who_is_first() {
    let test = TestLab::new();
    let mut first = test.start(&["up", "--scale", "0.1"]);
    wait_until("the first has begun", || test.folder().join("lab.json").exists());
    let second = test.run(&["up"]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!first.is_over(), "the first up ended early");
    let pid = first.id();
    drop(first);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("is being changed by `lifeboat lab up` (pid {pid})")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_was_taken_meanwhile_is_named_with_its_holder() {
    let test = begun();
    lab::down(&test.folder(), false).await.unwrap();
    let status = test.status();
    let redis = status.servers.iter().find(|server| server.server == "primary/redis").unwrap();
    let taken = TcpListener::bind(&redis.address).unwrap();
    let error = lab::up(&test.options(), &|_| {}).await.unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains(&redis.address) && message.contains(&format!("process {}", std::process::id())),
        "{message}"
    );
    assert!(test.tagged().is_empty(), "what the failed up started still runs: {:?}", test.tagged());
    drop(taken);
}

/// A lab whose making was cut short right after it was written down what it is.
fn begun() -> TestLab {
    let test = TestLab::new();
    let first = test.start(&["up", "--scale", "0.1"]);
    wait_until("the lab is written down", || test.folder().join("lab.json").exists());
    drop(first);
    test
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_folder_that_is_no_lab_is_left_as_it_is() {
    let test = TestLab::new();
    let work = test.folder().join("state/thesis.tex");
    std::fs::create_dir_all(work.parent().unwrap()).unwrap();
    std::fs::write(&work, "all of it").unwrap();
    std::fs::set_permissions(test.folder(), std::fs::Permissions::from_mode(0o700)).unwrap();
    let whole = || {
        assert_eq!(std::fs::read(&work).unwrap(), b"all of it");
        assert_eq!(std::fs::read_dir(test.folder()).unwrap().count(), 1, "something was put beside it");
        assert_eq!(mode(&test.folder()), 0o700);
    };
    for (arguments, exit, words) in [
        (&["down", "--delete"][..], 2, "there is no lab in"),
        (&["down"], 2, "there is no lab in"),
        (&["up"], 4, "is no lab, and holds something"),
    ] {
        let output = test.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(exit), "{said}");
        assert!(said.contains(words), "{said}");
        whole();
    }
}

#[test]
fn what_is_not_the_labs_survives_its_removal() {
    let test = begun();
    std::fs::write(test.folder().join("thesis.tex"), "all of it").unwrap();
    let output = test.run(&["down", "--delete", "--json"]);
    assert!(output.status.success(), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["left"], serde_json::json!(["thesis.tex"]));
    let left: Vec<_> = std::fs::read_dir(test.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["thesis.tex"]);
}

fn refused(test: &TestLab, arguments: &[&str], exit: i32) -> String {
    let output = test.run(arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {said}");
    said
}

const EVERYTHING: [&[&str]; 7] =
    [&["up"], &["status"], &["fault"], &["fault", "kill"], &["load", "--for", "1s"], &["down"], &["down", "--delete"]];

/// Root does with somebody else's folder what everybody does with it: nothing.
#[test]
fn the_lab_of_somebody_else_is_refused_even_to_root() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: nothing here belongs to anybody else");
        return;
    }
    let test = begun();
    std::os::unix::fs::chown(test.folder(), Some(65_534), Some(65_534)).unwrap();
    for arguments in EVERYTHING {
        let said = refused(&test, arguments, 4);
        assert!(said.contains("belongs to uid 65534"), "{arguments:?}: {said}");
    }
    std::os::unix::fs::chown(test.folder(), Some(0), Some(0)).unwrap();
}

#[test]
fn a_copy_is_not_the_lab_and_a_lab_that_was_moved_can_be_ended() {
    let test = TestLab::new();
    let up = test.start(&["up", "--scale", "0.1"]);
    wait_until("Redis is started", || test.tagged().contains_key("primary/redis"));
    drop(up);
    let (id, elsewhere) = (test.id(), TestLab::new());
    let mut copy = std::process::Command::new("cp");
    // What servers are just writing may vanish meanwhile.
    let _ = copy.arg("-a").arg(test.folder()).arg(elsewhere.folder()).status().unwrap();
    assert!(elsewhere.folder().join("lab.json").exists());
    for arguments in EVERYTHING {
        let said = refused(&elsewhere, arguments, 4);
        assert!(said.contains("is a copy of the lab in"), "{arguments:?}: {said}");
    }
    assert!(test.tagged().contains_key("primary/redis"), "the copy ended what is not its own");
    std::fs::remove_dir_all(elsewhere.folder()).unwrap();

    std::fs::rename(test.folder(), elsewhere.folder()).unwrap();
    let said = refused(&elsewhere, &["up"], 4);
    assert!(said.contains("works only there") && said.contains("lab down --delete`"), "{said}");
    let down = elsewhere.run(&["down", "--delete"]);
    assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
    assert!(super::test_lab::tagged(&id).is_empty() && !elsewhere.folder().exists());
}

fn is_redis(server: &lab::ServerStatus) -> bool {
    server.server == "primary/redis" && server.pid.is_some()
}

/// A lab with other servers than those of today can be ended, and nothing else.
#[test]
fn the_lab_of_an_older_version_can_only_be_ended() {
    let test = TestLab::new();
    let up = test.start(&["up", "--scale", "0.1"]);
    let recorded = || lab::status(&test.folder()).is_ok_and(|lab| lab.servers.iter().any(is_redis));
    wait_until("Redis is started", recorded);
    drop(up);
    let (id, path) = (test.id(), test.folder().join("lab.json"));
    let with_format = |format: u32| {
        let mut record: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        record["format"] = format.into();
        std::fs::write(&path, record.to_string()).unwrap();
    };
    with_format(99);
    for arguments in EVERYTHING {
        let said = refused(&test, arguments, 4);
        assert!(said.contains("by a newer version") && said.contains("Use the version that made it"), "{said}");
    }
    with_format(0);
    // As a lab of before had one.
    let processes = test.folder().join("processes.json");
    let text = std::fs::read_to_string(&processes).unwrap().replace("\"primary/redis\"", "\"primary/app\"");
    std::fs::write(&processes, text).unwrap();
    for arguments in EVERYTHING.into_iter().filter(|arguments| arguments[0] != "down") {
        let said = refused(&test, arguments, 4);
        assert!(said.contains("by an older version") && said.contains("lab down --delete`"), "{said}");
    }
    let down = test.run(&["down", "--delete", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&down.stdout).unwrap();
    let ended = |list: &str| said[list].as_array().unwrap().iter().any(|one| one == "primary/app");
    assert!(ended("ended") || ended("killed"), "{said}");
    assert!(super::test_lab::tagged(&id).is_empty() && !test.folder().exists());
}

/// A name that a server could not live with is refused before anything is made.
#[test]
fn a_folder_with_an_impossible_name_is_refused() {
    let outer = TestLab::new();
    std::fs::set_permissions(outer.base(), std::fs::Permissions::from_mode(0o711)).unwrap();
    for name in ["it's", "`id`", "Stra\u{df}e", "a\nb", &"x".repeat(100)] {
        let base = outer.base().join(name);
        std::fs::create_dir(&base).unwrap();
        std::fs::set_permissions(&base, std::fs::Permissions::from_mode(0o711)).unwrap();
        let test = TestLab::at(base);
        let said = refused(&test, &["up"], 2);
        assert!(said.contains("the folder's name") && said.contains("--state DIR"), "{said}");
        assert!(!test.folder().exists(), "something half-made was left");
    }
}
