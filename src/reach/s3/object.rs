//! What is known of an object without reading it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use reqwest::Method;
use reqwest::header::{CONTENT_LENGTH, ETAG, HeaderMap, LAST_MODIFIED};

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::send::Ask;

/// What begins the names of metadata.
const METADATA: &str = "x-amz-meta-";

/// What is known of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// How many bytes it has.
    pub size: u64,
    /// What changes whenever it does, without quotes.
    pub etag: Option<String>,
    /// When it was written.
    pub written: Option<DateTime<Utc>>,
    /// What whoever wrote it said of it.
    pub metadata: BTreeMap<String, String>,
    /// Its storage class, if not the standard one.
    pub class: Option<String>,
    /// Whether it can be read.
    pub thaw: Thaw,
    /// Until when nobody can remove this version.
    pub locked_until: Option<DateTime<Utc>>,
    /// Whether nobody can remove this version until somebody allows it.
    pub is_held: bool,
    /// Its version, where versions are kept.
    pub version: Option<String>,
}

/// Whether an object can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thaw {
    /// At any time.
    NotNeeded,
    /// Only after somebody has asked for its thaw, and waited.
    Frozen,
    /// Not yet: its thaw is under way.
    Thawing,
    /// Until then, if the service says.
    Thawed(Option<DateTime<Utc>>),
}

impl Thaw {
    /// Whether it can be read now.
    pub fn is_readable(self) -> bool {
        matches!(self, Thaw::NotNeeded | Thaw::Thawed(_))
    }

    fn of(restore: Option<&str>, class: Option<&str>, archive: Option<&str>) -> Thaw {
        let is_archived = matches!(class, Some("GLACIER" | "DEEP_ARCHIVE")) || archive.is_some();
        match restore {
            Some(restore) if restore.contains("ongoing-request=\"true\"") => Thaw::Thawing,
            Some(restore) => {
                let until = restore.split_once("expiry-date=\"").and_then(|(_, rest)| rest.split_once('"'));
                let until = until.and_then(|(until, _)| DateTime::parse_from_rfc2822(until).ok());
                Thaw::Thawed(until.map(|until| until.with_timezone(&Utc)))
            }
            None if is_archived => Thaw::Frozen,
            None => Thaw::NotNeeded,
        }
    }
}

impl About {
    /// From the head of an answer; nothing if it does not say how many bytes come.
    pub(super) fn of(headers: &HeaderMap) -> Option<About> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let metadata = headers.iter().filter_map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            Some((name.as_str().strip_prefix(METADATA)?.to_owned(), value))
        });
        let class = text("x-amz-storage-class").filter(|class| *class != "STANDARD");
        let written = text(LAST_MODIFIED.as_str()).and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        let locked = text("x-amz-object-lock-retain-until-date").and_then(|date| date.parse().ok());
        Some(About {
            size: text(CONTENT_LENGTH.as_str())?.parse().ok()?,
            etag: text(ETAG.as_str()).map(unquoted),
            written: written.map(|date| date.with_timezone(&Utc)),
            metadata: metadata.collect(),
            class: class.map(str::to_owned),
            thaw: Thaw::of(text("x-amz-restore"), class, text("x-amz-archive-status")),
            locked_until: locked,
            is_held: text("x-amz-object-lock-legal-hold") == Some("ON"),
            version: text("x-amz-version-id").filter(|version| *version != "null").map(str::to_owned),
        })
    }
}

/// An entity tag without its quotes.
pub(super) fn unquoted(etag: &str) -> String {
    etag.trim().trim_matches('"').to_owned()
}

impl Bucket {
    /// What is known of an object; [`Trouble::NotFound`] if it is not there.
    pub async fn head(&self, key: &str) -> Result<About, S3Error> {
        let ask = Ask { flows: true, ..Ask::new("look at", Method::HEAD, Some(key)) };
        let answer = self.send(&ask).await?;
        let about = About::of(&answer.headers);
        about.ok_or_else(|| self.error(ask.what, ask.key, Trouble::Malformed("it names no size")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[(&'static str, &'static str)]) -> Option<About> {
        let lines = lines.iter().map(|(name, value)| {
            (reqwest::header::HeaderName::from_static(name), reqwest::header::HeaderValue::from_static(value))
        });
        About::of(&lines.collect())
    }

    #[test]
    fn headers_are_read_as_the_documentation_shows_them() {
        let about = of(&[
            ("content-length", "11434"),
            ("etag", "\"828ef3fdfa96f00ad9f27c383fc9ac7f\""),
            ("last-modified", "Sun, 01 Jan 2006 12:00:00 GMT"),
            ("x-amz-meta-sha256", "abc"),
            ("x-amz-storage-class", "GLACIER"),
            ("x-amz-restore", "ongoing-request=\"false\", expiry-date=\"Wed, 07 Nov 2012 00:00:00 GMT\""),
            ("x-amz-object-lock-mode", "COMPLIANCE"),
            ("x-amz-object-lock-retain-until-date", "2030-01-01T00:00:00.000Z"),
            ("x-amz-object-lock-legal-hold", "ON"),
            ("x-amz-version-id", "null"),
        ])
        .unwrap();
        assert_eq!((about.size, about.etag.as_deref()), (11_434, Some("828ef3fdfa96f00ad9f27c383fc9ac7f")));
        assert_eq!(about.written, Some("2006-01-01T12:00:00Z".parse().unwrap()));
        assert_eq!(about.metadata["sha256"], "abc");
        assert_eq!(about.thaw, Thaw::Thawed(Some("2012-11-07T00:00:00Z".parse().unwrap())));
        assert_eq!(about.locked_until, Some("2030-01-01T00:00:00Z".parse().unwrap()));
        assert!(about.is_held && about.version.is_none());
        assert!(of(&[("etag", "\"x\"")]).is_none());
    }

    #[test]
    fn an_archived_object_is_frozen_until_it_is_thawed() {
        let thaw = |lines: &[_]| of(&[&[("content-length", "1")], lines].concat()).unwrap().thaw;
        assert_eq!(thaw(&[]), Thaw::NotNeeded);
        assert_eq!(thaw(&[("x-amz-storage-class", "GLACIER_IR")]), Thaw::NotNeeded);
        assert_eq!(thaw(&[("x-amz-storage-class", "DEEP_ARCHIVE")]), Thaw::Frozen);
        let tiering = [("x-amz-storage-class", "INTELLIGENT_TIERING"), ("x-amz-archive-status", "ARCHIVE_ACCESS")];
        assert_eq!(thaw(&tiering), Thaw::Frozen);
        let asked = [("x-amz-storage-class", "GLACIER"), ("x-amz-restore", "ongoing-request=\"true\"")];
        assert_eq!(thaw(&asked), Thaw::Thawing);
    }
}
