//! Claims in a bucket: for hosts that share nothing else. Each is an object, written only where none is, or in place
//! of the one that was read.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;

use super::requests::Requests;
use super::{Claim, ClaimError, ClaimName, ClaimStore, Tag, conditions};
use crate::journal::DiskError;
use crate::reach::s3::{Bucket, Options, S3Error};
use crate::text::Span;

/// What every key begins with that Lifeboat keeps beside recovery points.
pub const OURS: &str = ".lifeboat";

/// No claim is nearly as long.
const LONGEST: usize = 1 << 20;
/// More claims than this are in no bucket of ours.
const MOST: usize = 100_000;
/// How long one question may take: several renewals fit into the time after which a holder counts as gone.
const WITHIN: Duration = Duration::from_secs(15);
/// Who only looks asks many times in a row, and one listing answers all of it.
const LISTED_FOR: Duration = Duration::from_secs(10);

/// The claims in a room of a bucket.
pub struct BucketClaims {
    bucket: Bucket,
    /// What their keys begin with.
    folder: String,
    requests: Requests,
    /// What is known already, where claims are only looked at.
    seen: Option<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// The claims there are and their tags, and when they were listed.
    listed: Option<(Instant, HashMap<ClaimName, Tag>)>,
    read: HashMap<ClaimName, (Claim, Tag)>,
}

impl BucketClaims {
    /// Those in a room of this bucket, to be written; refused where the service would let two hold one claim.
    pub fn open(bucket: Bucket, room: &str) -> Result<BucketClaims, ClaimError> {
        let claims = BucketClaims::new(bucket, room, None)?;
        let asked = claims.bucket.clone();
        let are_kept = claims.ask(async move { conditions::are_kept(&asked).await })?;
        if are_kept { Ok(claims) } else { Err(claims.unable()) }
    }

    /// The same, only to be looked at; what was seen is remembered for a moment.
    pub fn to_look_at(bucket: Bucket, room: &str) -> Result<BucketClaims, ClaimError> {
        let claims = BucketClaims::new(bucket, room, Some(Mutex::default()))?;
        let asked = claims.bucket.clone();
        match claims.ask(async move { conditions::told(&asked).await })? {
            Some(false) => Err(claims.unable()),
            _ => Ok(claims),
        }
    }

    fn new(bucket: Bucket, room: &str, seen: Option<Mutex<Seen>>) -> Result<BucketClaims, ClaimError> {
        let requests = Requests::start().map_err(DiskError::new("start the requests to", bucket.name().as_ref()))?;
        Ok(BucketClaims { folder: format!("{OURS}/{room}/"), bucket, requests, seen })
    }

    fn unable(&self) -> ClaimError {
        ClaimError::Unable(self.bucket.name().to_owned())
    }

    fn key(&self, name: &ClaimName) -> String {
        format!("{}{name}.json", self.folder)
    }

