//! Containers of the real engine; left out where there is none.

use std::process::Command;

use lifeboat::plan::facts::{Value, Verdict};
use tokio::net::UnixListener;

use crate::reach::image::Box;
use crate::systems::asking::{Asker, shown};

fn docker(arguments: &[&str]) {
    let output = Command::new("docker").args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Waits until the engine has the container's first line.
async fn until_it_spoke(name: &str) {
    let spoke = || !Command::new("docker").args(["logs", name]).output().unwrap().stdout.is_empty();
    crate::reach::checks::until("it says something", spoke).await;
}

fn ask(name: &str, more: &str) -> Asker {
    Asker::of("box", "container", name, more)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_is_told_from_its_start_to_its_end() {
    let Some(container) = Box::start("trap 'exit 3' TERM; echo ERROR at the start; while :; do sleep 0.1; done") else {
        return;
    };
    until_it_spoke(&container.name).await;
    let mut asker = ask(&container.name, "");
    let running = |reading: &lifeboat::systems::Reading| {
        shown(reading, "state") == "running" && reading.fact("log_errors").is_some()
    };
    let reading = asker.until("it runs", running).await;
    assert_eq!(reading.verdict, Verdict::Healthy, "{reading:#?}");
    let facts = ["health", "restarts", "restarts_lately", "out_of_memory", "container_runtime", "log_errors"];
    assert_eq!(facts.map(|name| shown(&reading, name)), ["none", "0", "0", "no", "working", "1"]);
    assert!(shown(&reading, "image").starts_with("lifeboat-test-debian:") && reading.fact("started").is_some());
    let far = ask(&container.name, "reach = { prefix = ['env', 'LC_ALL=C'] }").vital().await;
    assert_eq!((far.verdict, shown(&far, "state").as_str()), (Verdict::Healthy, "running"), "{far:#?}");
    assert_eq!(shown(&far, "image"), shown(&reading, "image"));
    let reading = ask(&container.name, "engine = { image = 'another:1' }").vital().await;
    assert_eq!(reading.verdict, Verdict::Degraded);
    docker(&["pause", &container.name]);
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, reading.reason()), (Verdict::Down, "it is paused"));
    docker(&["unpause", &container.name]);
    docker(&["stop", "-t", "5", &container.name]);
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, reading.reason()), (Verdict::Down, "it ended with code 3"), "{reading:#?}");
    assert_eq!(reading.fact("exit_code"), Some(&Value::Count(3)));
    docker(&["rm", "-f", &container.name]);
    let reading = asker.vital().await;
    assert_eq!((reading.verdict, shown(&reading, "state").as_str()), (Verdict::Down, "missing"), "{reading:#?}");
    let far = ask(&container.name, "reach = { prefix = ['env', 'LC_ALL=C'] }").vital().await;
    assert_eq!((far.verdict, shown(&far, "state").as_str()), (Verdict::Down, "missing"), "{far:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_for_lack_of_memory_again_and_again_is_told_so() {
    let Some(container) = Box::start("sleep 0.3; tail /dev/zero") else { return };
    docker(&["update", "--memory", "16m", "--memory-swap", "16m", "--restart", "always", &container.name]);
    let mut asker = ask(&container.name, "");
    let killed = |reading: &lifeboat::systems::Reading| {
        reading.fact("out_of_memory") == Some(&Value::Flag(true))
            || reading.fact("restarts_lately").is_some_and(|restarts| *restarts != Value::Count(0))
    };
    let reading = asker.until("it is killed", killed).await;
    assert_ne!(reading.verdict, Verdict::Healthy, "{reading:#?}");
}

#[tokio::test]
async fn an_engine_that_cannot_be_asked_says_nothing_about_its_containers() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let at = format!("engine = {{ socket = '{}' }}", socket.display());
    let reading = ask("box", &at).vital().await;
    assert_eq!(
        (reading.verdict, shown(&reading, "container_runtime").as_str()),
        (Verdict::Unknown, "failed"),
        "{reading:#?}"
    );
    let listener = UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    let reading = ask("box", &at).vital().await;
    assert_eq!(
        (reading.verdict, shown(&reading, "connection").as_str()),
        (Verdict::Unknown, "timeout"),
        "{reading:#?}"
    );
}
