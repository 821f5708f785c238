//! Uploads in parts, to the real endpoint.

use futures_util::future::try_join_all;
use lifeboat::reach::s3::{Options, PartSizes, Ticket, Trouble, Upload};

use super::{all, noise, open, open_with, quick};
use crate::lab::s3::Endpoint;

const MIB: usize = 1 << 20;

fn options() -> Options {
    Options { metadata: vec![("sha256".to_owned(), "abc".to_owned())], in_class: true, ..Options::default() }
}

/// The uploads that were begun and not ended.
async fn under_way(endpoint: &Endpoint) -> Vec<String> {
    let listed = endpoint.client().list_multipart_uploads().bucket("store").send().await.unwrap();
    listed.uploads().iter().map(|upload| upload.upload_id().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_become_one_object() {
    let endpoint = Endpoint::start().await;
    let store = open_with(endpoint.address, "prefix = \"p\"\nstorage_class = \"STANDARD_IA\"", quick()).await;
    let body = noise(17 * MIB + 5);
    let upload = Upload::begin(&store, "deep/ä b.dump", &options()).await.unwrap();
    // As an upload of unknown length that may have four parts only: 5, 10 and what is left.
    let sizes = PartSizes { first: 5 << 20, most_parts: 4, ..PartSizes::default() };
    let (mut rest, mut sending) = (body.clone(), Vec::new());
    for number in 1.. {
        let size = usize::try_from(sizes.size(number).unwrap()).unwrap();
        sending.push(upload.part(number, rest.split_to(size.min(rest.len()))));
        if rest.is_empty() {
            break;
        }
    }
    let parts = try_join_all(sending).await.unwrap();
    assert_eq!(parts.iter().map(|part| part.size).collect::<Vec<_>>(), [5 << 20, 10 << 20, (2 << 20) + 5]);
    assert!(parts.iter().all(|part| part.checksum.is_some()));
    assert!(store.head("deep/ä b.dump").await.unwrap_err().is_not_found());
    let written = upload.complete(&parts, true).await.unwrap();
    let about = store.head("deep/ä b.dump").await.unwrap();
    assert_eq!((about.size, about.etag), (body.len() as u64, Some(written.etag)));
    assert_eq!((about.metadata["sha256"].as_str(), about.class.as_deref()), ("abc", Some("STANDARD_IA")));
    assert_eq!(all(store.get("deep/ä b.dump", ..).await).await.unwrap(), body);
    // Nothing existing is overwritten.
    let again = Upload::begin(&store, "deep/ä b.dump", &options()).await.unwrap();
    let part = again.part(1, noise(3)).await.unwrap();
    let error = again.complete(&[part], true).await.unwrap_err();
    assert_eq!((error.trouble(), error.is_unsure()), (&Trouble::NotMet, false));
    assert_eq!(store.head("deep/ä b.dump").await.unwrap().size, body.len() as u64);
    again.abandon().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_after_a_restart() {
    let endpoint = Endpoint::start().await;
    let ticket = {
        let store = open(endpoint.address).await;
        let upload = Upload::begin(&store, "k", &options()).await.unwrap();
        upload.part(1, noise(5 * MIB)).await.unwrap();
        upload.part(2, noise(9)).await.unwrap();
        upload.part(2, noise(5 * MIB + 1)).await.unwrap();
        serde_json::to_string(upload.ticket()).unwrap()
    };
    let store = open(endpoint.address).await;
    let ticket: Ticket = serde_json::from_str(&ticket).unwrap();
    assert_eq!(under_way(&endpoint).await, std::slice::from_ref(&ticket.id));
    let upload = Upload::resume(&store, ticket);
    let mut parts = upload.list_parts().await.unwrap();
    assert_eq!(
        parts.iter().map(|part| (part.number, part.size)).collect::<Vec<_>>(),
        [(1, 5 << 20), (2, (5 << 20) + 1)]
    );
    parts.insert(0, upload.part(3, noise(7)).await.unwrap());
    upload.complete(&parts, true).await.unwrap();
    let read = all(store.get("k", ..).await).await.unwrap();
    assert_eq!(read, [noise(5 * MIB), noise(5 * MIB + 1), noise(7)].concat());
    assert!(under_way(&endpoint).await.is_empty());
    assert_eq!(upload.list_parts().await.unwrap_err().trouble(), &Trouble::NoSuchUpload);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let endpoint = Endpoint::start().await;
    let store = open(endpoint.address).await;
    let upload = Upload::begin(&store, "k", &options()).await.unwrap();
    upload.part(1, noise(6 * MIB)).await.unwrap();
    upload.abandon().await.unwrap();
    upload.abandon().await.unwrap();
    assert_eq!(upload.part(2, noise(5)).await.unwrap_err().trouble(), &Trouble::NoSuchUpload);
    assert!(under_way(&endpoint).await.is_empty() && endpoint.files("store") == 0);
}
