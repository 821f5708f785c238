//! One request to a bucket, tried until it is answered, refused for good, or hopeless.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use chrono::TimeDelta;
use reqwest::header::HeaderMap;
use reqwest::{Method, Request, Response};

use super::bucket::Bucket;
use super::error::{S3Error, Trouble};
use super::flow::{self, Broken};
use super::judge::{Refusal, Then, date};
use super::keys::Keys;
use super::payload::Payload;
use super::signed::{UNSIGNED, Unsigned};
use super::wait::{asked, wait};
use super::{checksum, place, random, xml};
use crate::reach::sign;

/// No page of a listing is larger: a thousand keys of a thousand letters, all of them encoded.
const MOST: usize = 8 << 20;
/// So much is read of a refusal.
const REFUSAL: usize = 64 * 1024;
/// A body up to this size is signed, and every one without a checksum of its own. Hashing a larger one takes six times
/// as long as its checksum (measured: 0.8 against 5 GB/s).
const SIGNED: usize = 64 * 1024;
/// Clocks that differ by less are not the reason of a refusal; services bear a quarter of an hour.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// So many times as long a service may say nothing that puts the parts of a large object together.
const SLOW: u32 = 10;
/// Who says nothing so often, each time for as long as may be, hangs: asking on would only hold up the others.
const SILENCES: u32 = 2;

/// What to ask of a bucket.
pub(super) struct Ask<'a> {
    /// What it is for, as a verb.
    pub(super) what: &'static str,
    pub(super) method: Method,
    /// The object, below the prefix; none for the bucket itself.
    pub(super) key: Option<&'a str>,
    pub(super) query: Vec<(&'static str, &'a str)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Payload,
    /// Whether whoever asks reads the body of the answer as it comes.
    pub(super) flows: bool,
    /// Whether the service may work on it for long before it says a word.
    pub(super) is_slow: bool,
}

impl<'a> Ask<'a> {
    pub(super) fn new(what: &'static str, method: Method, key: Option<&'a str>) -> Ask<'a> {
        let (query, headers, body) = (Vec::new(), Vec::new(), Bytes::new().into());
        Ask { what, method, key, query, headers, body, flows: false, is_slow: false }
    }

    pub(super) fn with(&mut self, name: &str, value: impl Into<String>) {
        self.headers.push((name.to_owned(), value.into()));
    }
}

/// An answer that is no refusal.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) status: u16,
    /// All of its body; nothing if it flows.
    pub(super) body: String,
    /// What it flows from.
    pub(super) flow: Option<Response>,
}

/// A try that failed.
struct Failed {
    trouble: Trouble,
    then: Then,
    may_be_done: bool,
    headers: HeaderMap,
}

impl From<Broken> for Failed {
    fn from(broken: Broken) -> Failed {
        let Broken { trouble, may_be_done } = broken;
        Failed { trouble, then: Then::Again, may_be_done, headers: HeaderMap::new() }
    }
}

impl Failed {
    fn for_good(trouble: Trouble) -> Failed {
        Failed { trouble, then: Then::Stop, may_be_done: false, headers: HeaderMap::new() }
    }
}

impl Bucket {
    /// Asks until there is an answer, or no hope of one.
    pub(super) async fn send(&self, ask: &Ask<'_>) -> Result<Answer, S3Error> {
        let settings = &self.inner.settings;
        let (mut tries, mut silences, mut is_unsure) = (0, 0, false);
        let (mut is_clock_set, mut are_keys_new) = (false, false);
        loop {
            let keys = self.inner.wallet.keys(&self.inner.client, settings).await;
            let keys = keys.map_err(|why| self.error(ask.what, ask.key, Trouble::NoKeys(why)))?;
            let failed = match self.attempt(ask, &keys).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            tries += 1;
            silences += u32::from(matches!(failed.trouble, Trouble::Silent(_)));
            is_unsure |= failed.may_be_done;
            match failed.then {
                Then::Clock if !is_clock_set && self.set_clock(&failed.headers) => {
                    is_clock_set = true;
                    continue;
                }
                Then::Keys if !are_keys_new && self.inner.wallet.renew(&keys, &self.inner.client, settings).await => {
                    are_keys_new = true;
                    continue;
                }
                Then::Again | Then::Slower if tries < settings.tries && silences < SILENCES => {}
                _ => {
                    let error = self.error(ask.what, ask.key, failed.trouble);
                    return Err(S3Error { tries, is_unsure, ..error });
                }
            }
            let wait = wait(settings, tries, failed.then, asked(&failed.headers), random::fraction());
            tracing::debug!(what = ask.what, tries, ?wait, trouble = %failed.trouble, "a bucket is asked again");
            tokio::time::sleep(wait).await;
        }
    }

