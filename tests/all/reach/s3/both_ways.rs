//! What we write is read by the client that everybody uses, and the other way round.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, CompletedMultipartUpload, CompletedPart};
use lifeboat::reach::s3::{Options, Upload};

use super::{all, noise, open};
use crate::lab::s3::{Endpoint, read};

const MIB: usize = 1 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn objects_go_both_ways() {
    let endpoint = Endpoint::start().await;
    let (store, client) = (open(endpoint.address).await, endpoint.client());
    let body = noise(300_000);
    store.put("ours", body.clone(), &Options::default()).await.unwrap();
    let got =
        client.get_object().bucket("store").key("ours").checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
    assert!(got.checksum_crc32_c().is_some());
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), body);
    client.put_object().bucket("store").key("theirs").body(ByteStream::from(body.clone())).send().await.unwrap();
    assert_eq!(all(store.get("theirs", ..).await).await.unwrap(), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_in_parts_go_both_ways() {
    let endpoint = Endpoint::start().await;
    let (store, client) = (open(endpoint.address).await, endpoint.client());
    let (first, second) = (noise(5 * MIB), noise(70_000));
    let upload = Upload::begin(&store, "ours", &Options::default()).await.unwrap();
    let parts = [upload.part(1, first.clone()).await.unwrap(), upload.part(2, second.clone()).await.unwrap()];
    upload.complete(&parts, false).await.unwrap();
    let both = [first.clone(), second.clone()].concat();
    assert_eq!(read(&client, "store", "ours").await, both);

    let begun = client.create_multipart_upload().bucket("store").key("theirs");
    let begun = begun.checksum_algorithm(ChecksumAlgorithm::Crc32C).send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let mut done = CompletedMultipartUpload::builder();
    for (number, body) in [(1, first), (2, second)] {
        let part = client.upload_part().bucket("store").key("theirs").upload_id(id).part_number(number);
        let part =
            part.checksum_algorithm(ChecksumAlgorithm::Crc32C).body(ByteStream::from(body)).send().await.unwrap();
        let named = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build();
        done = done.parts(named);
    }
    let complete = client.complete_multipart_upload().bucket("store").key("theirs").upload_id(id);
    complete.multipart_upload(done.build()).send().await.unwrap();
    assert_eq!(all(store.get("theirs", ..).await).await.unwrap(), both);
    assert_eq!(all(store.get("theirs", 5 * MIB as u64 - 1..).await).await.unwrap(), both[5 * MIB - 1..]);
}
