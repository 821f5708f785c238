//! A bucket, as a component or a store names it, and requests to it that prove who asks.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, Url};

use crate::plan::SecretRef;
use crate::plan::types::{Component, Kind, Store};
use crate::reach::{Secret, sign};
use crate::systems::contact::{Contact, address};
use crate::systems::http::{Ask, client};
use crate::systems::trouble::{ContactError, bad_address, failed_at, wrong_at};

use crate::text::with_causes;

/// The SHA-256 of nothing, which is what a request carries.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

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
        if !is_name(name) || (address.contains("://") && !address.starts_with("s3://")) {
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
        self.region.unwrap_or("us-east-1")
    }

    /// What opens it, if the plan has it.
    pub async fn keys(&self, with: &Contact<'_>) -> Result<Option<Keys>, ContactError> {
        Ok(match self.keys {
            Some((access, secret)) => {
                Some(Keys(tokio::try_join!(with.secrets.resolve_name(access), with.secrets.resolve(secret))?))
            }
            None => None,
        })
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
        if let (Some(key), Ok(mut path)) = (key, url.path_segments_mut()) {
            path.push(key);
        }
        let query = sign::query(query);
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let signature = match keys {
            Some(keys) => {
                let signed = signature(self, &method, &url, &query, keys, with);
                signed.ok_or_else(|| wrong_at(&address, Kind::S3Bucket, "its keys are not plain text"))?
            }
            None => HeaderMap::new(),
        };
        let client = client(None).await.map_err(|error| failed_at(&address, &error))?;
        Ok(Ask { method, headers: signature, ..Ask::get(client, url) })
    }

    /// Where it answers.
    pub fn url(&self) -> Result<Url, ContactError> {
        let region = self.region();
        let aws = || {
            let country = if region.starts_with("cn-") { ".cn" } else { "" };
            format!("https://s3.{region}.amazonaws.com{country}")
        };
        let endpoint = self.endpoint.map_or_else(aws, str::to_owned);
        let refused = |why: &str| wrong_at(&endpoint, Kind::S3Bucket, why);
        if !is_name(self.name) {
            return Err(refused(&format!("{:?} is no name of a bucket", self.name)));
        }
        let url = format!("{}/{}", endpoint.trim_end_matches('/'), self.name);
        url.parse().map_err(|error| refused(&with_causes(&error)))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
}

/// What opens a bucket.
pub struct Keys((Secret, Secret));

/// The headers that prove who asks; nothing where a key cannot stand in a header.
fn signature(
    bucket: &Bucket<'_>,
    method: &Method,
    url: &Url,
    query: &str,
    keys: &Keys,
    with: &Contact<'_>,
) -> Option<HeaderMap> {
    let (access, secret) = (keys.0.0.expose_str()?, keys.0.1.expose_str()?);
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str()?),
        None => url.host_str()?.to_owned(),
    };
    let at = with.clock.now();
    let date = sign::date(at);
    let signed = [("host", host.as_str()), ("x-amz-content-sha256", NOTHING), ("x-amz-date", date.as_str())];
    let request = sign::Request {
        method: method.as_str(),
        path: url.path(),
        query,
        headers: &signed,
        payload: NOTHING,
        region: bucket.region(),
        at,
    };
    let mut authorization: HeaderValue = sign::authorization(&request, access, secret).parse().ok()?;
    authorization.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-content-sha256", HeaderValue::from_static(NOTHING));
    headers.insert("x-amz-date", date.parse().ok()?);
    headers.insert(AUTHORIZATION, authorization);
    Some(headers)
}
