//! A store that is full, what is set for buckets, and a folder that somebody else serves.

use std::sync::Arc;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use lifeboat::lab::s3::{S3Error, Server, Settings, data_files};
use lifeboat::text::{Size, SystemClock};

use super::{Endpoint, code, options, read, set, write};

fn quota(endpoint: &Endpoint, bytes: Option<u64>) {
    set(endpoint, &Settings { quota: bytes.map(Size), ..Settings::default() });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_refuses_and_keeps_what_it_has() {
    let mut endpoint = Endpoint::start().await;
    let client = endpoint.client();
    write(&client, "store", "first", &[1; 600]).await;
    quota(&endpoint, Some(1_000));
    let put = |key: &str| client.put_object().bucket("store").key(key).body(vec![2; 600].into());
    let refused = put("second").send().await;
    assert_eq!(refused.as_ref().unwrap_err().raw_response().unwrap().status().as_u16(), 507);
    assert_eq!(code(refused), "XMinioStorageFull");
    assert_eq!(code(put("first").send().await), "XMinioStorageFull");
    assert_eq!(read(&client, "store", "first").await, [1; 600]);
    assert_eq!(endpoint.files("store"), 1);
    endpoint.restart().await;
    let client = endpoint.client();
    let put = |key: &str| client.put_object().bucket("store").key(key).body(vec![2; 600].into());
    assert_eq!(code(put("second").send().await), "XMinioStorageFull");
    client.delete_object().bucket("store").key("first").send().await.unwrap();
    put("second").send().await.unwrap();
    quota(&endpoint, None);
    put("third").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_for_a_bucket_stays() {
    let mut endpoint = Endpoint::start().await;
    let client = endpoint.client();
    let get = client.get_bucket_encryption().bucket("store");
    assert_eq!(code(get.send().await), "ServerSideEncryptionConfigurationNotFoundError");
    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::AwsKms);
    let default = default.kms_master_key_id("alias/backup").build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
    let config = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    client.put_bucket_encryption().bucket("store").server_side_encryption_configuration(config).send().await.unwrap();
    endpoint.restart().await;
    let client = endpoint.client();
    assert!(client.get_bucket_encryption().bucket("store").send().await.is_ok());
    write(&client, "store", "x", b"x").await;
    let head = client.head_object().bucket("store").key("x").send().await.unwrap();
    assert_eq!(head.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert_eq!(head.ssekms_key_id(), Some("alias/backup"));
    let told = client.head_bucket().bucket("store").send().await.unwrap();
    assert_eq!(told.bucket_region(), Some("us-east-1"));
    assert_eq!(code(client.delete_bucket().bucket("store").send().await), "BucketNotEmpty");
    assert_eq!(code(client.create_bucket().bucket("store").send().await), "BucketAlreadyOwnedByYou");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_of_many_makes_the_bucket_and_nothing_that_is_in_it_is_lost() {
    let endpoint = Endpoint::start().await;
    for round in 0..8 {
        let name = format!("made-{round}");
        let makers = (0..16).map(|number| {
            let (client, name) = (endpoint.client(), name.clone());
            tokio::spawn(async move {
                let made = client.create_bucket().bucket(&name).send().await;
                let key = format!("key-{number}");
                write(&client, &name, &key, b"x").await;
                made.map(|_| ()).map_err(|error| error.code().map(str::to_owned))
            })
        });
        let (name, client) = (&name, endpoint.client());
        let made = futures_util::future::join_all(makers).await.into_iter().map(Result::unwrap).collect::<Vec<_>>();
        assert_eq!(made.iter().filter(|one| one.is_ok()).count(), 1, "{made:?}");
        let others = made.into_iter().filter_map(Result::err);
        others.for_each(|code| assert_eq!(code.as_deref(), Some("BucketAlreadyOwnedByYou")));
        let listed = client.list_objects_v2().bucket(name).send().await.unwrap();
        assert_eq!(listed.contents().len(), 16, "what was written and acknowledged is gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_served_once() {
    let endpoint = Endpoint::start().await;
    let again = options(endpoint.folder.path(), "us-east-1", Vec::new(), Vec::new());
    let second = Server::bind(&again, Arc::new(SystemClock)).await;
    assert!(matches!(second.err(), Some(S3Error::Busy { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_of_an_object_can_be_found_and_damaged() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    write(&client, "store", "../x", b"whole").await;
    let files = data_files(&endpoint.directory(), "store", "../x").unwrap();
    assert_eq!(files.len(), 1);
    std::fs::write(&files[0], b"whol").unwrap();
    let cut = client.get_object().bucket("store").key("../x").send().await.unwrap();
    assert!(cut.body.collect().await.is_err());
    assert!(data_files(&endpoint.directory(), "store", "none").unwrap().is_empty());
}
