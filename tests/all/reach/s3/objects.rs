//! Objects of the real endpoint: written, looked at, read, listed, removed.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule};
use aws_sdk_s3::types::{LifecycleRuleFilter, Transition, TransitionStorageClass};
use bytes::Bytes;
use lifeboat::lab::s3::Settings as LabSettings;
use lifeboat::reach::s3::{Options, Removed, Thaw, Trouble};
use lifeboat::text::Size;

use super::{all, noise, open, open_with, quick};
use crate::lab::s3::{Endpoint, bucket, set};

const ODD: [&str; 8] = [
    "a b/c+d=e&f",
    "ä/ö/ü",
    "a//b",
    "-._~!$'()*,;:@",
    "%41%zz",
    "tab\tline\nend",
    "<Key>&amp;",
    "postgres/2024/.dump.gz",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_read_whatever_its_name() {
    let endpoint = Endpoint::start().await;
    let store = open_with(endpoint.address, "prefix = \"/of/ours/\"", quick()).await;
    for (number, key) in ODD.into_iter().enumerate() {
        let body = noise(number * 50_000);
        let written = store.put(key, body.clone(), &Options::default()).await.unwrap();
        assert_eq!(store.head(key).await.unwrap().etag, Some(written.etag), "{key}");
        assert_eq!(all(store.get(key, ..).await).await.unwrap(), body, "{key}");
    }
    // Others of the bucket are not the store's.
    endpoint.client().put_object().bucket("store").key("other").body(vec![1].into()).send().await.unwrap();
    let listed = store.list("", 1_000).await.unwrap();
    let keys: BTreeSet<&str> = listed.entries.iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(keys, ODD.into_iter().collect());
    assert!(!listed.is_cut && listed.entries.iter().any(|entry| entry.size == 350_000));
    assert_eq!(store.list("a", 1_000).await.unwrap().entries.len(), 2);
    let whole = open(endpoint.address).await.list("", 1_000).await.unwrap();
    assert!(whole.entries.iter().any(|entry| entry.key == "of/ours/a//b"), "{whole:?}");
    for key in ODD {
        assert_eq!(store.delete(key).await.unwrap(), Removed::Gone, "{key}");
        store.delete(key).await.unwrap();
        assert!(store.head(key).await.unwrap_err().is_not_found());
        assert!(store.get(key, ..).await.err().unwrap().is_not_found());
    }
    assert!(store.list("", 1_000).await.unwrap().entries.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_those_that_were_asked_for() {
    let endpoint = Endpoint::start().await;
    let store = open(endpoint.address).await;
    let body = noise(200_000);
    store.put("k", body.clone(), &Options::default()).await.unwrap();
    assert_eq!(all(store.get("k", 0..1).await).await.unwrap(), body[..1]);
    assert_eq!(all(store.get("k", 7..=100_000).await).await.unwrap(), body[7..=100_000]);
    assert_eq!(all(store.get("k", 199_990..).await).await.unwrap(), body[199_990..]);
    // A range may reach beyond the end.
    assert_eq!(all(store.get("k", 199_999..900_000).await).await.unwrap(), body[199_999..]);
    assert_eq!(store.get("k", 5..9).await.unwrap().about.size, 200_000);
    assert!(matches!(store.get("k", 5..5).await.err().unwrap().trouble(), Trouble::BadRequest(_)));
    assert!(matches!(store.get("k", 200_000..).await.err().unwrap().trouble(), Trouble::Refused { status: 416, .. }));
    store.put("empty", Bytes::new(), &Options::default()).await.unwrap();
    assert_eq!(all(store.get("empty", ..).await).await.unwrap(), b"");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_an_object_is_found_again() {
    let endpoint = Endpoint::start().await;
    let more = "storage_class = \"STANDARD_IA\"\nencryption = \"AES-256 with KMS\"";
    let store = open_with(endpoint.address, more, quick()).await;
    let metadata = vec![("sha256".to_owned(), "abc".to_owned()), ("made-by".to_owned(), "a person (me)".to_owned())];
    let options = Options { metadata, content_type: Some("application/json".to_owned()), in_class: true };
    store.put("k", Bytes::from_static(b"{}"), &options).await.unwrap();
    let about = store.head("k").await.unwrap();
    assert_eq!((about.size, about.class.as_deref(), about.thaw), (2, Some("STANDARD_IA"), Thaw::NotNeeded));
    assert_eq!((about.metadata["sha256"].as_str(), about.metadata["made-by"].as_str()), ("abc", "a person (me)"));
    let head = endpoint.client().head_object().bucket("store").key("k").send().await.unwrap();
    assert_eq!(head.content_type(), Some("application/json"));
    assert_eq!(head.server_side_encryption().unwrap().as_str(), "aws:kms");
    // What is small and read often does not lie there.
    store.put("receipt", Bytes::new(), &Options::default()).await.unwrap();
    assert_eq!(store.head("receipt").await.unwrap().class, None);
    let odd = Options { metadata: vec![("a".to_owned(), "b\r\nc".to_owned())], ..Options::default() };
    assert!(matches!(store.put("k", Bytes::new(), &odd).await.unwrap_err().trouble(), Trouble::BadRequest(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_versions_are_kept_what_is_removed_is_covered() {
    let endpoint = Endpoint::with("us-east-1", vec![bucket("store", true)], Vec::new()).await;
    let store = open(endpoint.address).await;
    let options = Options::default();
    store.put("k", Bytes::from_static(b"old"), &options).await.unwrap();
    assert_eq!(all(store.get("k", ..).await).await.unwrap(), b"old");
    assert_eq!(store.delete("k").await.unwrap(), Removed::Covered);
    assert!(store.head("k").await.unwrap_err().is_not_found());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_says_so_at_once() {
    let endpoint = Endpoint::start().await;
    set(&endpoint, &LabSettings { quota: Some(Size(100_000)), ..LabSettings::default() });
    let store = open(endpoint.address).await;
    let error = store.put("k", noise(200_000), &Options::default()).await.unwrap_err();
    assert_eq!((error.trouble(), error.is_unsure()), (&Trouble::Full, false));
    assert_eq!(error.to_string(), "cannot write s3://store/k: the store is full");
    assert!(store.list("", 10).await.unwrap().entries.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lifecycle_of_a_bucket_is_known() {
    let endpoint = Endpoint::start().await;
    let store = open(endpoint.address).await;
    assert!(store.lifecycle().await.unwrap().is_empty());
    let move_to = Transition::builder().days(30).storage_class(TransitionStorageClass::Glacier).build();
    let rule = LifecycleRule::builder()
        .id("keep")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("postgres/").build())
        .expiration(LifecycleExpiration::builder().days(90).build())
        .transitions(move_to)
        .build()
        .unwrap();
    let rules = BucketLifecycleConfiguration::builder().rules(rule).build().unwrap();
    let client = endpoint.client();
    client.put_bucket_lifecycle_configuration().bucket("store").lifecycle_configuration(rules).send().await.unwrap();
    let rules = store.lifecycle().await.unwrap();
    let rule = &rules[0];
    assert_eq!((rule.id.as_str(), rule.prefix.as_str(), rule.is_on), ("keep", "postgres/", true), "{rules:?}");
    assert_eq!((rule.expires_after, &rule.moves[..]), (Some(90), &[(30, "GLACIER".to_owned())][..]));
}
