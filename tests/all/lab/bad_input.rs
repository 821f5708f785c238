//! What stands in the way of a lab is said in one message with the way out, and nothing half-made is left.

use std::net::TcpListener;

use lifeboat::lab::{self, LabError};
use lifeboat::text::{Exit, Explain};

use super::test_lab::TestLab;

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
    for package in ["knot", "postgresql", "rabbitmq-server", "redis-server"] {
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
    let mut first = test.command(&["up", "--scale", "0.1"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    while !test.folder().join("lab.json").exists() {
        assert!(first.try_wait().unwrap().is_none(), "the first up ended early");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = test.run(&["up"]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("is being changed by `lifeboat lab up` (pid {})", first.id())), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_was_taken_meanwhile_is_named_with_its_holder() {
    let test = TestLab::new();
    let mut first = test.command(&["up", "--scale", "0.1"]).stderr(std::process::Stdio::null()).spawn().unwrap();
    while !test.folder().join("lab.json").exists() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    first.kill().unwrap();
    first.wait().unwrap();
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
