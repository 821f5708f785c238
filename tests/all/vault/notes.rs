//! Notes beside recovery points that cannot be read: each costs its own recovery point, and no other.

use crate::lab::s3::Endpoint;
use crate::reach::s3::between::{Act, between, refuse};
use crate::vault::uploads::place;

#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_nobody_may_read_does_not_hide_the_bucket() {
    let endpoint = Endpoint::start().await;
    let (address, _) = between(Some(endpoint.address), |head| match () {
        () if head.is("GET", "metadata_20241118.json") => refuse(403, "AccessDenied"),
        () if head.is("GET", "metadata_20241117.json") => refuse(403, "InvalidObjectState"),
        () => Act::Pass,
    })
    .await;
    let home = place(address);
    let client = endpoint.client();
    for day in [17, 18, 19] {
        for name in ["definitions", "metadata"] {
            let key = format!("rabbitmq/daily/{name}_202411{day}.json");
            client
                .put_object()
                .bucket("store")
                .key(key)
                .body(b"{\"queues\": []}".to_vec().into())
                .send()
                .await
                .unwrap();
        }
    }
    // What is remembered of the bucket tells the same.
    for _ in 0..2 {
        let ran = home.run("--plan plan.toml points --json --in offsite");
        let report = ran.json();
        assert!(report["not_looked_into"].as_array().unwrap().is_empty(), "{ran:?}");
        let points = report["points"].as_array().unwrap();
        let states: Vec<&str> = points.iter().map(|point| point["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["present", "partial", "partial"], "{ran:?}");
        assert!(points[2]["copies"][0]["why"].as_str().unwrap().contains("archive"), "{ran:?}");
    }
    let ran = home.run("--plan plan.toml expire --dry-run offsite");
    assert!(ran.code == Some(0) && !ran.out.contains("cannot be looked into"), "{ran:?}");
}
