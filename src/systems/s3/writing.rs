//! Whether a bucket takes what is written. An upload in parts is begun and given up: that needs the right to write,
//! and no object, no version and no mark of it ever appears, whatever locks and versions the bucket keeps.

use std::time::Duration;

use reqwest::{Method, StatusCode};

use super::bucket::Bucket;
use super::{address_of, head, refused};
use crate::reach::s3::random::unheard_of;
use crate::reach::s3::{Keys, xml};
use crate::systems::contact::Contact;
use crate::systems::http::{NoPage, Page};
use crate::systems::trouble::{ContactError, failed_at};
use crate::text::Span;

/// How long it all may take.
const WITHIN: Span = Span::from_secs(15);
/// How long one request may take; somebody else watches the time of all.
const TIME: Duration = Duration::from_secs(10);

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takes {
    /// It took the beginning of an upload.
    Proven,
    /// Why it could not be tried.
    Unknown(&'static str),
}

/// Whether the bucket takes what is written.
pub async fn takes(bucket: &Bucket<'_>, with: &Contact<'_>) -> Result<Takes, ContactError> {
    let keys = bucket.keys(with).await?;
    let address = bucket.url()?.to_string();
    let tried = tokio::time::timeout(WITHIN.approx(), tried(bucket, keys.as_ref(), with)).await;
    tried.unwrap_or_else(|_| Err(ContactError::silent_at(&address, WITHIN)))
}

async fn tried(bucket: &Bucket<'_>, keys: Option<&Keys>, with: &Contact<'_>) -> Result<Takes, ContactError> {
    let page = head(bucket, keys, with).await?;
    if page.status.is_redirection() {
        let region = page.headers.get("x-amz-bucket-region").and_then(|region| region.to_str().ok());
        let region = region.map_or_else(String::new, |region| format!(": {region}"));
        return Err(refused(bucket, &format!("it lies in another region than the plan says{region}")));
    }
    match keys {
        Some(keys) => upload(bucket, keys, with).await,
        None if page.status.is_success() => Ok(Takes::Unknown("it is there, and only keys can try to write there")),
        None => Ok(Takes::Unknown("it is there, and the plan has no keys for it")),
    }
}

async fn upload(bucket: &Bucket<'_>, keys: &Keys, with: &Contact<'_>) -> Result<Takes, ContactError> {
    let random = unheard_of().map_err(|why| refused(bucket, why))?;
    let key = format!("lifeboat-asks-whether-it-may-write-{random}");
    let begun = ask(bucket, Method::POST, &key, ("uploads", ""), keys, with).await?;
    match begun.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            return Err(refused(bucket, "these keys may not write there"));
        }
        StatusCode::NOT_IMPLEMENTED | StatusCode::METHOD_NOT_ALLOWED => {
            return Ok(Takes::Unknown("this service takes nothing in parts, and nothing else leaves no trace"));
        }
        status if !status.is_success() => {
            return Err(refused(bucket, &format!("it takes nothing: status {}", status.as_u16())));
        }
        _ => {}
    }
    let Some(id) = xml::text(&String::from_utf8_lossy(&begun.body), "UploadId") else {
        return Err(refused(bucket, "it begins an upload and gives it no name"));
    };
    let ended = ask(bucket, Method::DELETE, &key, ("uploadId", &id), keys, with).await?;
    if ended.status.is_success() || ended.status == StatusCode::NOT_FOUND {
        return Ok(Takes::Proven);
    }
    let why = format!("these keys may begin the upload {key} and not give it up (status {})", ended.status.as_u16());
    Err(refused(bucket, &why))
}

async fn ask(
    bucket: &Bucket<'_>,
    method: Method,
    key: &str,
    query: (&str, &str),
    keys: &Keys,
    with: &Contact<'_>,
) -> Result<Page, ContactError> {
    let ask = bucket.ask(method, Some(key), &[query], Some(keys), with).await?;
    ask.page(TIME, with.clock).await.map_err(|trouble| match trouble {
        NoPage::Failed(error) => failed_at(&address_of(bucket), &error),
        other => refused(bucket, &other.to_string()),
    })
}
