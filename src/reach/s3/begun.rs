//! Uploads that were begun, and what has arrived of them.

use chrono::{DateTime, Utc};
use reqwest::Method;

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::listing::Names;
use super::object::unquoted;
use super::send::Ask;
use super::upload::{Part, Upload};
use super::xml;

/// More than this were begun by nobody who meant it.
const MOST: usize = 10_000;

/// An upload that was begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The object, below the store's prefix. Text from outside.
    pub key: String,
    /// What the service calls the upload.
    pub id: String,
    /// When it was begun.
    pub at: DateTime<Utc>,
}

impl Bucket {
    /// The uploads under way of objects whose keys begin so; ten thousand at most.
    pub async fn uploads(&self, prefix: &str) -> Result<Vec<Begun>, S3Error> {
        const WHAT: &str = "list the uploads of";
        let strange = |why| self.error(WHAT, None, Trouble::Malformed(why));
        let prefix = self.full(prefix);
        let (mut found, mut marker) = (Vec::new(), (String::new(), String::new()));
        loop {
            let mut ask = Ask::new(WHAT, Method::GET, None);
            ask.query = vec![("uploads", ""), ("encoding-type", "url"), ("prefix", &prefix)];
            if !marker.0.is_empty() {
                ask.query.extend([("key-marker", marker.0.as_str()), ("upload-id-marker", &marker.1)]);
            }
            let text = self.send(&ask).await?.body;
            if xml::root(&text) != Some("ListMultipartUploadsResult") {
                return Err(strange("what it lists are no uploads"));
            }
            let names = Names::of(&text);
            for upload in xml::blocks(&text, "Upload") {
                found.push(self.begun(upload, names).ok_or_else(|| strange("an upload lacks its key, id or date"))?);
            }
            if xml::text(&text, "IsTruncated").as_deref() != Some("true") || found.len() >= MOST {
                found.truncate(MOST);
                return Ok(found);
            }
            let key = xml::text(&text, "NextKeyMarker").and_then(|key| names.read(&key)).unwrap_or_default();
            let next = (key, xml::text(&text, "NextUploadIdMarker").unwrap_or_default());
            if next == marker || next.0.is_empty() {
                return Err(strange("its list of uploads does not come to an end"));
            }
            marker = next;
        }
    }

    fn begun(&self, upload: &str, names: Names) -> Option<Begun> {
        let key = names.read(&xml::text(upload, "Key")?)?;
        Some(Begun {
            key: self.below(&key)?.to_owned(),
            id: xml::text(upload, "UploadId")?,
            at: xml::text(upload, "Initiated")?.parse().ok()?,
        })
    }
}

impl Upload {
    /// The parts that have arrived, by number.
    pub async fn list_parts(&self) -> Result<Vec<Part>, S3Error> {
        const WHAT: &str = "list the parts of";
        let strange = |why| self.error(WHAT, Trouble::Malformed(why));
        let (mut parts, mut marker) = (Vec::new(), 0_u32);
        loop {
            let after = marker.to_string();
            let mut ask = self.ask(WHAT, Method::GET);
            if marker > 0 {
                ask.query.push(("part-number-marker", &after));
            }
            let text = self.bucket.send(&ask).await?.body;
            if xml::root(&text) != Some("ListPartsResult") {
                return Err(strange("what it lists are no parts"));
            }
            let page: Option<Vec<Part>> = xml::blocks(&text, "Part").into_iter().map(part).collect();
            parts.extend(page.ok_or_else(|| strange("a part lacks its number, entity tag or size"))?);
            if xml::text(&text, "IsTruncated").as_deref() != Some("true") {
                parts.sort_by_key(|part| part.number);
                return Ok(parts);
            }
            let next = xml::text(&text, "NextPartNumberMarker").and_then(|number| number.parse().ok());
            // The marker grows, and there are no more than ten thousand numbers.
            marker = next
                .filter(|next| *next > marker && parts.len() <= MOST)
                .ok_or_else(|| strange("its list of parts does not come to an end"))?;
        }
    }
}

fn part(text: &str) -> Option<Part> {
    Some(Part {
        number: xml::text(text, "PartNumber")?.parse().ok()?,
        etag: unquoted(&xml::text(text, "ETag")?),
        size: xml::text(text, "Size")?.parse().ok()?,
        checksum: xml::text(text, "ChecksumCRC32C").filter(|sum| !sum.is_empty()),
    })
}
