//! A bucket of a store of the plan, opened.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};

use reqwest::{Client, Url};

use super::client::client;
use super::encryption::Encryption;
use super::error::{S3Error, Trouble};
use super::keys::Keys;
use super::place;
use super::settings::Settings;
use super::wallet::Wallet;
use crate::plan::types::Store;
use crate::text::{Shape, untrusted};

/// A bucket that can be asked. Cheap to clone; clones share connections, keys and the clock.
#[derive(Clone)]
pub struct Bucket {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    name: String,
    /// What every key begins with: nothing, or something that ends with a stroke.
    prefix: String,
    pub(super) region: String,
    pub(super) url: Url,
    pub(super) class: Option<String>,
    pub(super) encryption: Option<Encryption>,
    pub(super) client: Client,
    pub(super) wallet: Wallet,
    pub(super) settings: Settings,
    /// How many seconds the clock of the service is ahead of ours.
    pub(super) offset: AtomicI64,
    /// How many bytes have moved to it.
    pub(super) moved: Arc<AtomicU64>,
}

impl Bucket {
    /// The bucket of a store. Without keys they are looked for in the environment, in the files that every client of
    /// AWS reads, and at the machine's own metadata service. Nothing is asked of the bucket yet.
    pub async fn open(store: &Store, keys: Option<Keys>, settings: Settings) -> Result<Bucket, S3Error> {
        let refused = |why| S3Error::new("use", &format!("the store {}", store.name), Trouble::BadRequest(why));
        let name = store.bucket.as_deref().ok_or_else(|| refused("it names no bucket".to_owned()))?;
        let region = store.region.as_deref().unwrap_or(place::REGION);
        let url = place::bucket(name, region, store.endpoint.as_deref()).map_err(refused)?;
        let encryption = store.encryption.as_deref().map(str::parse).transpose().map_err(refused)?;
        let prefix = store.prefix.as_deref().unwrap_or_default().trim_matches('/');
        let client = client(&settings).await.map_err(|error| refused(error.to_string()))?;
        let inner = Inner {
            name: name.to_owned(),
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            region: region.to_owned(),
            url,
            class: store.storage_class.clone(),
            encryption,
            client,
            wallet: Wallet::new(keys),
            settings,
            offset: AtomicI64::new(0),
            moved: Arc::default(),
        };
        Ok(Bucket { inner: Arc::new(inner) })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Where it is asked, and what its keys begin with: what tells it from every other.
    pub fn address(&self) -> String {
        format!("{}/{}", self.inner.url.as_str().trim_end_matches('/'), self.inner.prefix)
    }

    /// The region it is asked in.
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// Counts the bytes that move to it: as long as it grows, nothing hangs.
    pub fn moved(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.inner.moved)
    }

    /// A key below the prefix, as the service knows it.
    pub(super) fn full(&self, key: &str) -> String {
        format!("{}{key}", self.inner.prefix)
    }

    /// A key of the service, as it is called below the prefix.
    pub(super) fn below<'k>(&self, key: &'k str) -> Option<&'k str> {
        key.strip_prefix(self.inner.prefix.as_str())
    }

    /// An error about the bucket or one of its objects.
    pub(super) fn error(&self, what: &'static str, key: Option<&str>, trouble: Trouble) -> S3Error {
        let key = key.map_or_else(String::new, |key| format!("/{}", self.full(key)));
        S3Error::new(what, &format!("s3://{}{key}", self.inner.name), trouble)
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = untrusted(format!("s3://{}/{}", self.inner.name, self.inner.prefix), Shape::line(160));
        f.debug_tuple("Bucket").field(&place).finish()
    }
}
