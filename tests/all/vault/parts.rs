//! A bucket takes ten thousand parts: those of what is large grow, and what is larger than all of them is refused.
//! The limit is lowered here.

use std::net::SocketAddr;

use bytes::Bytes;
use lifeboat::plan::types::Store;
use lifeboat::reach::s3::PartSizes;
use lifeboat::reach::{Secret, Secrets};
use lifeboat::text::Redactor;
use lifeboat::vault::{Chunk, Media, MediaError, Sending};
use tokio::sync::mpsc::channel;

use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET, read};

pub const MIB: u64 = 1 << 20;

/// The bucket `store` of an endpoint.
pub async fn media(address: SocketAddr, sending: Sending) -> Media {
    let text = format!(
        "name = 'offsite'\nkind = 's3'\nbucket = 'store'\nendpoint = 'http://{address}'\n\
         access_key = 'env:ACCESS'\nsecret_key = 'env:SECRET'\n"
    );
    let store: Store = toml::from_str(&text).unwrap();
    let secrets = Secrets::new(&Redactor::new());
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec()).unwrap();
    secrets.learn("env:ACCESS".parse().unwrap(), secret(ACCESS_KEY));
    secrets.learn("env:SECRET".parse().unwrap(), secret(SECRET));
    let Media::Bucket(bucket, _) = Media::open(&store, &secrets).await.unwrap() else { panic!() };
    Media::Bucket(bucket, sending)
}

/// Parts that are so large at first.
pub fn sizes(first: u64, most_parts: u32) -> PartSizes {
    PartSizes { first, most_parts, ..PartSizes::default() }
}

/// So many bytes that do not repeat.
pub fn noise(length: u64) -> Vec<u8> {
    (0..length).map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0]).collect()
}

/// Writes so many bytes, in pieces that fit no part.
pub async fn write(media: Media, key: &str, bytes: &[u8]) -> Result<(), MediaError> {
    let (chunks, input) = channel(2);
    let pieces: Vec<Bytes> = bytes.chunks(777_777).map(Bytes::copy_from_slice).collect();
    let sending = tokio::spawn(async move {
        for piece in pieces {
            if chunks.send(Chunk::Bytes(piece)).await.is_err() {
                return;
            }
        }
        let _ = chunks.send(Chunk::End).await;
    });
    let staged = media.write(key.to_owned(), input).await;
    sending.await.unwrap();
    staged?.publish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_grow_and_what_is_too_large_is_refused() {
    let endpoint = Endpoint::start().await;
    let media = media(endpoint.address, Sending { sizes: sizes(5 * MIB, 3), ..Sending::default() }).await;
    let noise = noise(36 * MIB);
    // 5, 10 and 20 MiB are all that three parts hold.
    let fits = &noise[..usize::try_from(35 * MIB).unwrap()];
    write(media.clone(), "large", fits).await.unwrap();
    let client = endpoint.client();
    assert!(read(&client, "store", "large").await == fits);
    let part = |number| client.head_object().bucket("store").key("large").part_number(number).send();
    let mut sizes = Vec::new();
    for number in 1..=3 {
        sizes.push(part(number).await.unwrap().content_length().unwrap());
    }
    assert_eq!(sizes, [5, 10, 20].map(|size| size * i64::try_from(MIB).unwrap()));
    let error = write(media, "larger", &noise).await.unwrap_err();
    assert!(error.to_string().contains("larger than a bucket takes"), "{error}");
    assert!(client.head_object().bucket("store").key("larger").send().await.is_err());
    assert!(client.list_multipart_uploads().bucket("store").send().await.unwrap().uploads().is_empty());
}
