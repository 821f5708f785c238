//! A bucket, as a component or a store names it, and requests to it that prove who asks.

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};

use crate::plan::SecretRef;
use crate::plan::types::{Component, Kind, Store};
use crate::reach::s3::signed::Unsigned;
use crate::reach::s3::{Keys, place};
use crate::reach::sign;
use crate::systems::contact::{Contact, address};
use crate::systems::http::{Ask, client};
use crate::systems::trouble::{ContactError, bad_address, failed_at, wrong_at};

/// A bucket as a component or a store names it.
#[derive(Clone, Copy, Debug)]
pub struct Bucket<'a> {
    name: &'a str,
    region: Option<&'a str>,
    endpoint: Option<&'a str>,
    keys: Option<(&'a SecretRef, &'a SecretRef)>,
}

impl<'a> Bucket<'a> {
    /// The bucket of a component, whose address is `s3://NAME`.
    pub fn of_component(component: &'a Component) -> Result<Bucket<'a>, ContactError> {
        let address = address(component)?;
        let name = address.strip_prefix("s3://").unwrap_or(address).split('/').next().unwrap_or_default();
        if !place::is_name(name) || (address.contains("://") && !address.starts_with("s3://")) {
            return Err(bad_address(component, "write s3://BUCKET, and the service as `bucket.endpoint`"));
        }
        let settings = component.bucket.as_ref();
        Ok(Bucket {
            name,
            region: settings.and_then(|bucket| bucket.region.as_deref()),
            endpoint: settings.and_then(|bucket| bucket.endpoint.as_deref()),
            keys: settings.and_then(|bucket| bucket.access_key.as_ref().zip(bucket.secret_key.as_ref())),
        })
    }

    /// The bucket of a store, if it has one.
    pub fn of_store(store: &'a Store) -> Option<Bucket<'a>> {
        Some(Bucket {
            name: store.bucket.as_deref()?,
            region: store.region.as_deref(),
            endpoint: store.endpoint.as_deref(),
            keys: store.access_key.as_ref().zip(store.secret_key.as_ref()),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Where it lies.
    pub fn region(&self) -> &str {
        self.region.unwrap_or(place::REGION)
    }

    /// What opens it, if the plan has it.
    pub async fn keys(&self, with: &Contact<'_>) -> Result<Option<Keys>, ContactError> {
        let Some((access, secret)) = self.keys else { return Ok(None) };
        let (access, secret) = tokio::try_join!(with.secrets.resolve_name(access), with.secrets.resolve(secret))?;
        let access = access.expose_str().map(str::to_owned);
        let access = access.ok_or_else(|| wrong_at(self.name, Kind::S3Bucket, UNREADABLE))?;
        Ok(Some(Keys::new(access, secret, None)))
    }

    /// A question, signed where there are keys. `key` names an object.
    pub async fn ask(
        &self,
        method: Method,
        key: Option<&str>,
        query: &[(&str, &str)],
        keys: Option<&Keys>,
        with: &Contact<'_>,
    ) -> Result<Ask, ContactError> {
        let mut url = self.url()?;
        let address = url.to_string();
        let refused = |why: String| wrong_at(&address, Kind::S3Bucket, &why);
        if let Some(key) = key {
            url = place::object(&url, key).map_err(refused)?;
        }
        let query = sign::query(query);
        let headers = match keys {
            Some(keys) => {
                let unsigned = Unsigned {
                    method: &method,
                    url: &url,
                    query: &query,
                    headers: &[],
                    payload: &sign::digest(b""),
                    region: self.region(),
                    at: with.clock.now(),
                };
                unsigned.sign(keys).ok_or_else(|| refused(UNREADABLE.to_owned()))?
            }
            None => HeaderMap::new(),
        };
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let client = client(None).await.map_err(|error| failed_at(&address, &error))?;
        Ok(Ask { method, headers, ..Ask::get(client, url) })
    }

    /// Where it answers.
    pub fn url(&self) -> Result<Url, ContactError> {
        let address = self.endpoint.unwrap_or(self.name);
        place::bucket(self.name, self.region(), self.endpoint).map_err(|why| wrong_at(address, Kind::S3Bucket, &why))
    }
}

const UNREADABLE: &str = "its keys are not plain text";
