//! A bucket takes ten thousand parts: those of what is large grow, and what is larger than all of them is refused.
//! The limit is lowered here.

use bytes::Bytes;
use lifeboat::plan::types::Store;
use lifeboat::reach::s3::PartSizes;
use lifeboat::reach::{Secret, Secrets};
use lifeboat::text::Redactor;
use lifeboat::vault::{Chunk, Media, MediaError, Sending};
use tokio::sync::mpsc::channel;

use crate::lab::s3::{ACCESS_KEY, Endpoint, SECRET, read};

const MIB: u64 = 1 << 20;

/// The bucket of the endpoint, that takes so many parts of 5 MiB at first.
async fn media(endpoint: &Endpoint, most_parts: u32) -> Media {
    let text = format!(
        "name = 'offsite'\nkind = 's3'\nbucket = 'store'\nendpoint = '{}'\n\
         access_key = 'env:ACCESS'\nsecret_key = 'env:SECRET'\n",
        endpoint.url()
    );
    let store: Store = toml::from_str(&text).unwrap();
    let secrets = Secrets::new(&Redactor::new());
    let secret = |text: &str| Secret::new(text.as_bytes().to_vec()).unwrap();
    secrets.learn("env:ACCESS".parse().unwrap(), secret(ACCESS_KEY));
    secrets.learn("env:SECRET".parse().unwrap(), secret(SECRET));
    let Media::Bucket(bucket, sending) = Media::open(&store, &secrets).await.unwrap() else { panic!() };
    let sizes = PartSizes { first: 5 * MIB, most_parts, ..PartSizes::default() };
    Media::Bucket(bucket, Sending { sizes, ..sending })
}

/// Writes so many bytes, in pieces that fit no part.
async fn write(media: Media, key: &str, bytes: &[u8]) -> Result<(), MediaError> {
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
    let media = media(&endpoint, 3).await;
    let noise: Vec<u8> = (0..36 * MIB).map(|at| at.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0]).collect();
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
