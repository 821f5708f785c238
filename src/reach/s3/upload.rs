//! Writing an object in parts: it appears whole when the upload is completed, or never.

use std::fmt::Write as _;

use bytes::Bytes;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::checksum;
use super::condition::MARK;
use super::error::{S3Error, Trouble};
use super::object::unquoted;
use super::payload::Payload;
use super::send::Ask;
use super::write::{Options, Written};
use super::xml;

/// What is needed to go on with an upload after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The object, below the store's prefix.
    pub key: String,
    /// What the service calls the upload.
    pub id: String,
    /// What the object will carry, so that it can be told from any other.
    pub mark: String,
}

/// A part that has arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Which one, from 1 on.
    pub number: u32,
    /// What the service calls it, without quotes.
    pub etag: String,
    /// How many bytes it has.
    pub size: u64,
    /// Its checksum, where the service keeps it.
    pub checksum: Option<String>,
}

impl Part {
    /// Whether it is certain that it holds these bytes.
    pub fn holds(&self, body: &Payload) -> bool {
        self.size == body.size() && self.checksum.as_ref().is_some_and(|sum| *sum == body.sum())
    }
}

/// An upload that was begun. Parts may be sent at the same time; dropping it leaves it begun.
#[derive(Clone, Debug)]
pub struct Upload {
    pub(super) bucket: Bucket,
    pub(super) ticket: Ticket,
}

const PART: &str = "write a part of";
const COMPLETE: &str = "complete";

impl Upload {
    /// Begins an upload. Nothing of it can be seen until it is completed.
    pub async fn begin(bucket: &Bucket, key: &str, options: &Options) -> Result<Upload, S3Error> {
        let mark = bucket.mark(key)?;
        let mut options = options.clone();
        options.metadata.push((MARK.to_owned(), mark.clone()));
        let mut ask = Ask::new("begin", Method::POST, Some(key));
        ask.query.push(("uploads", ""));
        ask.headers = bucket.write_headers(key, &options)?;
        ask.with("x-amz-checksum-algorithm", checksum::NAME);
        let answer = bucket.send(&ask).await?;
        let id = xml::text(&answer.body, "UploadId").filter(|id| !id.is_empty());
        let strange =
            || bucket.error(ask.what, ask.key, Trouble::Malformed("it begins an upload and gives it no name"));
        let ticket = Ticket { key: key.to_owned(), id: id.ok_or_else(strange)?, mark };
        Ok(Upload { bucket: bucket.clone(), ticket })
    }

    /// Goes on with an upload. [`Upload::list_parts`] tells what has arrived.
    pub fn resume(bucket: &Bucket, ticket: Ticket) -> Upload {
        Upload { bucket: bucket.clone(), ticket }
    }

