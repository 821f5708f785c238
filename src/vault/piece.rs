//! What a system hands over to be kept, and whoever keeps it.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::pin::Pin;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::Stream;
use serde::{Deserialize, Serialize};

use super::deposit::Deposit;
use super::naming::Sort;

/// Bytes on their way: to their end, or to what went wrong. Half of them must never look like all.
pub type Source = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// One file of a recovery point, as its system hands it over.
#[derive(Clone, Debug)]
pub struct Piece {
    /// What it holds.
    pub sort: Sort,
    /// How its name ends before it is packed: `dump`, `sql`, `rdb`, `env.tar`.
    pub format: &'static str,
    /// Whether it is packed inside, so that packing it again would only cost time.
    pub is_packed: bool,
    /// Whether it holds secrets in the open: private keys, passwords. It must not lie anywhere unencrypted.
    pub is_secret: bool,
    /// The command that restores it with standard tools alone.
    pub restore: Restore,
}

/// A command that restores a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Restore {
    /// It is given the name of the file, in place of `{}`.
    Named(String),
    /// It reads the file from its input.
    Fed(String),
}

/// Whoever keeps what is handed over, in several stores perhaps.
pub trait Keeper: Send {
    /// Keeps one file: what `source` gives, to its end. It can be restored from only when all of the recovery point
    /// is there.
    fn keep(&mut self, piece: Piece, source: Source) -> impl Future<Output = Result<Kept, KeepError>> + Send;
}

/// What was kept of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// How many bytes the system handed over.
    pub bytes: u64,
}

/// Why a file was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Its source broke off.
    #[error("{0}")]
    Source(io::Error),
    /// No store took it.
    #[error("no store took it: {0}")]
    Nowhere(String),
    /// Somebody called it off.
    #[error("it was called off")]
    CalledOff,
}

/// What a system tells about a recovery point that was taken of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The program and its version: `PostgreSQL 15.18`.
    pub system: String,
    /// What tells it from every other of its kind, where it has such a thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The moment whose state it holds.
    pub as_of: Option<DateTime<Utc>>,
    /// What else must fit where it is restored: encoding, collation, version of the C library.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub about: BTreeMap<String, String>,
    /// How many of what it holds: rows by table, keys by database, objects by sort.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// What no backup of this sort brings back, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// What should be in it and could not be read, a sentence each: such a recovery point stands in for none that has
    /// all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
    /// What the system keeps itself, where the files only speak of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deposit: Option<Deposit>,
}
