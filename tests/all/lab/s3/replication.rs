//! Replication to another region: it waits for the other side, and is called done only when it is.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, ReplicationStatus};
use lifeboat::lab::s3::{BucketOptions, Peer};

use super::{Endpoint, bucket, options, read, until, write};

async fn status(client: &Client, name: &str, key: &str) -> Option<ReplicationStatus> {
    let head = client.head_object().bucket(name).key(key).send().await.unwrap();
    head.replication_status().cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_object_gets_to_the_other_region() {
    let mut far = Endpoint::with("us-west-2", vec![bucket("copy", true)], Vec::new()).await;
    let peer = Peer { bucket: "copy".to_owned(), endpoint: far.url(), region: "us-west-2".to_owned() };
    let from = BucketOptions { name: "prod".to_owned(), versioned: true, replicate_to: Some("copy".to_owned()) };
    let near = Endpoint::with("us-east-1", vec![from], vec![peer]).await;
    let (here, there) = (near.client(), far.client());
    let put = here.put_object().bucket("prod").key("a b/ü").metadata("who", "wé").storage_class("GLACIER".into());
    let first = put.body(b"one".to_vec().into()).send().await.unwrap();
    until("the copy", || async { status(&here, "prod", "a b/ü").await == Some(ReplicationStatus::Completed) }).await;
    let copy = there.head_object().bucket("copy").key("a b/ü").send().await.unwrap();
    assert_eq!(copy.replication_status(), Some(&ReplicationStatus::Replica));
    assert_eq!((copy.version_id(), copy.e_tag()), (first.version_id(), first.e_tag()));
    let original = here.head_object().bucket("prod").key("a b/ü").send().await.unwrap();
    assert_eq!((copy.metadata(), copy.last_modified()), (original.metadata(), original.last_modified()));
    assert_eq!(copy.storage_class().unwrap().as_str(), "GLACIER");

    let address = far.address;
    far.stop().await;
    write(&here, "prod", "later", b"two").await;
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(status(&here, "prod", "later").await, Some(ReplicationStatus::Pending));
    let mut again = options(far.folder.path(), "us-west-2", Vec::new(), Vec::new());
    again.listen = address;
    far.run(again).await;
    until("the late copy", || async { status(&here, "prod", "later").await == Some(ReplicationStatus::Completed) })
        .await;
    assert_eq!(read(&far.client(), "copy", "later").await, b"two");
}

/// What was written while the other side was away, and before this side was started again, comes in its order.
#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_is_the_newest_at_the_other_side_too() {
    let mut far = Endpoint::with("us-west-2", vec![bucket("copy", true)], Vec::new()).await;
    let peer = Peer { bucket: "copy".to_owned(), endpoint: far.url(), region: "us-west-2".to_owned() };
    let from = BucketOptions { name: "prod".to_owned(), versioned: true, replicate_to: Some("copy".to_owned()) };
    let mut near = Endpoint::with("us-east-1", vec![from], vec![peer.clone()]).await;
    let address = far.address;
    far.stop().await;
    let keys = ["a", "b", "c"];
    for version in 1..=4 {
        for key in keys {
            write(&near.client(), "prod", key, format!("v{version}").as_bytes()).await;
        }
    }
    near.stop().await;
    near.run(options(near.folder.path(), "us-east-1", Vec::new(), vec![peer])).await;
    write(&near.client(), "prod", "a", b"v5").await;
    let mut again = options(far.folder.path(), "us-west-2", Vec::new(), Vec::new());
    again.listen = address;
    far.run(again).await;
    let (here, there) = (near.client(), far.client());
    let all_there = || async {
        let listed = here.list_object_versions().bucket("prod").send().await.unwrap();
        let mut arrived = 0;
        for version in listed.versions() {
            let head = here.head_object().bucket("prod").key(version.key().unwrap());
            let head = head.version_id(version.version_id().unwrap()).send().await.unwrap();
            arrived += usize::from(head.replication_status() == Some(&ReplicationStatus::Completed));
        }
        arrived == 13
    };
    until("every copy", all_there).await;
    let order = async |client: &Client, name: &str| {
        let listed = client.list_object_versions().bucket(name).send().await.unwrap();
        let of = |version: &aws_sdk_s3::types::ObjectVersion| {
            (version.key().unwrap().to_owned(), version.version_id().unwrap().to_owned())
        };
        listed.versions().iter().map(of).collect::<Vec<_>>()
    };
    let originals = order(&here, "prod").await;
    assert_eq!(order(&there, "copy").await, originals);
    assert_eq!(read(&there, "copy", "a").await, b"v5");
    assert_eq!(read(&there, "copy", "b").await, b"v4");
    far.stop().await;
    let mut again = options(far.folder.path(), "us-west-2", Vec::new(), Vec::new());
    again.listen = address;
    far.run(again).await;
    assert_eq!(order(&far.client(), "copy").await, originals, "and after a restart");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_parts_keeps_its_etag() {
    let far = Endpoint::with("us-west-2", vec![bucket("copy", true)], Vec::new()).await;
    let peer = Peer { bucket: "copy".to_owned(), endpoint: far.url(), region: "us-west-2".to_owned() };
    let from = BucketOptions { name: "prod".to_owned(), versioned: false, replicate_to: Some("copy".to_owned()) };
    let near = Endpoint::with("us-east-1", vec![from], vec![peer]).await;
    let here = near.client();
    let begun = here.create_multipart_upload().bucket("prod").key("big").send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let mut parts = Vec::new();
    for (number, body) in [(1, vec![1_u8; 5 << 20]), (2, vec![2; 1_000])] {
        let part = here.upload_part().bucket("prod").key("big").upload_id(id).part_number(number).body(body.into());
        let part = part.send().await.unwrap();
        let named = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
        parts.push(named.set_checksum_crc32(part.checksum_crc32).build());
    }
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let done = here.complete_multipart_upload().bucket("prod").key("big").upload_id(id).multipart_upload(parts);
    let done = done.send().await.unwrap();
    until("the copy", || async { status(&here, "prod", "big").await == Some(ReplicationStatus::Completed) }).await;
    let copy = far.client().head_object().bucket("copy").key("big").send().await.unwrap();
    assert_eq!((copy.e_tag(), copy.version_id()), (done.e_tag(), done.version_id()));
    assert_eq!(copy.content_length(), Some((5 << 20) + 1_000));
}
