//! Why an event could not be recorded or read, and the way out of each.

use std::path::PathBuf;

use super::lock::LockError;
use super::state_error::StateError;
use super::trouble::DiskError;
use crate::text::{Exit, Explain};

/// Why an event could not be recorded or read. An event that got this answer is not in the journal,
/// unless the disk refused its withdrawal too: then it may be found there, whole, as if acknowledged.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JournalError {
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// Another process did not let go of the chain.
    #[error("the journal is in use: {0}")]
    Lock(#[from] LockError),
    /// The disk refused.
    #[error("the journal: {0}")]
    Disk(#[from] DiskError),
    /// The kind is not dotted words.
    #[error("{0:?} is no kind of event: it needs dotted words such as backup.started")]
    BadKind(&'static str),
    /// The body could not be read back.
    #[error("an event of the kind {kind} is {why}")]
    BadBody {
        /// The event's kind.
        kind: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A follower's queue or the writer's thread is gone.
    #[error("the journal in {} has been closed", .0.display())]
    Closed(PathBuf),
}

impl Explain for JournalError {
    fn next_step(&self) -> String {
        match self {
            JournalError::State(error) => error.next_step(),
            JournalError::Lock(error) => error.next_step(),
            JournalError::Disk(error) => error.next_step(),
            JournalError::BadKind(_) | JournalError::BadBody { .. } => {
                "This is a mistake in Lifeboat: please report it with this message.".to_owned()
            }
            JournalError::Closed(_) => "Start again; what was acknowledged is in the journal.".to_owned(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            JournalError::State(error) => error.exit(),
            _ => Exit::Failed,
        }
    }
}
