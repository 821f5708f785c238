//! Buckets, of AWS and of whatever speaks its protocol.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{StatusCode, Url};

use super::contact::{Answer, Contact, ContactError, address, bad_address, http_clock, refusal_at, with_causes};
use super::http;
use crate::plan::SecretRef;
use crate::plan::types::{Component, Store};
use crate::reach::{Secret, sign};
use crate::text::Span;

/// The SHA-256 of nothing, which is what the request carries.
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

    fn region(&self) -> &str {
        self.region.unwrap_or("us-east-1")
    }

    fn url(&self) -> Result<Url, ContactError> {
        let region = self.region();
        let aws = || {
            let country = if region.starts_with("cn-") { ".cn" } else { "" };
            format!("https://s3.{region}.amazonaws.com{country}")
        };
        let endpoint = self.endpoint.map_or_else(aws, str::to_owned);
        let refused = |why: &str| refusal_at(&endpoint, why);
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

/// Asks for the bucket itself, signed if the plan has the keys. Without them a refusal is a sign of life;
/// with them it means that they do not open the bucket.
pub async fn contact(bucket: &Bucket<'_>, deadline: Option<Span>, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let keys = match bucket.keys {
        Some((access, secret)) => Some(tokio::try_join!(with.secrets.resolve(access), with.secrets.resolve(secret))?),
        None => None,
    };
    let url = bucket.url()?;
    let address = url.to_string();
    with.within(deadline, &address, head(bucket, url, keys.as_ref(), with)).await
}

async fn head(
    bucket: &Bucket<'_>,
    url: Url,
    keys: Option<&(Secret, Secret)>,
    with: &Contact<'_>,
) -> Result<Answer, ContactError> {
    let address = url.to_string();
    let refused = |why: &str| refusal_at(&address, why);
    let failed = |error: reqwest::Error| refused(&with_causes(&error.without_url()));
    let signature = match keys {
        Some(keys) => signature(bucket, &url, keys, with).ok_or_else(|| refused("its keys are not plain text"))?,
        None => HeaderMap::new(),
    };
    let client = http::client(None, Policy::none()).await.map_err(|error| refused(&with_causes(&error)))?;
    let asked = with.clock.now();
    let answer = client.head(url).headers(signature).send().await.map_err(failed)?;
    let identity = match (answer.status(), keys) {
        (StatusCode::NOT_FOUND, _) => return Err(refused("there is no such bucket")),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Some(_)) => {
            return Err(refused("it does not let these keys in; they are wrong, or may not list the bucket"));
        }
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, None) => "not asked with keys".to_owned(),
        (status, _) if status.is_success() => bucket.region().to_owned(),
        (status, _) if status.is_redirection() => "in another region than the plan says".to_owned(),
        (status, _) => return Err(refused(&format!("it answers with status {}", status.as_u16()))),
    };
    let identity = format!("bucket {}, {identity}", bucket.name);
    Ok(Answer { identity, clock: http_clock(asked, &answer, with) })
}

/// The headers that prove who asks; nothing where a key cannot stand in a header.
fn signature(bucket: &Bucket<'_>, url: &Url, keys: &(Secret, Secret), with: &Contact<'_>) -> Option<HeaderMap> {
    let (access, secret) = (keys.0.expose_str()?, keys.1.expose_str()?);
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str()?),
        None => url.host_str()?.to_owned(),
    };
    let at = with.clock.now();
    let date = sign::date(at);
    let signed = [("host", host.as_str()), ("x-amz-content-sha256", NOTHING), ("x-amz-date", date.as_str())];
    let request = sign::Request {
        method: "HEAD",
        path: url.path(),
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
