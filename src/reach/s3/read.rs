//! Reading an object: to its end, whatever connections break on the way.

use std::ops::{Bound, RangeBounds};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use reqwest::header::CONTENT_RANGE;
use reqwest::{Method, Response};

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::flow;
use super::judge::Then;
use super::object::About;
use super::random;
use super::send::Ask;
use super::wait::wait;

const WHAT: &str = "read";

/// An object that is being read.
pub struct Download {
    /// What is known of it; its size is that of all of it.
    pub about: About,
    /// What was asked for of it, to its end or to what went wrong. Too few bytes are an error.
    pub bytes: BoxStream<'static, Result<Bytes, S3Error>>,
}

impl Bucket {
    /// Reads an object, or a range of it. A connection that breaks is followed by another where it broke, as long as
    /// the object stays the same.
    pub async fn get(&self, key: &str, range: impl RangeBounds<u64>) -> Result<Download, S3Error> {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => Some(last.saturating_add(1)),
            Bound::Excluded(end) => Some(*end),
            Bound::Unbounded => None,
        };
        if end.is_some_and(|end| end <= start) {
            return Err(self.error(WHAT, Some(key), Trouble::BadRequest("the range is empty".to_owned())));
        }
        let (about, flow, (at, end)) = self.open_at(key, start, end, None).await?;
        let reading =
            Reading { bucket: self.clone(), key: key.to_owned(), etag: about.etag.clone(), flow, at, end, in_vain: 0 };
        let bytes = stream::unfold(Some(reading), |reading| async {
            let mut reading = reading?;
            match reading.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(reading))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        });
        Ok(Download { about, bytes: bytes.boxed() })
    }

    /// Opens an object where it is to be read, and says which bytes of it come.
    async fn open_at(
        &self,
        key: &str,
        start: u64,
        end: Option<u64>,
        etag: Option<&str>,
    ) -> Result<(About, Response, (u64, u64)), S3Error> {
        let mut ask = Ask { flows: true, ..Ask::new(WHAT, Method::GET, Some(key)) };
        let is_ranged = start > 0 || end.is_some();
        if is_ranged {
            let last = end.map_or_else(String::new, |end| (end - 1).to_string());
            ask.with("range", format!("bytes={start}-{last}"));
        }
        if let Some(etag) = etag {
            ask.with("if-match", format!("\"{etag}\""));
        }
        let answer = self.send(&ask).await?;
        let strange = |why| self.error(WHAT, Some(key), Trouble::Malformed(why));
        let mut about = About::of(&answer.headers).ok_or_else(|| strange("it does not say how many bytes come"))?;
        let flow = answer.flow.ok_or_else(|| strange("nothing comes"))?;
        if !is_ranged {
            let size = about.size;
            return Ok((about, flow, (0, size)));
        }
        let told = answer.headers.get(CONTENT_RANGE).and_then(|range| content_range(range.to_str().ok()?));
        let (from, to, size) = told.filter(|_| answer.status == 206).ok_or_else(|| strange("it ignores the range"))?;
        if from != start || end.is_some_and(|end| to > end) || to - from != about.size {
            return Err(strange("it sends another range than was asked for"));
        }
        about.size = size;
        Ok((about, flow, (from, to)))
    }
}

/// The first byte, the one after the last, and how many there are: `bytes 0-9/100`.
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, size): (u64, u64, u64) = (first.parse().ok()?, last.parse().ok()?, size.parse().ok()?);
    (first <= last && last < size).then_some((first, last + 1, size))
}

/// An object that is being read, and where it is.
struct Reading {
    bucket: Bucket,
    key: String,
    etag: Option<String>,
    flow: Response,
    at: u64,
    end: u64,
    /// How many connections in a row brought nothing.
    in_vain: u32,
}

impl Reading {
    async fn next(&mut self) -> Result<Option<Bytes>, S3Error> {
        while self.at < self.end {
            let trouble = match flow::next(&mut self.flow, self.bucket.idle()).await {
                Ok(Some(piece)) if piece.len() as u64 > self.end - self.at => {
                    return Err(self.error(Trouble::Malformed("more bytes come than it said")));
                }
                Ok(Some(piece)) => {
                    self.at += piece.len() as u64;
                    self.in_vain = 0;
                    return Ok(Some(piece));
                }
                Ok(None) => Trouble::Unreachable("the connection ended in the middle".to_owned()),
                Err(broken) => broken.trouble,
            };
            self.resume(trouble).await?;
        }
        Ok(None)
    }

    /// Another connection from here on, unless too many brought nothing.
    async fn resume(&mut self, trouble: Trouble) -> Result<(), S3Error> {
        let settings = &self.bucket.inner.settings;
        self.in_vain += 1;
        let Some(etag) = self.etag.as_deref().filter(|_| self.in_vain < settings.tries) else {
            return Err(S3Error { tries: self.in_vain, ..self.error(trouble) });
        };
        tokio::time::sleep(wait(settings, self.in_vain, Then::Again, None, random::fraction())).await;
        let opened = self.bucket.open_at(&self.key, self.at, Some(self.end), Some(etag)).await;
        let (_, flow, (_, end)) = opened.map_err(|error| match error.trouble {
            Trouble::NotMet => self.error(Trouble::Replaced),
            _ => error,
        })?;
        if end != self.end {
            return Err(self.error(Trouble::Replaced));
        }
        self.flow = flow;
        Ok(())
    }

    fn error(&self, trouble: Trouble) -> S3Error {
        self.bucket.error(WHAT, Some(&self.key), trouble)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_told_in_one_way() {
        assert_eq!(content_range("bytes 0-9/100"), Some((0, 10, 100)));
        assert_eq!(content_range("bytes 99-99/100"), Some((99, 100, 100)));
        for bad in ["bytes */100", "bytes 0-9/*", "bytes 9-0/100", "bytes 0-100/100", "0-9/100", ""] {
            assert_eq!(content_range(bad), None, "{bad}");
        }
    }
}
