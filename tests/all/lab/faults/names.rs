//! Names that nobody answers for, or that are answered as they were.

use std::process::Command;

use super::super::test_lab::until;
use super::{TestLab, fault, undo};

const APP: &str = "app.lab.lifeboat.test";
const CACHE: &str = "cache.lab.lifeboat.test";

pub async fn all(test: &TestLab) {
    let (primary, dr) = (ip(test, "primary/s3"), ip(test, "dr/s3"));
    let zone = |name: &str| test.dig("outside/dns", name);
    let users = |name: &str| test.dig("outside/resolver", name);
    for name in [APP, CACHE] {
        assert_eq!((zone(name), users(name)), (Some(primary.clone()), Some(primary.clone())), "{name}");
    }
    assert_eq!(users("lifeboat.test"), None, "nothing but the platform's zone is asked for");

    // What is cached is told also while nobody answers for the zone.
    fault(test, "stop-dns", None).await;
    assert_eq!((zone(APP), users(APP)), (None, Some(primary.clone())));
    undo(test, "stop-dns").await;
    until("the zone is served", async || zone(APP).is_some()).await;

    fault(test, "stale-names", None).await;
    point(test, CACHE, &dr);
    assert_eq!((zone(CACHE), users(CACHE)), (Some(dr.clone()), Some(primary.clone())), "the change is not seen");
    assert!(test.kept_for("outside/resolver", CACHE) > Some(60), "nor will it be before long");
    test.up().await;
    assert!(test.status().faults.iter().any(|one| one.fault == "stale-names"), "it is in force until it is undone");
    undo(test, "stale-names").await;
    until("the change is seen", async || users(CACHE) == Some(dr.clone())).await;
    assert!(test.kept_for("outside/resolver", CACHE) <= Some(60));
    point(test, CACHE, &primary);
}

fn ip(test: &TestLab, server: &str) -> String {
    test.address(server).ip().to_string()
}

/// Changes a name at the authoritative server, as a failover does.
fn point(test: &TestLab, name: &str, address: &str) {
    let server = test.address("outside/dns");
    let script = test.base().join("update");
    let text = format!(
        "server {} {}\nkey hmac-sha256:lifeboat {}\nzone lab.lifeboat.test\ndel {name}. A\nadd {name}. 60 A {address}\nsend\n",
        server.ip(),
        server.port(),
        test.secret("dns-key")
    );
    std::fs::write(&script, text).unwrap();
    let done = Command::new("knsupdate").arg(&script).output().unwrap();
    assert!(done.status.success(), "{done:?}");
}
