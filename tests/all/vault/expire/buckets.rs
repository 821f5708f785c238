//! Buckets: their own rules are told, what they lock is left, and one that hangs stops everything.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter,
};

use chrono::DateTime;

use super::{Keeping, receipt};
use crate::lab::s3::Endpoint;
use crate::reach::s3::between::{Act, Head, between};

/// A plan with one more store, in a bucket.
fn place(address: SocketAddr) -> Keeping {
    let place = Keeping::new("keep = { age = '7d' }");
    let plan = std::fs::read_to_string(place.home.path().join("plan.toml")).unwrap();
    let store = format!(
        "[[store]]\nname = 'offsite'\nkind = 's3'\nbucket = 'store'\nregion = 'us-east-1'\nendpoint = 'http://{address}'\n\
         keep = {{ age = '30d', at_least = 1 }}\n"
    );
    place.home.write("plan.toml", plan.replace("'local', 'second'", "'local', 'second', 'offsite'") + &store);
    place
}

async fn put(endpoint: &Endpoint, place: &Keeping, hours: i64) -> String {
    let (name, month) = (place.name(hours), place.at(hours).format("%Y/%m"));
    let key = format!("postgres/{month}/daily/{name}/{name}.dump");
    endpoint.client().put_object().bucket("store").key(&key).body(vec![7; 100].into()).send().await.unwrap();
    key
}

/// The same, that was verified.
async fn put_verified(endpoint: &Endpoint, place: &Keeping, hours: i64) -> [String; 2] {
    let key = put(endpoint, place, hours).await;
    let listed = endpoint.client().list_objects_v2().bucket("store").prefix(&key).send().await.unwrap();
    let written = listed.contents()[0].last_modified().unwrap();
    let written = DateTime::from_timestamp(written.secs(), written.subsec_nanos()).unwrap();
    let read = receipt(&place.name(hours), &key, 100, written, true);
    let note = key.replace(".dump", ".verified.json");
    endpoint.client().put_object().bucket("store").key(&note).body(read.into_bytes().into()).send().await.unwrap();
    [key, note]
}

async fn keys(endpoint: &Endpoint) -> Vec<String> {
    let listed = endpoint.client().list_objects_v2().bucket("store").send().await.unwrap();
    listed.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_goes_from_a_bucket_and_its_own_rules_are_told() {
    let endpoint = Endpoint::start().await;
    let place = place(endpoint.address);
    let _ = put(&endpoint, &place, 1000).await;
    let newest = put_verified(&endpoint, &place, 900).await;
    let rule = LifecycleRule::builder()
        .id("tidy\u{1b}[31m")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("postgres/").build())
        .expiration(LifecycleExpiration::builder().days(10).build())
        .build()
        .unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    let client = endpoint.client();
    client.put_bucket_lifecycle_configuration().bucket("store").lifecycle_configuration(rules).send().await.unwrap();
    let shown = place.run("expire offsite --dry-run");
    let told = shown.out.replace("\n  ", " ");
    assert!(
        shown.code == Some(3) && told.contains("below postgres/ after 10 days; the plan keeps for up to 30d"),
        "{shown:?}"
    );
    assert!(!shown.out.contains('\u{1b}'), "{shown:?}");
    for verb in ["points --fresh", "doctor --wrong", "plan check --live"] {
        let ran = place.run(verb);
        let told = format!("{} {}", ran.out, ran.err).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains("removes objects below postgres/ after 10 days"), "{verb}: {ran:?}");
    }
    let points = place.run("points --fresh --json").json();
    assert_eq!(points["gone_before_its_time"][0]["store"], "offsite", "{points:#}");
    let ran = place.run("expire --yes --json");
    assert_eq!(ran.json()["done"]["gone"].as_array().unwrap().len(), 1, "{ran:?}");
    assert_eq!(keys(&endpoint).await, newest);
    // A hold in the bucket stops the folders.
    place.dump("local", 900);
    place.verified("local", 1);
    assert_eq!(place.run("hold --why breach").code, Some(0));
    for store in ["local", "second"] {
        std::fs::remove_file(place.home.path().join(store).join(".lifeboat/hold.json")).unwrap();
    }
    let held = place.run("expire local --yes");
    assert!(held.code == Some(4) && held.err.contains("in offsite"), "{held:?}");
    assert_eq!(place.points().len(), 2, "the hold itself is no file of a recovery point");
    assert_eq!(place.run("hold --release --why over").code, Some(0));
    assert_eq!((place.run("expire local --yes").code, place.files("local").len()), (Some(0), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_is_left_and_said() {
    let endpoint = Endpoint::start().await;
    let act = |head: &Head| {
        let lock =
            "x-amz-object-lock-mode: COMPLIANCE\r\nx-amz-object-lock-retain-until-date: 2999-01-01T00:00:00Z\r\n";
        if head.is("HEAD", ".dump") { Act::Say(200, lock.to_owned(), String::new()) } else { Act::Pass }
    };
    let (address, _) = between(Some(endpoint.address), act).await;
    let place = place(address);
    let _ = put(&endpoint, &place, 1000).await;
    let _ = put_verified(&endpoint, &place, 900).await;
    let ran = place.run("expire --yes");
    assert!(ran.code == Some(3) && ran.out.replace("\n    ", " ").contains("locks it until 2999-01-01"), "{ran:?}");
    assert_eq!(keys(&endpoint).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_hangs_stops_deletions_everywhere() {
    let (address, _) = between(None, |_| Act::Hang).await;
    let place = place(address);
    place.dump("local", 900);
    place.verified("local", 1);
    let ran = place.run("expire local --yes");
    assert!(ran.code == Some(4) && ran.err.contains("offsite"), "{ran:?}");
    assert_eq!(place.files("local").len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_counts_from_the_moment_it_is_put() {
    let endpoint = Endpoint::start().await;
    let folder = Arc::new(OnceLock::<PathBuf>::new());
    let holds = Arc::clone(&folder);
    // Somebody holds while the first recovery point goes.
    let act = move |head: &Head| {
        if head.is("DELETE", ".dump") {
            let hold = r#"{"lifeboat":1,"by":"ops","since":"2024-11-18T02:00:00Z","why":"breach"}"#;
            let folder = holds.get().unwrap();
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(folder.join("hold.json"), hold).unwrap();
        }
        Act::Pass
    };
    let (address, _) = between(Some(endpoint.address), act).await;
    let place = place(address);
    folder.set(place.home.path().join("second/.lifeboat")).unwrap();
    for hours in [1300, 1200, 1100, 1000] {
        put(&endpoint, &place, hours).await;
    }
    put_verified(&endpoint, &place, 900).await;
    let ran = place.run("expire --yes");
    let told = format!("{} {}", ran.out, ran.err).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(ran.code != Some(0) && told.contains("breach"), "{ran:?}");
    assert_eq!(keys(&endpoint).await.len(), 5, "one of four went");
    assert_eq!(place.journal().iter().filter(|kind| *kind == "expire.removed").count(), 1);
}
