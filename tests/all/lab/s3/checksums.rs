//! Bytes that are not what was announced are refused, and nothing of them stays.

use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};

use super::{Endpoint, client, code, proxy, read};

const BODY: &[u8] = b"the bytes that were meant";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_checksum_stores_nothing() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let put = || client.put_object().bucket("store").key("x").body(BODY.to_vec().into());
    let wrong = [
        put().checksum_crc32("AAAAAA=="),
        put().checksum_crc32_c("AAAAAA=="),
        put().checksum_crc64_nvme("AAAAAAAAAAA="),
        put().checksum_sha1("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        put().checksum_sha256("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        put().content_md5("AAAAAAAAAAAAAAAAAAAAAA=="),
    ];
    for one in wrong {
        assert_eq!(code(one.send().await), "BadDigest");
        assert_eq!(code(client.get_object().bucket("store").key("x").send().await), "NoSuchKey");
        assert_eq!(endpoint.files("store"), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn true_checksums_are_kept_and_told() {
    let mut endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let all = [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ];
    for algorithm in &all {
        let put = client.put_object().bucket("store").key(algorithm.as_str()).checksum_algorithm(algorithm.clone());
        put.body(BODY.to_vec().into()).send().await.unwrap();
    }
    endpoint.restart().await;
    let client = endpoint.client();
    for algorithm in &all {
        let head = client.head_object().bucket("store").key(algorithm.as_str()).checksum_mode(ChecksumMode::Enabled);
        let head = head.send().await.unwrap();
        let told = [
            head.checksum_crc32(),
            head.checksum_crc32_c(),
            head.checksum_crc64_nvme(),
            head.checksum_sha1(),
            head.checksum_sha256(),
        ];
        let at = all.iter().position(|one| one == algorithm).unwrap();
        assert!(told[at].is_some() && told.iter().flatten().count() == 1, "{algorithm:?} {told:?}");
    }
}

/// The client sends the checksum behind the bytes (aws-chunked); the proxy spoils a byte on the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_trailing_checksum_finds_a_spoiled_byte() {
    let endpoint = Endpoint::start().await;
    let url = proxy::spoiling(endpoint.address, b"meant", b"ment!").await;
    let client = client(&url, RequestChecksumCalculation::WhenSupported);
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc64Nvme, ChecksumAlgorithm::Sha256] {
        let body = aws_sdk_s3::primitives::ByteStream::from(BODY.to_vec());
        let put = client.put_object().bucket("store").key("x").checksum_algorithm(algorithm).body(body);
        let refused = code(put.send().await);
        assert!(["BadDigest", "XAmzContentSHA256Mismatch"].contains(&refused.as_str()), "{refused}");
        assert_eq!(endpoint.files("store"), 0);
    }
    let direct = endpoint.client();
    let put = direct.put_object().bucket("store").key("x").body(BODY.to_vec().into());
    put.send().await.unwrap();
    assert_eq!(read(&direct, "store", "x").await, BODY);
}

/// The client signs the hash of the body and sends no other checksum.
#[tokio::test(flavor = "multi_thread")]
async fn a_signed_payload_finds_a_spoiled_byte() {
    let endpoint = Endpoint::start().await;
    let url = proxy::spoiling(endpoint.address, b"meant", b"ment!").await;
    let client = client(&url, RequestChecksumCalculation::WhenRequired);
    let put = client.put_object().bucket("store").key("x").body(BODY.to_vec().into());
    assert_eq!(code(put.send().await), "XAmzContentSHA256Mismatch");
    assert_eq!(code(endpoint.client().get_object().bucket("store").key("x").send().await), "NoSuchKey");
    assert_eq!(endpoint.files("store"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_overwrite_leaves_the_old_object() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    client.put_object().bucket("store").key("x").body(BODY.to_vec().into()).send().await.unwrap();
    let put = client.put_object().bucket("store").key("x").checksum_crc32("AAAAAA==").body(b"other".to_vec().into());
    assert_eq!(code(put.send().await), "BadDigest");
    assert_eq!(read(&client, "store", "x").await, BODY);
    assert_eq!(endpoint.files("store"), 1);
}
