//! Versions, delete markers, and switching them on and off.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier, VersioningConfiguration};

use super::{Endpoint, code, read, write};

async fn set(client: &Client, status: BucketVersioningStatus) {
    let config = VersioningConfiguration::builder().status(status).build();
    client.put_bucket_versioning().bucket("store").versioning_configuration(config).send().await.unwrap();
}

async fn put(client: &Client, text: &str) -> Option<String> {
    let put = client.put_object().bucket("store").key("x").body(text.as_bytes().to_vec().into());
    put.send().await.unwrap().version_id().map(str::to_owned)
}

async fn version(client: &Client, id: &str) -> Vec<u8> {
    let get = client.get_object().bucket("store").key("x").version_id(id).send().await.unwrap();
    get.body.collect().await.unwrap().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_versions_are_kept() {
    let mut endpoint = Endpoint::start().await;
    let client = endpoint.client();
    assert_eq!(client.get_bucket_versioning().bucket("store").send().await.unwrap().status(), None);
    assert_eq!(put(&client, "zero").await, None);
    set(&client, BucketVersioningStatus::Enabled).await;
    let one = put(&client, "one").await.unwrap();
    let two = put(&client, "two").await.unwrap();
    let deleted = client.delete_object().bucket("store").key("x").send().await.unwrap();
    assert_eq!(deleted.delete_marker(), Some(true));
    let marker = deleted.version_id().unwrap().to_owned();
    endpoint.restart().await;
    let client = endpoint.client();
    assert_eq!(code(client.get_object().bucket("store").key("x").send().await), "NoSuchKey");
    let of_marker = client.get_object().bucket("store").key("x").version_id(&marker).send().await;
    assert_eq!(code(of_marker), "MethodNotAllowed");
    assert!(client.list_objects_v2().bucket("store").send().await.unwrap().contents().is_empty());
    let all = client.list_object_versions().bucket("store").send().await.unwrap();
    let ids: Vec<_> = all.versions().iter().map(|version| version.version_id().unwrap()).collect();
    assert_eq!(ids, [two.as_str(), one.as_str(), "null"]);
    assert_eq!(all.delete_markers()[0].version_id(), Some(marker.as_str()));
    assert_eq!(all.delete_markers()[0].is_latest(), Some(true));
    assert_eq!(version(&client, "null").await, b"zero");
    assert_eq!(version(&client, &one).await, b"one");
    client.delete_object().bucket("store").key("x").version_id(&marker).send().await.unwrap();
    assert_eq!(read(&client, "store", "x").await, b"two");
    client.delete_object().bucket("store").key("x").version_id(&two).send().await.unwrap();
    assert_eq!(read(&client, "store", "x").await, b"one");
    assert_eq!(endpoint.files("store"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_bucket_keeps_what_it_has() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    set(&client, BucketVersioningStatus::Enabled).await;
    let kept = put(&client, "kept").await.unwrap();
    set(&client, BucketVersioningStatus::Suspended).await;
    assert_eq!(put(&client, "a").await.as_deref(), Some("null"));
    assert_eq!(put(&client, "b").await.as_deref(), Some("null"));
    assert_eq!(endpoint.files("store"), 2);
    let deleted = client.delete_object().bucket("store").key("x").send().await.unwrap();
    assert_eq!((deleted.delete_marker(), deleted.version_id()), (Some(true), Some("null")));
    assert_eq!(endpoint.files("store"), 1);
    assert_eq!(version(&client, &kept).await, b"kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_versions_come_page_by_page_and_go_at_once() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    set(&client, BucketVersioningStatus::Enabled).await;
    for round in 0..3 {
        for key in ["a", "b", "c"] {
            write(&client, "store", key, format!("{round}").as_bytes()).await;
        }
    }
    let (mut seen, mut key, mut version) = (Vec::new(), None, None);
    loop {
        let list = client.list_object_versions().bucket("store").max_keys(2);
        let page = list.set_key_marker(key).set_version_id_marker(version).send().await.unwrap();
        seen.extend(
            page.versions().iter().map(|one| (one.key().unwrap().to_owned(), one.version_id().unwrap().to_owned())),
        );
        (key, version) = (page.next_key_marker().map(str::to_owned), page.next_version_id_marker().map(str::to_owned));
        if page.is_truncated() != Some(true) {
            break;
        }
    }
    assert_eq!(seen.iter().map(|(key, _)| key.as_str()).collect::<String>(), "aaabbbccc");
    let object = |(key, id): &(String, String)| ObjectIdentifier::builder().key(key).version_id(id).build().unwrap();
    let delete = Delete::builder().set_objects(Some(seen.iter().map(object).collect())).build().unwrap();
    let deleted = client.delete_objects().bucket("store").delete(delete).send().await.unwrap();
    assert_eq!((deleted.deleted().len(), deleted.errors().len()), (9, 0));
    assert_eq!(endpoint.files("store"), 0);
    client.delete_bucket().bucket("store").send().await.unwrap();
    assert!(client.list_buckets().send().await.unwrap().buckets().is_empty());
}