    /// What is needed to go on with it after a restart.
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Sends a part, in place of an earlier one of the same number.
    pub async fn part(&self, number: u32, body: impl Into<Payload>) -> Result<Part, S3Error> {
        let body = body.into();
        let (text, sum, size) = (number.to_string(), body.sum(), body.size());
        let mut ask = self.ask(PART, Method::PUT);
        ask.query.push(("partNumber", &text));
        ask.with(checksum::HEADER, sum.clone());
        ask.body = body;
        let answer = self.bucket.send(&ask).await?;
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok());
        if header(checksum::HEADER).is_some_and(|kept| kept != sum) {
            return Err(self.error(PART, Trouble::BadDigest));
        }
        let etag = header("etag").map(unquoted);
        let etag = etag.ok_or_else(|| self.error(PART, Trouble::Malformed("it names no entity tag")))?;
        Ok(Part { number, etag, size, checksum: header(checksum::HEADER).map(|_| sum) })
    }

    /// Makes one object of these parts, in their order; with `is_new` only if there is none of that key yet. It is done
    /// when the service says so, or, if its answer was lost, when the object is there and carries our mark.
    pub async fn complete(&self, parts: &[Part], is_new: bool) -> Result<Written, S3Error> {
        let size: u64 = parts.iter().map(|part| part.size).sum();
        let mut ask = self.ask(COMPLETE, Method::POST);
        ask.is_slow = true;
        ask.with("x-amz-mp-object-size", size.to_string());
        if is_new {
            ask.with("if-none-match", "*");
        }
        ask.body = Bytes::from(body(parts)).into();
        let error = match self.bucket.send(&ask).await {
            Ok(answer) => match outcome(&answer.body) {
                Some(etag) => {
                    let version = answer.headers.get("x-amz-version-id").and_then(|version| version.to_str().ok());
                    return Ok(Written { etag, version: version.map(str::to_owned) });
                }
                None => S3Error { is_unsure: true, ..self.error(COMPLETE, Trouble::Malformed("it names no object")) },
            },
            Err(error) => error,
        };
        if !error.is_unsure {
            return Err(error);
        }
        match self.bucket.head(&self.ticket.key).await {
            Ok(about) if about.size == size && about.metadata.get(MARK) == Some(&self.ticket.mark) => {
                let etag = about.etag.ok_or(error)?;
                Ok(Written { etag, version: about.version })
            }
            // Something else is there, or nothing. After a refusal that stays so; otherwise it may still be under way.
            Ok(_) => Err(S3Error { is_unsure: !error.is_refusal(), ..error }),
            Err(looked) if looked.is_not_found() => Err(S3Error { is_unsure: !error.is_refusal(), ..error }),
            Err(_) => Err(error),
        }
    }

    /// Gives the upload up, with everything that has arrived. One that is over already is no error.
    pub async fn abandon(&self) -> Result<(), S3Error> {
        match self.bucket.send(&self.ask("give up", Method::DELETE)).await {
            Ok(_) => Ok(()),
            Err(error) if matches!(error.trouble, Trouble::NoSuchUpload | Trouble::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn ask(&self, what: &'static str, method: Method) -> Ask<'_> {
        let mut ask = Ask::new(what, method, Some(&self.ticket.key));
        ask.query.push(("uploadId", &self.ticket.id));
        ask
    }

    pub(super) fn error(&self, what: &'static str, trouble: Trouble) -> S3Error {
        self.bucket.error(what, Some(&self.ticket.key), trouble)
    }
}

/// The list of parts, as the service wants it.
fn body(parts: &[Part]) -> String {
    let mut sorted: Vec<&Part> = parts.iter().collect();
    sorted.sort_by_key(|part| part.number);
    let mut out = String::from("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for part in sorted {
        let (number, etag) = (part.number, xml::escaped(&part.etag));
        let _ = write!(out, "<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag}&quot;</ETag>");
        if let Some(sum) = &part.checksum {
            let _ = write!(out, "<ChecksumCRC32C>{}</ChecksumCRC32C>", xml::escaped(sum));
        }
        out.push_str("</Part>");
    }
    out.push_str("</CompleteMultipartUpload>");
    out
}

/// The entity tag of the new object; nothing else means that there is one.
fn outcome(answer: &str) -> Option<String> {
    if xml::root(answer) != Some("CompleteMultipartUploadResult") {
        return None;
    }
    xml::text(answer, "ETag").map(|etag| unquoted(&etag)).filter(|etag| !etag.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_entity_tag_means_done() {
        let done = "<CompleteMultipartUploadResult xmlns=\"x\"><ETag>\"3858-1\"</ETag></CompleteMultipartUploadResult>";
        assert_eq!(outcome(&format!("  \n{done}")).as_deref(), Some("3858-1"));
        for bad in ["", "<html/>", "<CompleteMultipartUploadResult/>", "<Error><ETag>x</ETag></Error>"] {
            assert_eq!(outcome(bad), None, "{bad}");
        }
    }

    #[test]
    fn parts_are_named_in_order() {
        let part = |number, etag: &str| Part { number, etag: etag.to_owned(), size: 1, checksum: None };
        let body = body(&[part(2, "<b>"), part(1, "a")]);
        assert!(body.find("<PartNumber>1<").unwrap() < body.find("<PartNumber>2<").unwrap());
        assert!(body.contains("&quot;&lt;b&gt;&quot;"), "{body}");
    }
}
