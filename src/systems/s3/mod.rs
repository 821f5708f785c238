//! Buckets, of AWS and of whatever speaks its protocol.

mod bucket;
mod listing;
pub mod mend;
mod probe;
mod settings;
mod writing;

use reqwest::{Method, StatusCode};

pub use bucket::Bucket;
pub use probe::BucketProbe;
pub use writing::{Takes, takes};

use super::contact::{Answer, Contact};
use super::http::{NoPage, Page};
use super::trouble::{ContactError, failed_at, refusal_at};
use crate::reach::s3::Keys;
use crate::text::Span;

/// Asks for the bucket itself, signed if the plan has the keys. Without them a refusal is a sign of life;
/// with them it means that they do not open the bucket.
pub async fn contact(bucket: &Bucket<'_>, deadline: Option<Span>, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let keys = bucket.keys(with).await?;
    let address = bucket.url()?.to_string();
    let asked = async {
        let page = head(bucket, keys.as_ref(), with).await?;
        let identity = match page.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "not asked with keys",
            status if status.is_success() => bucket.region(),
            _ => "in another region than the plan says",
        };
        Ok(Answer { identity: format!("bucket {}, {identity}", bucket.name()), clock: page.clock })
    };
    with.within(deadline, &address, asked).await
}

/// The bucket itself: there, somewhere else, or there and not for who has no keys.
async fn head(bucket: &Bucket<'_>, keys: Option<&Keys>, with: &Contact<'_>) -> Result<Page, ContactError> {
    let ask = bucket.ask(Method::HEAD, None, &[], keys, with).await?;
    let page = match ask.page(LONG, with.clock).await {
        Ok(page) => page,
        Err(NoPage::Failed(error)) => return Err(failed_at(&address_of(bucket), &error)),
        Err(other) => return Err(refused(bucket, &other.to_string())),
    };
    match page.status {
        StatusCode::NOT_FOUND => Err(refused(bucket, "there is no such bucket")),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if keys.is_some() => {
            Err(refused(bucket, "it does not let these keys in; they are wrong, or may not list the bucket"))
        }
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Ok(page),
        status if status.is_success() || status.is_redirection() => Ok(page),
        status => Err(refused(bucket, &format!("it answers with status {}", status.as_u16()))),
    }
}

fn refused(bucket: &Bucket<'_>, why: &str) -> ContactError {
    refusal_at(&address_of(bucket), why)
}

fn address_of(bucket: &Bucket<'_>) -> String {
    bucket.url().map_or_else(|_| bucket.name().to_owned(), |url| url.to_string())
}

/// Somebody else watches the time.
const LONG: std::time::Duration = std::time::Duration::from_mins(10);
