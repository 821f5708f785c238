//! Claims: the right to act, held by one. Created if absent, renewed, compared and swapped.
//!
//! What a claim says lies here; how one is taken and lost in `keep`; where it is stored behind
//! [`ClaimStore`], in files or in a bucket.

mod bucket;
mod conditions;
mod error;
mod held;
mod keep;
mod local;
mod look;
mod requests;

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use bucket::{BucketClaims, OURS};
pub use error::ClaimError;
pub use held::{Held, Standing};
pub use keep::{Claims, Pace};
pub use local::{LocalClaims, peek};
pub use look::{Looked, Verdict};

use super::host::{self, ProcessMark};
use super::{Actor, ChainId};

/// What is claimed: `component.postgres`, `job.postgres-daily.2024-11-18`. Safe as a file name and as an
/// object's key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClaimName(String);

/// A text that cannot name a claim.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot name a claim: use up to 120 small letters, digits, dots, dashes and underscores")]
pub struct ClaimNameError(String);

impl ClaimName {
    /// The claim of this sort on something that has a name of its own, whatever is in that.
    pub fn of(sort: &'static str, name: &str) -> ClaimName {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        let name: String = name.chars().map(plain).take(90).collect();
        ClaimName(format!("{sort}.{name}"))
    }
}

impl FromStr for ClaimName {
    type Err = ClaimNameError;

    fn from_str(text: &str) -> Result<ClaimName, ClaimNameError> {
        let fits = (1..=120).contains(&text.len())
            && !text.starts_with('.')
            && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'.' | b'-' | b'_'));
        if fits { Ok(ClaimName(text.to_owned())) } else { Err(ClaimNameError(text.chars().take(130).collect())) }
    }
}

impl TryFrom<String> for ClaimName {
    type Error = ClaimNameError;

    fn try_from(text: String) -> Result<ClaimName, ClaimNameError> {
        text.parse()
    }
}

impl From<ClaimName> for String {
    fn from(name: ClaimName) -> String {
        name.0
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// Who holds a claim: enough to find the process, and to know that it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The host, as its chain is named.
    pub chain: ChainId,
    /// The host's name for people.
    pub host: String,
    /// Which boot of it.
    pub boot_id: String,
    /// Which process.
    pub process: ProcessMark,
    /// Which user.
    pub actor: Actor,
    /// What it is held for, for people.
    pub purpose: String,
}

impl Holder {
    /// This process.
    pub fn here(purpose: &str) -> Holder {
        Holder {
            chain: host::chain(),
            host: host::name(),
            boot_id: host::boot_id().to_owned(),
            process: ProcessMark::here(),
            actor: Actor::here(),
            purpose: purpose.to_owned(),
        }
    }
}

impl Holder {
    /// Who it is, for somebody on the same host: `another Lifeboat that root started (process 4711)`.
    pub fn told(&self) -> String {
        format!("another Lifeboat that {} started (process {})", self.started_by(), self.process.pid)
    }

    fn started_by(&self) -> String {
        if self.actor.name.is_empty() { format!("uid {}", self.actor.uid) } else { self.actor.name.clone() }
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actor = self.started_by();
        write!(f, "{actor} on {} (process {}) for {}", self.host, self.process.pid, self.purpose)
    }
}

/// What a store keeps of a claim. It stays when the claim is given back, so that generations never repeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Grows with every new holder: what a late write of an old holder can be told by.
    pub generation: u64,
    /// Who holds it; nobody once it was given back.
    pub holder: Option<Holder>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// How often it was renewed.
    pub beat: u64,
    /// When it was last renewed, by the wall clock.
    pub renewed: DateTime<Utc>,
    /// When it was last renewed, in milliseconds since the holder's boot.
    pub renewed_boot: u64,
    /// What its last holder left word of when it gave it back: how a job's slot ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<serde_json::Value>,
}

/// What a store calls one state of a claim: a digest, an entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag(pub String);

/// Where claims are kept. Each operation is atomic among all that use the store.
///
/// The calls block; a store behind a network drives its own requests, and callers in tasks use
/// `spawn_blocking`.
pub trait ClaimStore: Send + Sync {
    /// The claim as it is, and the tag of this state.
    fn read(&self, name: &ClaimName) -> Result<Option<(Claim, Tag)>, ClaimError>;
    /// Stores the first state of a claim; nothing if there is one already.
    fn create(&self, name: &ClaimName, claim: &Claim) -> Result<Option<Tag>, ClaimError>;
    /// Stores the next state; nothing if the present one is no longer `expected`.
    fn replace(&self, name: &ClaimName, expected: &Tag, claim: &Claim) -> Result<Option<Tag>, ClaimError>;
    /// The names of all claims, those given back included.
    fn names(&self) -> Result<Vec<ClaimName>, ClaimError>;
    /// Forgets a claim that nobody will ask for again, unless it is no longer as `expected`. What is not there is
    /// forgotten already.
    fn forget(&self, name: &ClaimName, expected: &Tag) -> Result<(), ClaimError>;
}
