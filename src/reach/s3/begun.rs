//! What has arrived of an upload that was begun.

use reqwest::Method;

use super::error::{S3Error, Trouble};
use super::object::unquoted;
use super::upload::{Part, Upload};
use super::xml;

/// No upload has more.
const MOST: usize = 10_000;

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
