//! Events on their way to the file: one buffer, each line sealed and linked to the one before.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::draft::Entry;
use super::medium::Sheet;
use super::moment::Moment;
use super::segment::Closing;
use super::tail::Tail;
use super::{Actor, ChainId, Digest, Head, Heads, line};
use crate::text::{Clock, instant};

/// Who writes, and by which clock.
pub(super) struct Author {
    pub(super) chain: ChainId,
    pub(super) actor: Actor,
    pub(super) plan: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) boot_id: String,
}

/// What is written together.
pub(super) struct Batch<'a> {
    chain: &'a ChainId,
    /// The fields that all its events share, as they are written.
    shared: Vec<u8>,
    /// What is new of other chains: said once, by the first event.
    seen: Heads,
    pub(super) bytes: Vec<u8>,
    pub(super) head: Head,
}

#[derive(Serialize)]
struct Shared<'a> {
    at: String,
    boot: u64,
    boot_id: &'a str,
    actor: &'a Actor,
    #[serde(skip_serializing_if = "str::is_empty")]
    plan: &'a str,
}

impl<'a> Batch<'a> {
    pub(super) fn new(author: &'a Author, after: Head, now: &Moment, seen: Heads) -> Batch<'a> {
        let shared = Shared {
            at: instant::stamp(now.at),
            boot: now.boot,
            boot_id: &author.boot_id,
            actor: &author.actor,
            plan: &author.plan,
        };
        let shared = json(&shared);
        // Without its braces, to stand among each event's own fields.
        let shared = shared.get(1..shared.len().saturating_sub(1)).unwrap_or_default().to_vec();
        Batch { chain: &author.chain, shared, seen, bytes: Vec::new(), head: after }
    }

    pub(super) fn push(&mut self, entry: &Entry) {
        let start = self.bytes.len();
        let seq = self.head.seq + 1;
        // Names of chains and kinds are plain words: they need no escapes.
        self.put(&["{\"writer\":\"", self.chain.as_str(), "\",\"seq\":", &seq.to_string()]);
        self.put(&[",\"prev\":\""]);
        self.bytes.extend_from_slice(&self.head.hash.hex());
        self.put(&["\","]);
        self.bytes.extend_from_slice(&self.shared);
        if start == 0 && !self.seen.is_empty() {
            self.put(&[",\"seen\":"]);
            self.bytes.extend(json(&self.seen));
        }
        self.put(&[",\"kind\":\"", entry.kind.as_str(), "\""]);
        if !entry.subject.is_empty() {
            self.put(&[",\"subject\":"]);
            self.bytes.extend(json(&entry.subject));
        }
        if !entry.body.is_empty() {
            self.put(&[",\"body\":", &entry.body]);
        }
        self.head = Head { seq, hash: line::seal(&mut self.bytes, start) };
    }

    fn put(&mut self, parts: &[&str]) {
        for part in parts {
            self.bytes.extend_from_slice(part.as_bytes());
        }
    }

    /// What the segment's closing event says: its content is what is in the file and this batch.
    pub(super) fn closing(&self, sheet: &dyn Sheet, tail: &Tail) -> std::io::Result<Value> {
        let sha256 = if let Some(mut running) = tail.running.clone() {
            running.add(&self.bytes);
            running.digest()
        } else {
            let mut before = sheet.read_from(0)?;
            before.truncate(usize::try_from(tail.offset).map_err(std::io::Error::other)?);
            Digest::of_parts([before.as_slice(), &self.bytes])
        };
        Ok(serde_json::json!(Closing {
            events: self.head.seq + 1 - tail.segment,
            bytes: tail.offset + self.bytes.len() as u64,
            sha256,
        }))
    }
}

/// Plain values as JSON; writing them into memory has no way to fail.
fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
