//! The desk: the one picture folded from plan, readings, recovery points and journal; the only thing that a screen
//! reads.
//!
//! May use every room below it, and starts what asks and records: the watch, the vault, the journal and the doctor. Never asks
//! a system itself.

mod entry;
mod keeper;
pub mod operations;
mod past;
pub mod shelf;
mod words;

use std::sync::Arc;

use chrono::{DateTime, Utc};

pub use entry::{Entry, Recent};
pub use keeper::{Sources, keep};
pub use shelf::Shelf;
pub use words::told;

use crate::plan::Plan;
use crate::protect::operation::Seen;
use crate::watch::Picture;

/// What is known now. Cheap to clone: what did not change is shared.
#[derive(Clone, Debug)]
pub struct Desk {
    /// The recovery plan.
    pub plan: Arc<Plan>,
    /// When this was folded.
    pub at: DateTime<Utc>,
    /// What the components are like.
    pub picture: Picture,
    /// The newest events of the journal, oldest first.
    pub events: Arc<[Entry]>,
    /// How the journal itself is.
    pub record: Record,
    /// Whether this bastion could do its work tonight; nothing before that was looked at.
    pub bastion: Option<Arc<Bastion>>,
    /// What is wrong with the plan; nothing before that was looked for.
    pub findings: Option<Arc<Findings>>,
    /// What lies in the stores.
    pub shelf: Arc<Shelf>,
    /// What is under way, and what ended lately, the newest first.
    pub operations: Arc<[Seen]>,
}

/// What is wrong with the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// How many mistakes there are.
    pub errors: usize,
    /// How many doubts.
    pub warnings: usize,
}

/// How the journal itself is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// How many events there are.
    pub events: u64,
    /// Why it cannot be read or written, if so; one sentence.
    pub trouble: Option<String>,
    /// Whether this process records changes of verdict; else somebody else on this host does, or nobody can.
    pub is_ours: bool,
    /// Who records them instead.
    pub recorded_by: Option<String>,
}

/// Whether this bastion could do its work tonight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bastion {
    /// How many checks there were.
    pub checks: usize,
    /// What failed, one sentence each.
    pub failed: Vec<String>,
}

impl Desk {
    /// The desk before anything was asked.
    pub fn new(plan: Arc<Plan>, at: DateTime<Utc>) -> Desk {
        Desk {
            picture: Picture::new(Arc::clone(&plan)),
            shelf: Arc::new(Shelf::not_looked_at(&plan)),
            plan,
            at,
            events: Arc::new([]),
            record: Record::default(),
            bastion: None,
            findings: None,
            operations: Arc::new([]),
        }
    }
}
