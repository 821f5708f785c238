//! Writing an object at once, and removing one.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ETAG, HeaderMap};

use super::bucket::Bucket;
use super::encryption::Encryption;
use super::error::{S3Error, Trouble};
use super::object::unquoted;
use super::send::Ask;
use super::{checksum, random};

/// How an object is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// What is said of it: names in lower case, values in plain letters.
    pub metadata: Vec<(String, String)>,
    /// What it is: `application/json`.
    pub content_type: Option<String>,
    /// Whether it lies in the storage class that the plan gives the store. What is small or read often does not: it
    /// would cost more there, or have to be thawed.
    pub in_class: bool,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// What changes whenever the object does, without quotes.
    pub etag: String,
    /// Its version, where versions are kept.
    pub version: Option<String>,
}

/// What became of an object that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is not there any more.
    Gone,
    /// It is covered by a mark, and its versions are still there and still cost room.
    Covered,
}

const MARKED: &str = "x-amz-delete-marker";

impl Written {
    pub(super) fn of(headers: &HeaderMap) -> Option<Written> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let version = text("x-amz-version-id").filter(|version| *version != "null").map(str::to_owned);
        Some(Written { etag: unquoted(text(ETAG.as_str())?), version })
    }
}

const WRITE: &str = "write";
const REMOVE: &str = "remove";

impl Bucket {
    /// Writes an object, in place of whatever is there.
    pub async fn put(&self, key: &str, body: Bytes, options: &Options) -> Result<Written, S3Error> {
        let ask = self.put_ask(key, body, options)?;
        self.written(&ask).await
    }

    pub(super) async fn written(&self, ask: &Ask<'_>) -> Result<Written, S3Error> {
        let answer = self.send(ask).await?;
        let strange = || self.error(ask.what, ask.key, Trouble::Malformed("it names no entity tag"));
        Written::of(&answer.headers).ok_or_else(strange)
    }

    pub(super) fn put_ask<'k>(&self, key: &'k str, body: Bytes, options: &Options) -> Result<Ask<'k>, S3Error> {
        let mut ask = Ask::new(WRITE, Method::PUT, Some(key));
        ask.headers = self.write_headers(key, options)?;
        ask.with(checksum::HEADER, checksum::of(&body));
        ask.body = body.into();
        Ok(ask)
    }

    /// What is said of a new object, in headers.
    pub(super) fn write_headers(&self, key: &str, options: &Options) -> Result<Vec<(String, String)>, S3Error> {
        let mut headers: Vec<(String, String)> = self.inner.encryption.iter().flat_map(Encryption::headers).collect();
        if let Some(class) = self.inner.class.as_ref().filter(|_| options.in_class) {
            headers.push(("x-amz-storage-class".to_owned(), class.clone()));
        }
        headers.extend(options.content_type.clone().map(|kind| ("content-type".to_owned(), kind)));
        for (name, value) in &options.metadata {
            if !is_name(name) || !is_plain(value) {
                let why = format!("its metadata {name:?} are not plain letters");
                return Err(self.error(WRITE, Some(key), Trouble::BadRequest(why)));
            }
            headers.push((format!("x-amz-meta-{name}"), value.clone()));
        }
        Ok(headers)
    }

    /// Removes an object. Where versions are kept it is covered only, and a lock on it forbids nothing. What is not
    /// there is removed already.
    pub async fn delete(&self, key: &str) -> Result<Removed, S3Error> {
        match self.send(&Ask::new(REMOVE, Method::DELETE, Some(key))).await {
            Ok(answer) if answer.headers.get(MARKED).is_some_and(|is| is == "true") => Ok(Removed::Covered),
            Ok(_) => Ok(Removed::Gone),
            Err(error) if error.is_not_found() => Ok(Removed::Gone),
            Err(error) => Err(error),
        }
    }

    /// Removes an object that still has this entity tag. Where a service takes no condition with that, something else may
    /// come between looking and removing.
    pub async fn delete_if(&self, key: &str, etag: &str) -> Result<(), S3Error> {
        match self.head(key).await {
            Ok(about) if about.etag.as_deref() == Some(etag) => {}
            Ok(_) => return Ok(()),
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        }
        let mut ask = Ask::new(REMOVE, Method::DELETE, Some(key));
        ask.with("if-match", format!("\"{etag}\""));
        match self.send(&ask).await {
            Err(error) if !error.is_not_found() && error.trouble != Trouble::NotMet => Err(error),
            _ => Ok(()),
        }
    }

    /// A mark that no other write carries.
    pub(super) fn mark(&self, key: &str) -> Result<String, S3Error> {
        random::unheard_of().map_err(|why| self.error(WRITE, Some(key), Trouble::BadRequest(why.to_owned())))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether it arrives as it was sent: proxies and signatures treat spaces as they like.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~')) && value.trim() == value && !value.contains("  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_plain_letters() {
        assert!(is_plain("") && is_plain("PostgreSQL 15.18 (Debian)"));
        for bad in ["a\r\nx-amz-acl: public-read", "é", " a", "a  b"] {
            assert!(!is_plain(bad), "{bad}");
        }
        assert!(is_name("sha256") && !is_name("Sha256") && !is_name("") && !is_name("a:b"));
    }
}
