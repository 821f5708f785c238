//! What is told of an operation.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::journal::claim::Holder;
use crate::plan::types::Method;
use crate::protect::due::Ending;
use crate::text::{Shape, untrusted};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Doing {
    /// A recovery point is taken.
    Backup,
    /// Recovery points are read to their end.
    Verify,
    /// Recovery points are copied where they are missing.
    Upload,
    /// What is old is thrown away.
    Expire,
    /// Everything is held.
    Hold,
    /// The hold is ended.
    Release,
    /// Something that this version does not know.
    #[serde(other)]
    Other,
}

/// What an operation is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What is done.
    pub doing: Doing,
    /// With what: a component, recovery points; nothing where it is everything.
    #[serde(default)]
    pub of: String,
    /// How a recovery point is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// The job whose slot it is; nothing where somebody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The stores that it changes.
    #[serde(default)]
    pub stores: Vec<String>,
}

/// An operation, as it was told last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its name, unlike that of every other.
    pub id: String,
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// The process that does it, and who started that.
    pub by: Holder,
    /// When it began.
    pub began: DateTime<Utc>,
    /// When it was told.
    pub told: DateTime<Utc>,
    /// What it is at, where there is something to say.
    #[serde(default)]
    pub at: String,
    /// How many bytes went by.
    #[serde(default)]
    pub bytes: u64,
    /// How many there will be, as far as that is known.
    #[serde(default)]
    pub expected: Option<u64>,
    /// How many bytes went by in a second, lately.
    #[serde(default)]
    pub rate: Option<u64>,
    /// How it ended, once it has.
    #[serde(default)]
    pub ended: Option<Ended>,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: DateTime<Utc>,
    /// How.
    pub ending: Ending,
    /// What was seen, or why not.
    pub told: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Operation {
    /// What a file says, made harmless: whoever may write in the state folder may have written it.
    pub(super) fn read(bytes: &[u8]) -> Option<Operation> {
        let read: Operation = serde_json::from_slice(bytes).ok()?;
        let line = |text: String, columns| untrusted(text, Shape::line(columns));
        let ended =
            |ended: Ended| Ended { told: line(ended.told, 600), next: ended.next.map(|next| line(next, 400)), ..ended };
        let about = About {
            of: line(read.about.of, 120),
            job: read.about.job.map(|job| line(job, 120)),
            stores: read.about.stores.into_iter().take(50).map(|store| line(store, 60)).collect(),
            ..read.about
        };
        Some(Operation { id: line(read.id, 120), about, at: line(read.at, 200), ended: read.ended.map(ended), ..read })
    }
}
