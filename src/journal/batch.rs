//! Events on their way to the file: one buffer, each line sealed and linked to the one before.

use std::sync::Arc;

use serde_json::{Value, json};

use super::draft::Entry;
use super::event::Outgoing;
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
    author: &'a Author,
    at: String,
    boot: u64,
    /// What is new of other chains: said once, by the first event.
    seen: Heads,
    pub(super) bytes: Vec<u8>,
    pub(super) head: Head,
}

impl<'a> Batch<'a> {
    pub(super) fn new(author: &'a Author, after: Head, now: &Moment, seen: Heads) -> Batch<'a> {
        Batch { author, at: instant::stamp(now.at), boot: now.boot, seen, bytes: Vec::new(), head: after }
    }

    pub(super) fn push(&mut self, entry: &Entry) {
        let start = self.bytes.len();
        let none = Heads::new();
        let outgoing = Outgoing {
            writer: &self.author.chain,
            seq: self.head.seq + 1,
            prev: self.head.hash,
            at: &self.at,
            boot: self.boot,
            boot_id: &self.author.boot_id,
            actor: &self.author.actor,
            plan: &self.author.plan,
            seen: if start == 0 { &self.seen } else { &none },
            kind: entry.kind,
            subject: &entry.subject,
        };
        // Writing plain values into memory has no way to fail.
        let _ = serde_json::to_writer(&mut self.bytes, &outgoing);
        if !entry.body.is_empty() {
            self.bytes.pop();
            self.bytes.extend_from_slice(b",\"body\":");
            self.bytes.extend_from_slice(entry.body.as_bytes());
            self.bytes.push(b'}');
        }
        self.head = Head { seq: outgoing.seq, hash: line::seal(&mut self.bytes, start) };
    }

    /// What the segment's closing event says: its content is what is in the file and this batch.
    pub(super) fn closing(&self, sheet: &dyn Sheet, tail: &Tail) -> std::io::Result<Value> {
        let mut before = sheet.read_from(0)?;
        before.truncate(usize::try_from(tail.offset).map_err(std::io::Error::other)?);
        Ok(json!(Closing {
            events: self.head.seq + 1 - tail.segment,
            bytes: tail.offset + self.bytes.len() as u64,
            sha256: Digest::of_parts([before.as_slice(), &self.bytes]),
        }))
    }
}
