//! Archive classes: frozen, asked for, thawed.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{RestoreRequest, StorageClass};
use lifeboat::lab::s3::Settings;
use lifeboat::text::Span;

use super::{Endpoint, code, read, set, until};

async fn restore(client: &Client, key: &str) -> Result<u16, String> {
    let request = RestoreRequest::builder().days(2).build();
    match client.restore_object().bucket("store").key(key).restore_request(request).send().await {
        Ok(_) => Ok(202),
        error => Err(code(error)),
    }
}

async fn told(client: &Client, key: &str) -> Option<String> {
    let head = client.head_object().bucket("store").key(key).send().await.unwrap();
    head.restore().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_object_can_be_read_only_after_its_thaw() {
    let mut endpoint = Endpoint::start().await;
    let client = endpoint.client();
    set(&endpoint, &Settings { thaw: Span::from_secs(2), ..Settings::default() });
    for class in [StorageClass::Glacier, StorageClass::DeepArchive] {
        let key = class.as_str().to_owned();
        let put = client.put_object().bucket("store").key(&key).storage_class(class.clone());
        put.body(b"old".to_vec().into()).send().await.unwrap();
        assert_eq!(code(client.get_object().bucket("store").key(&key).send().await), "InvalidObjectState");
        let head = client.head_object().bucket("store").key(&key).send().await.unwrap();
        assert_eq!((head.storage_class(), head.restore()), (Some(&class), None));
        let copy = client.copy_object().bucket("store").key("copy").copy_source(format!("store/{key}")).send().await;
        assert_eq!(code(copy), "ObjectNotInActiveTierError");
        assert_eq!(restore(&client, &key).await, Ok(202));
        assert_eq!(restore(&client, &key).await, Err("RestoreAlreadyInProgress".to_owned()));
        assert_eq!(told(&client, &key).await.as_deref(), Some("ongoing-request=\"true\""));
        assert_eq!(code(client.get_object().bucket("store").key(&key).send().await), "InvalidObjectState");
    }
    endpoint.restart().await;
    let client = endpoint.client();
    for key in ["GLACIER", "DEEP_ARCHIVE"] {
        until("the thaw", || async { told(&client, key).await.is_some_and(|told| told.contains("\"false\"")) }).await;
        assert!(told(&client, key).await.unwrap().contains("expiry-date=\""));
        assert_eq!(read(&client, "store", key).await, b"old");
    }
    let listed = client.list_objects_v2().bucket("store").send().await.unwrap();
    assert_eq!(listed.contents()[0].storage_class().unwrap().as_str(), "DEEP_ARCHIVE");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_classes_are_kept_and_read_at_once() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client();
    for class in [StorageClass::StandardIa, StorageClass::GlacierIr] {
        let put = client.put_object().bucket("store").key(class.as_str()).storage_class(class.clone());
        put.body(b"x".to_vec().into()).send().await.unwrap();
        assert_eq!(read(&client, "store", class.as_str()).await, b"x");
        let head = client.head_object().bucket("store").key(class.as_str()).send().await.unwrap();
        assert_eq!(head.storage_class(), Some(&class));
        assert_eq!(restore(&client, class.as_str()).await, Err("InvalidObjectState".to_owned()));
    }
}