    fn ask<T: Send + 'static>(
        &self,
        asked: impl Future<Output = Result<T, S3Error>> + Send + 'static,
    ) -> Result<T, ClaimError> {
        let silent = || ClaimError::Silent { place: self.bucket.name().to_owned(), within: Span::from(WITHIN) };
        let answer = self.requests.ask(WITHIN, asked).ok_or_else(silent)?;
        answer.map_err(|error| ClaimError::Bucket(Box::new(error)))
    }

    /// Writes the next state under a condition; nothing if that does not hold.
    fn put(&self, name: &ClaimName, claim: &Claim, expected: Option<&Tag>) -> Result<Option<Tag>, ClaimError> {
        let (bucket, key) = (self.bucket.clone(), self.key(name));
        let body = serde_json::to_vec_pretty(claim).map_err(|error| self.unreadable(name, &error.to_string()))?;
        let (body, expected) = (Bytes::from(body), expected.cloned());
        let written = self.ask(async move {
            let options = Options { content_type: Some("application/json".to_owned()), ..Options::default() };
            match expected {
                None => bucket.put_new(&key, body, &options).await,
                Some(Tag(etag)) => bucket.put_if(&key, body, &etag, &options).await,
            }
        })?;
        Ok(written.map(|written| Tag(written.etag)))
    }

    fn fetch(&self, name: &ClaimName) -> Result<Option<(Claim, Tag)>, ClaimError> {
        let (bucket, key) = (self.bucket.clone(), self.key(name));
        let Some((content, etag)) = self.ask(async move { content(&bucket, &key).await })? else { return Ok(None) };
        let etag = etag.ok_or_else(|| self.unreadable(name, "the service gives it no entity tag"))?;
        let claim = serde_json::from_slice(&content).map_err(|error| self.unreadable(name, &error.to_string()))?;
        Ok(Some((claim, Tag(etag))))
    }

    fn list(&self) -> Result<HashMap<ClaimName, Tag>, ClaimError> {
        let (bucket, folder) = (self.bucket.clone(), self.folder.clone());
        let listed = self.ask(async move { bucket.list(&folder, MOST).await })?;
        let claims = listed.entries.into_iter().filter_map(|entry| {
            let name = entry.key.strip_prefix(&self.folder)?.strip_suffix(".json")?.parse().ok()?;
            Some((name, Tag(entry.etag?)))
        });
        Ok(claims.collect())
    }

    fn unreadable(&self, name: &ClaimName, why: &str) -> ClaimError {
        let path = format!("s3://{}/{}", self.bucket.name(), self.key(name)).into();
        ClaimError::Unreadable { path, why: why.to_owned() }
    }

    /// What a listing of a moment ago tells of a claim; lists anew where there is none.
    fn seen<'s>(&self, seen: &'s Mutex<Seen>) -> Result<MutexGuard<'s, Seen>, ClaimError> {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.listed.as_ref().is_none_or(|(at, _)| at.elapsed() > LISTED_FOR) {
            seen.listed = Some((Instant::now(), self.list()?));
        }
        Ok(seen)
    }
}

/// What an object holds, and its entity tag; nothing where there is none.
pub(super) async fn content(bucket: &Bucket, key: &str) -> Result<Option<(Vec<u8>, Option<String>)>, S3Error> {
    let mut download = match bucket.get(key, ..).await {
        Err(error) if error.is_not_found() => return Ok(None),
        download => download?,
    };
    let mut content = Vec::new();
    while let Some(piece) = download.bytes.next().await {
        content.extend_from_slice(&piece?);
        if content.len() > LONGEST {
            break;
        }
    }
    Ok(Some((content, download.about.etag)))
}

impl ClaimStore for BucketClaims {
    fn read(&self, name: &ClaimName) -> Result<Option<(Claim, Tag)>, ClaimError> {
        let Some(seen) = &self.seen else { return self.fetch(name) };
        let mut seen = self.seen(seen)?;
        let Some(tag) = seen.listed.as_ref().and_then(|(_, claims)| claims.get(name)) else { return Ok(None) };
        if let Some((claim, _)) = seen.read.get(name).filter(|(_, known)| known == tag) {
            return Ok(Some((claim.clone(), tag.clone())));
        }
        let found = self.fetch(name)?;
        if let Some(found) = &found {
            seen.read.insert(name.clone(), found.clone());
        }
        Ok(found)
    }

    fn create(&self, name: &ClaimName, claim: &Claim) -> Result<Option<Tag>, ClaimError> {
        self.put(name, claim, None)
    }

    fn replace(&self, name: &ClaimName, expected: &Tag, claim: &Claim) -> Result<Option<Tag>, ClaimError> {
        self.put(name, claim, Some(expected))
    }

    fn names(&self) -> Result<Vec<ClaimName>, ClaimError> {
        match &self.seen {
            None => Ok(self.list()?.into_keys().collect()),
            Some(seen) => {
                let seen = self.seen(seen)?;
                Ok(seen.listed.iter().flat_map(|(_, claims)| claims.keys().cloned()).collect())
            }
        }
    }

    fn forget(&self, name: &ClaimName, expected: &Tag) -> Result<(), ClaimError> {
        let (bucket, key, Tag(etag)) = (self.bucket.clone(), self.key(name), expected.clone());
        self.ask(async move { bucket.delete_if(&key, &etag).await })
    }
}

impl std::fmt::Debug for BucketClaims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BucketClaims")
            .field("bucket", &self.bucket)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}
