//! What the plan says of a bucket reaches the service with everything that a backup writes there.

use std::sync::{Arc, Mutex};

use super::bucket::{LARGE, in_bucket};
use crate::lab::s3::{Endpoint, SECRET};
use crate::reach::s3::between::{Act, Head, between};
use crate::systems::databases::postgres::server::Server;

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/1234";

#[tokio::test(flavor = "multi_thread")]
async fn encryption_class_region_prefix_and_locks_are_asked_for() {
    let endpoint = Endpoint::start().await;
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&heads);
    let act = move |head: &Head| {
        seen.lock().unwrap().push(format!("{}\n{}", head.line, head.text));
        Act::Pass
    };
    let (address, _) = between(Some(endpoint.address), act).await;
    let place = in_bucket(Server::start(&[]).await, address, SECRET);
    place.server.execute(LARGE).await;
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let more = format!(
        "bucket = 'store'\nregion = 'eu-central-1'\nprefix = 'platform/a'\nstorage_class = 'STANDARD_IA'\n\
         encryption = 'aws:kms {KEY}'\n"
    );
    place.home.write("plan.toml", plan.replace("bucket = 'store'\n", &more));
    let ran = place.run("backup agents --to second");
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let heads = heads.lock().unwrap().clone();
    let all = |method: &str, part: &str| -> Vec<&String> {
        heads.iter().filter(|head| head.starts_with(method) && head.lines().next().unwrap().contains(part)).collect()
    };
    // Path style, the prefix before every key, signed for the region of the plan.
    assert!(!heads.is_empty());
    for head in &heads {
        let line = head.lines().next().unwrap();
        assert!(line.contains(" /store/platform/a/") || line.contains("prefix=platform%2Fa%2F"), "{line}");
        assert!(head.contains("/eu-central-1/s3/aws4_request"), "{head}");
    }
    // The data, in parts and at once, and the notes: all are encrypted.
    let (begun, parts) = (all("POST", "?uploads"), all("PUT", "partNumber="));
    let whole: Vec<&String> = all("PUT", "").into_iter().filter(|head| !head.contains("partnumber=")).collect();
    let manifest =
        whole.iter().find(|head| head.lines().next().unwrap().contains("backup_") && !head.contains("begun.json"));
    assert!(begun.len() == 1 && parts.len() >= 2 && manifest.is_some(), "{heads:#?}");
    for head in begun.iter().chain(&whole) {
        assert!(head.contains("\nx-amz-server-side-encryption: aws:kms"), "{head}");
        assert!(head.contains(&format!("\nx-amz-server-side-encryption-aws-kms-key-id: {KEY}")), "{head}");
    }
    // What is restored from lies in the class of the store; what is read often does not.
    let is_artefact = |head: &&&String| head.contains(".dump") || head.contains(".roles.sql");
    for head in begun.iter().chain(whole.iter().filter(is_artefact)) {
        assert!(head.contains("\nx-amz-storage-class: standard_ia"), "{head}");
    }
    for head in whole.iter().filter(|head| head.lines().next().unwrap().contains(".json")) {
        assert!(!head.contains("x-amz-storage-class"), "{head}");
    }
    // A bucket with locks takes nothing without a checksum.
    for head in whole.iter().chain(&parts) {
        assert!(head.contains("\nx-amz-checksum-crc32c: "), "{head}");
    }
    let verified = place.run("verify --in second");
    assert_eq!(verified.code, Some(0), "{verified:?}");
}
