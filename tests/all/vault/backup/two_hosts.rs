//! Two hosts that share nothing but a bucket: the second is told by it, and a holder that lost its claim stops.

use std::process::{Child, Stdio};

use super::Place;
use super::bucket::{LARGE, begun, in_bucket, keys};
use crate::lab::s3::{Endpoint, SECRET, until};
use crate::systems::databases::postgres::server::Server;

const CLAIM: &str = ".lifeboat/p/claims/backup.agents.json";

async fn place(endpoint: &Endpoint) -> Place {
    let place = in_bucket(Server::start(&[]).await, endpoint.address, SECRET);
    place.server.execute(LARGE).await;
    place
}

/// Begins a backup that takes a while, and waits until the bucket knows of it.
async fn slow(place: &Place, endpoint: &Endpoint, rate: &str) -> Child {
    let line = format!("--plan plan.toml backup agents --rate {rate} --to second");
    let mut command = place.home.command(line.split_whitespace());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let client = endpoint.client();
    until("the claim", || async { client.head_object().bucket("store").key(CLAIM).send().await.is_ok() }).await;
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_is_told_by_the_bucket() {
    let endpoint = Endpoint::start().await;
    let place = place(&endpoint).await;
    let mut first = slow(&place, &endpoint, "2MB").await;
    // Another state folder, as another host has: only the bucket is shared.
    let ran = place.run("--state elsewhere backup agents --to second");
    assert_eq!(ran.code, Some(4), "{ran:?}");
    assert!(ran.out.contains("is held by") && ran.out.contains(&format!("process {}", first.id())), "{ran:?}");
    let waited = place.run("--state elsewhere backup agents --to second --wait");
    assert_eq!(waited.code, Some(0), "{waited:?}");
    assert!(waited.err.contains("waiting") && first.wait().unwrap().success(), "{waited:?}");
    assert_eq!(keys(&endpoint).await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_its_claim_stops_and_says_so() {
    let endpoint = Endpoint::start().await;
    let place = place(&endpoint).await;
    let child = slow(&place, &endpoint, "100KB").await;
    endpoint.client().delete_object().bucket("store").key(CLAIM).send().await.unwrap();
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(output.status.code() == Some(1) && told.contains("the claim on backup.agents was lost"), "{output:?}");
    assert!(keys(&endpoint).await.is_empty() && begun(&endpoint).await == 0);
}
