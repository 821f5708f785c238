//! Objects: what is written is read again, whatever the key; who may; and how they are listed.

use aws_sdk_s3::config::RequestChecksumCalculation;

use super::{Endpoint, SECRET, client_of, code, read, write};

#[tokio::test(flavor = "multi_thread")]
async fn any_key_holds_what_was_written() {
    let mut endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let long = "k".repeat(1024);
    let keys =
        ["plain", "a/b/c", "../../../etc/passwd", "a/../../b", "with space+plus%41", "línea\tñ🦀", "a//b", "/a", &long];
    for key in keys {
        let put = client.put_object().bucket("store").key(key).metadata("who", "some one").content_type("text/x-key");
        put.body(key.as_bytes().to_vec().into()).send().await.unwrap();
    }
    endpoint.restart().await;
    let client = endpoint.client();
    for key in keys {
        assert_eq!(read(&client, "store", key).await, key.as_bytes(), "{key}");
        let head = client.head_object().bucket("store").key(key).send().await.unwrap();
        assert_eq!(head.content_length(), Some(i64::try_from(key.len()).unwrap()));
        assert_eq!(head.content_type(), Some("text/x-key"));
        assert_eq!(head.metadata().unwrap()["who"], "some one");
    }
    let outside: Vec<_> =
        std::fs::read_dir(endpoint.folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(outside.len(), 2, "{outside:?}");
    let mut listed: Vec<String> = Vec::new();
    let mut pages = client.list_objects_v2().bucket("store").max_keys(4).into_paginator().send();
    while let Some(page) = pages.next().await {
        listed.extend(page.unwrap().contents().iter().map(|object| object.key().unwrap().to_owned()));
    }
    let mut expected: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    expected.sort();
    assert_eq!(listed, expected);
    for key in keys {
        client.delete_object().bucket("store").key(key).send().await.unwrap();
    }
    assert_eq!(endpoint.files("store"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_rolls_names_up() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    for key in ["2024/11/a", "2024/11/b", "2024/12/a", "latest", "wal/1"] {
        write(&client, "store", key, b"x").await;
    }
    let list = client.list_objects_v2().bucket("store").delimiter("/");
    let page = list.clone().send().await.unwrap();
    let prefixes: Vec<_> = page.common_prefixes().iter().map(|one| one.prefix().unwrap()).collect();
    assert_eq!(prefixes, ["2024/", "wal/"]);
    assert_eq!(page.contents()[0].key(), Some("latest"));
    let page = list.clone().prefix("2024/").send().await.unwrap();
    let prefixes: Vec<_> = page.common_prefixes().iter().map(|one| one.prefix().unwrap()).collect();
    assert_eq!(prefixes, ["2024/11/", "2024/12/"]);
    let first = list.clone().max_keys(1).send().await.unwrap();
    assert_eq!((first.is_truncated(), first.key_count()), (Some(true), Some(1)));
    let next = list.continuation_token(first.next_continuation_token().unwrap()).max_keys(1).send().await.unwrap();
    assert_eq!(next.contents()[0].key(), Some("latest"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_an_object_can_be_read() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    write(&client, "store", "digits", b"0123456789").await;
    for (range, expected, told) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        let part = client.get_object().bucket("store").key("digits").range(range).send().await.unwrap();
        assert_eq!(part.content_range(), Some(told));
        assert_eq!(part.body.collect().await.unwrap().to_vec(), expected.as_bytes());
    }
    let beyond = client.get_object().bucket("store").key("digits").range("bytes=10-").send().await;
    assert_eq!(code(beyond), "InvalidRange");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_one_who_knows_the_secret_gets_in() {
    let endpoint = Endpoint::start().await;
    let stranger = client_of(&endpoint.url(), "another secret", RequestChecksumCalculation::WhenSupported);
    assert_eq!(code(stranger.list_buckets().send().await), "SignatureDoesNotMatch");
    let put = stranger.put_object().bucket("store").key("x").body(b"x".to_vec().into());
    assert_eq!(code(put.send().await), "SignatureDoesNotMatch");
    let answer = reqwest::get(format!("{}/store", endpoint.url())).await.unwrap();
    assert_eq!(answer.status().as_u16(), 403);
    assert!(!answer.text().await.unwrap().contains(SECRET));
    assert_eq!(endpoint.files("store"), 0);
    let client = endpoint.client();
    assert_eq!(code(client.head_object().bucket("none").key("x").send().await), "NotFound");
    assert_eq!(code(client.get_object().bucket("none").key("x").send().await), "NoSuchBucket");
    assert_eq!(code(client.get_object().bucket("store").key("x").send().await), "NoSuchKey");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_like_its_original() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let put = client.put_object().bucket("store").key("a b").metadata("who", "me").content_type("text/plain");
    put.body(b"hello".to_vec().into()).send().await.unwrap();
    let copy =
        client.copy_object().bucket("store").key("copy").copy_source("store/a%20b").storage_class("STANDARD_IA".into());
    copy.send().await.unwrap();
    assert_eq!(read(&client, "store", "copy").await, b"hello");
    let head = client.head_object().bucket("store").key("copy").send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["who"], "me");
    assert_eq!(head.content_type(), Some("text/plain"));
    assert_eq!(head.storage_class().unwrap().as_str(), "STANDARD_IA");
}