    async fn attempt(&self, ask: &Ask<'_>, keys: &Keys) -> Result<Answer, Failed> {
        let idle = self.inner.settings.idle * if ask.is_slow { SLOW } else { 1 };
        let request = self.request(ask, keys).map_err(Failed::for_good)?;
        let mut answer = flow::send((&self.inner.client, &self.inner.moved), request, &ask.body, idle).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        if status.is_success() && ask.flows {
            return Ok(Answer { headers, status: status.as_u16(), body: String::new(), flow: Some(answer) });
        }
        let most = if status.is_success() { MOST } else { REFUSAL };
        let body = flow::whole(&mut answer, most, idle).await;
        if status.is_success() {
            let body = body?.ok_or_else(|| Failed::for_good(Trouble::Malformed("it has no end")))?;
            let body =
                String::from_utf8(body.into()).map_err(|_| Failed::for_good(Trouble::Malformed("it is no text")))?;
            // Some failures are known only after the head of the answer was sent.
            if xml::root(&body) != Some("Error") {
                return Ok(Answer { headers, status: status.as_u16(), body, flow: None });
            }
            return Err(self.refusal(ask, status.as_u16(), headers, &body));
        }
        // A refusal whose words did not come whole is one all the same.
        let body = body.ok().flatten().unwrap_or_default();
        Err(self.refusal(ask, status.as_u16(), headers, &String::from_utf8_lossy(&body)))
    }

    fn refusal(&self, ask: &Ask<'_>, status: u16, headers: HeaderMap, body: &str) -> Failed {
        let refusal = Refusal {
            status,
            headers: &headers,
            is_bare: ask.method == Method::HEAD,
            is_of_object: ask.key.is_some(),
            body,
            region: &self.inner.region,
        };
        let (trouble, then, may_be_done) = refusal.judge();
        Failed { trouble, then, may_be_done, headers }
    }

    fn request(&self, ask: &Ask<'_>, keys: &Keys) -> Result<Request, Trouble> {
        let key = ask.key.map(|key| self.full(key));
        let mut url = match &key {
            Some(key) => place::object(&self.inner.url, key).map_err(Trouble::BadRequest)?,
            None => self.inner.url.clone(),
        };
        let query = sign::query(&ask.query);
        let is_checked = ask.headers.iter().any(|(name, _)| name == checksum::HEADER);
        let payload = match &ask.body {
            Payload::Bytes(bytes) if !is_checked || bytes.len() <= SIGNED => sign::digest(bytes),
            // What lies in a file always carries its checksum.
            Payload::Bytes(_) | Payload::File(_) => UNSIGNED.to_owned(),
        };
        let offset = TimeDelta::seconds(self.inner.offset.load(Ordering::Relaxed));
        let now = self.inner.settings.clock.now();
        let unsigned = Unsigned {
            method: &ask.method,
            url: &url,
            query: &query,
            headers: &ask.headers,
            payload: &payload,
            region: &self.inner.region,
            at: now.checked_add_signed(offset).unwrap_or(now),
        };
        let headers = unsigned.sign(keys);
        let headers = headers
            .ok_or_else(|| Trouble::BadRequest("its keys, or a header of ours, are not plain text".to_owned()))?;
        url.set_query((!query.is_empty()).then_some(query.as_str()));
        let mut request = Request::new(ask.method.clone(), url);
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Follows the clock of the service from now on, if it shows another time than ours.
    fn set_clock(&self, headers: &HeaderMap) -> bool {
        let Some(theirs) = date(headers) else { return false };
        let offset = theirs - self.inner.settings.clock.now();
        let before = TimeDelta::seconds(self.inner.offset.load(Ordering::Relaxed));
        if (offset - before).abs() < SKEW {
            return false;
        }
        tracing::warn!(seconds = offset.num_seconds(), "the clock of this machine differs from that of the store");
        self.inner.offset.store(offset.num_seconds(), Ordering::Relaxed);
        true
    }

    /// How long nothing may move.
    pub(super) fn idle(&self) -> Duration {
        self.inner.settings.idle
    }
}
