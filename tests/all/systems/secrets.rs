//! A secret that cannot be had is told once, and delays nothing else.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use lifeboat::plan::facts::Verdict;

use super::asking::{Asker, shown};
use super::{component, look, names, only, servers};

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_makes_no_other_component_silent() {
    let server = servers::redis(TimeDelta::zero()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "hunter2hunter2").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let hangs = "password = 'command:[\"sleep\", \"1000\"]'";
    let address = format!("redis://{server}");
    let start = Instant::now();
    let live = look(&[
        component("first", "redis", &address, hangs),
        component("second", "redis", &address, hangs),
        component("healthy", "redis", &address, &format!("password = \"file:{}\"", file.display())),
        component("open", "redis", &address, ""),
    ])
    .await;
    assert_eq!(names(&live), ["healthy", "open"], "{live:#?}");
    assert_eq!(live.findings.len(), 2, "one for each place that names it: {live:#?}");
    assert!(live.findings.iter().all(|finding| finding.rule == "live-secret"), "{live:#?}");
    assert!(live.findings[0].message.contains("has not ended within 4s: sleep 1000"), "{live:#?}");
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}

/// Whoever is asked with it has no part in that: nothing is said about it, least of all that it did not answer.
#[tokio::test]
async fn one_that_hangs_is_told_as_the_secrets_program_and_not_as_the_server() {
    for (kind, address, hangs) in [
        ("redis", "redis://127.0.0.1:1", "password = 'command:[\"sleep\", \"1000\"]'"),
        (
            "s3-bucket",
            "s3://backups",
            "bucket = { endpoint = 'http://127.0.0.1:1', access_key = 'command:[\"sleep\", \"1000\"]', \
             secret_key = 'command:[\"sleep\", \"1000\"]' }",
        ),
    ] {
        let reading = Asker::of("cache", kind, address, hangs).vital().await;
        assert_eq!(reading.verdict, Verdict::Unknown, "{reading:#?}");
        assert_eq!(reading.reason(), "the program for a secret has not ended within 4s: sleep 1000");
        assert_eq!(shown(&reading, "connection"), "unasked");
    }
}

/// The component's own time counts from when its secret is there.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_slow_makes_no_component_silent() {
    let server = servers::redis(TimeDelta::zero()).await;
    let slow = "password = 'command:[\"sh\", \"-c\", \"sleep 2.5; echo hunter2hunter2\"]'";
    let live = look(&[component("slow", "redis", &format!("redis://{server}"), slow)]).await;
    assert_eq!((names(&live), live.findings.len()), (vec!["slow"], 0), "{live:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_missing_is_told_where_it_is_named() {
    let server = servers::redis(TimeDelta::zero()).await;
    let missing = "password = \"file:/no/such/password\"";
    let live = look(&[component("cache", "redis", &format!("redis://{server}"), missing)]).await;
    assert!(live.answered.is_empty());
    let found = only(&live, "live-secret");
    assert!(found.message.contains("/no/such/password"), "{}", found.message);
    assert_eq!(live.findings.len(), 1, "it is told once: {live:#?}");
}
