//! Buckets, asked by the client of the stores: the real endpoint of the lab, and ones that misbehave.

mod answers;
mod archive;
pub mod between;
mod both_ways;
mod broken;
mod claims;
mod clocks;
mod identity;
mod lost;
mod objects;
mod pages;
mod parts;
mod secure;

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use lifeboat::plan::types::Store;
use lifeboat::reach::Secret;
use lifeboat::reach::s3::{Bucket, Download, Keys, S3Error, Settings, Surroundings};

use crate::lab::s3::{ACCESS_KEY, SECRET};

/// A store in the bucket `store`, with more of the plan about it.
fn store(address: SocketAddr, more: &str) -> Store {
    let text =
        format!("name = \"offsite\"\nkind = \"s3\"\nbucket = \"store\"\nendpoint = \"http://{address}\"\n{more}");
    toml::from_str(&text).unwrap()
}

/// As patient as a test.
fn quick() -> Settings {
    Settings {
        tries: 3,
        first_wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(50),
        idle: Duration::from_secs(5),
        surroundings: Surroundings::new(|name| (name == "AWS_EC2_METADATA_DISABLED").then(|| "true".to_owned())),
        ..Settings::default()
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.as_bytes().to_vec()).unwrap()
}

fn keys() -> Keys {
    Keys::new(ACCESS_KEY, secret(SECRET), None)
}

/// The bucket `store` of a service.
async fn open(address: SocketAddr) -> Bucket {
    open_with(address, "", quick()).await
}

async fn open_with(address: SocketAddr, more: &str, settings: Settings) -> Bucket {
    Bucket::open(&store(address, more), Some(keys()), settings).await.unwrap()
}

/// All that is read.
async fn all(download: Result<Download, S3Error>) -> Result<Vec<u8>, S3Error> {
    let pieces: Vec<Bytes> = download?.bytes.try_collect().await?;
    Ok(pieces.concat())
}

/// Bytes that do not repeat.
fn noise(length: usize) -> Bytes {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(next).collect::<Vec<u8>>().into()
}
