//! Uploads in parts.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart};

use super::{Endpoint, code};

const PART: usize = 5 << 20;

fn bytes(part: i32, length: usize) -> Vec<u8> {
    (0..length).map(|at| u8::try_from((at * 7 + usize::try_from(part).unwrap() * 31) % 251).unwrap()).collect()
}

async fn begin(client: &Client, key: &str) -> String {
    let begun = client.create_multipart_upload().bucket("store").key(key).storage_class("STANDARD_IA".into());
    begun.send().await.unwrap().upload_id().unwrap().to_owned()
}

async fn part(client: &Client, key: &str, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let part = client.upload_part().bucket("store").key(key).upload_id(id).part_number(number).body(body.into());
    let part = part.send().await.unwrap();
    CompletedPart::builder()
        .part_number(number)
        .set_e_tag(part.e_tag)
        .set_checksum_crc32(part.checksum_crc32)
        .set_checksum_sha256(part.checksum_sha256)
        .set_checksum_crc64_nvme(part.checksum_crc64_nvme)
        .build()
}

async fn complete(client: &Client, key: &str, id: &str, parts: Vec<CompletedPart>) -> Result<String, String> {
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let complete = client.complete_multipart_upload().bucket("store").key(key).upload_id(id).multipart_upload(parts);
    match complete.send().await {
        Ok(done) => Ok(done.e_tag().unwrap().to_owned()),
        error => Err(code(error)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_become_one_object() {
    let mut endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let id = begin(&client, "big").await;
    part(&client, "big", &id, 1, b"will be sent again".to_vec()).await;
    let unused = part(&client, "big", &id, 9, b"never named".to_vec()).await;
    assert_eq!(unused.part_number(), Some(9));
    endpoint.restart().await;
    let client = endpoint.client();
    let parts = vec![
        part(&client, "big", &id, 1, bytes(1, PART)).await,
        part(&client, "big", &id, 3, bytes(3, PART + 1)).await,
        part(&client, "big", &id, 4, bytes(4, 100)).await,
    ];
    let listed = client.list_parts().bucket("store").key("big").upload_id(&id).send().await.unwrap();
    assert_eq!(listed.parts().iter().map(|part| part.part_number().unwrap()).collect::<Vec<_>>(), [1, 3, 4, 9]);
    let under_way = client.list_multipart_uploads().bucket("store").send().await.unwrap();
    assert_eq!(under_way.uploads()[0].upload_id(), Some(id.as_str()));
    assert_eq!(code(client.head_object().bucket("store").key("big").send().await), "NotFound");
    let etag = complete(&client, "big", &id, parts).await.unwrap();
    assert!(etag.ends_with("-3\""), "{etag}");
    let whole = [bytes(1, PART), bytes(3, PART + 1), bytes(4, 100)].concat();
    endpoint.restart().await;
    let client = endpoint.client();
    assert!(super::read(&client, "store", "big").await == whole);
    let around = client.get_object().bucket("store").key("big").range(format!("bytes={}-{}", PART - 2, PART + 1));
    let around = around.send().await.unwrap().body.collect().await.unwrap().to_vec();
    assert_eq!(around, whole[PART - 2..PART + 2]);
    let second = client.get_object().bucket("store").key("big").part_number(2).send().await.unwrap();
    assert_eq!((second.parts_count(), second.content_length()), (Some(3), Some(i64::try_from(PART + 1).unwrap())));
    let head = client.head_object().bucket("store").key("big").send().await.unwrap();
    assert_eq!(head.storage_class().unwrap().as_str(), "STANDARD_IA");
    assert_eq!(endpoint.files("store"), 3);
    assert_eq!(code(client.list_parts().bucket("store").key("big").upload_id(&id).send().await), "NoSuchUpload");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_completion_changes_nothing() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let id = begin(&client, "big").await;
    let first = part(&client, "big", &id, 1, b"too small".to_vec()).await;
    let last = part(&client, "big", &id, 2, b"last".to_vec()).await;
    let tries = [
        (vec![first.clone(), last.clone()], "EntityTooSmall"),
        (vec![last.clone(), first.clone()], "InvalidPartOrder"),
        (vec![CompletedPart::builder().part_number(7).e_tag("\"00\"").build()], "InvalidPart"),
        (vec![CompletedPart::builder().part_number(1).e_tag("\"00\"").build()], "InvalidPart"),
    ];
    for (parts, why) in tries {
        assert_eq!(complete(&client, "big", &id, parts).await, Err(why.to_owned()));
        assert_eq!(code(client.head_object().bucket("store").key("big").send().await), "NotFound");
    }
    complete(&client, "big", &id, vec![last]).await.unwrap();
    assert_eq!(super::read(&client, "store", "big").await, b"last");
    assert_eq!(endpoint.files("store"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_gone() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let id = begin(&client, "big").await;
    let one = part(&client, "big", &id, 1, b"some".to_vec()).await;
    client.abort_multipart_upload().bucket("store").key("big").upload_id(&id).send().await.unwrap();
    assert_eq!(complete(&client, "big", &id, vec![one]).await, Err("NoSuchUpload".to_owned()));
    assert_eq!(endpoint.files("store"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn checksums_of_parts_are_combined_as_documented() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    for (algorithm, kind, ending) in [
        (ChecksumAlgorithm::Sha256, ChecksumType::Composite, "-2"),
        (ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject, "="),
    ] {
        let begun = client.create_multipart_upload().bucket("store").key("x").checksum_algorithm(algorithm.clone());
        let id = begun.checksum_type(kind.clone()).send().await.unwrap().upload_id().unwrap().to_owned();
        let mut parts = Vec::new();
        for (number, body) in [(1, bytes(1, PART)), (2, bytes(2, 10))] {
            let part = client.upload_part().bucket("store").key("x").upload_id(&id).part_number(number);
            let part = part.checksum_algorithm(algorithm.clone()).body(body.into()).send().await.unwrap();
            let sums = (part.checksum_sha256, part.checksum_crc64_nvme);
            assert!(sums.0.is_some() || sums.1.is_some());
            let named = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
            parts.push(named.set_checksum_sha256(sums.0).set_checksum_crc64_nvme(sums.1).build());
        }
        let spoiled = client.complete_multipart_upload().bucket("store").key("x").upload_id(&id);
        let spoiled = match algorithm {
            ChecksumAlgorithm::Sha256 => spoiled.checksum_sha256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            _ => spoiled.checksum_crc64_nvme("AAAAAAAAAAA="),
        };
        let list = CompletedMultipartUpload::builder().set_parts(Some(parts.clone())).build();
        assert_eq!(code(spoiled.multipart_upload(list).send().await), "BadDigest");
        complete(&client, "x", &id, parts).await.unwrap();
        let head =
            client.head_object().bucket("store").key("x").checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
        let sum = head.checksum_sha256().or(head.checksum_crc64_nvme()).unwrap();
        assert!(sum.ends_with(ending), "{sum}");
        assert_eq!(head.checksum_type(), Some(&kind));
    }
}
