//! Why there is no recovery point.

use super::there::Told;
use crate::journal::JournalError;
use crate::journal::claim::ClaimError;
use crate::reach::{ReachError, Tag};
use crate::systems::Left;
use crate::systems::take::TakeError;
use crate::text::{Exit, Explain};
use crate::vault::KeepError;

/// Why there is no recovery point.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Somebody else takes one of the same thing, or cannot be asked.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// What was to be done could not be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The system did not hand it over, or not whole.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// No store has it.
    #[error("{component}: {error}{}", left.as_ref().map_or_else(String::new, |left| format!("; {left}")))]
    Keep {
        /// Of what.
        component: String,
        /// What the stores said.
        error: KeepError,
        /// What its system may have of it still.
        left: Option<Box<Left>>,
    },
    /// Where it is to be taken cannot be reached.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// It did not come to a good end where it was taken.
    #[error(transparent)]
    There(Told),
    /// Nothing is heard any more of where it was taken.
    #[error("{place}: the connection broke while it was taken there{}", still(left.as_ref()))]
    Broken {
        /// Where.
        place: String,
        /// What still runs there carries it.
        tag: Tag,
        /// Why it is not known that nothing runs there any more.
        left: Option<String>,
    },
    /// It could not be taken where the plan says, and not from here either.
    #[error("{error} (taken from here: {why})")]
    NotThere {
        /// Why not from here.
        error: Box<BackupError>,
        /// Why not there.
        why: String,
    },
}

fn still(left: Option<&String>) -> String {
    match left {
        None => ", and nothing of it runs there any more".to_owned(),
        Some(why) => format!(", and what runs there ends itself within a minute ({why})"),
    }
}

impl Explain for BackupError {
    fn next_step(&self) -> String {
        match self {
            BackupError::Claim(error) => error.next_step(),
            BackupError::Journal(error) => error.next_step(),
            BackupError::Take(error) => error.next_step(),
            BackupError::Keep { left: None, .. } => {
                "Nothing half-written was left. Look at the stores, then take it again.".to_owned()
            }
            BackupError::Keep { left: Some(left), .. } => {
                format!("Look at the stores, then take it again; {}.", left.next_step())
            }
            BackupError::Reach(error) => error.next_step(),
            BackupError::There(told) => told.next_step(),
            BackupError::Broken { tag, .. } => {
                format!("`lifeboat points` shows whether it was whole by then; else take it again. It carried {tag}.")
            }
            BackupError::NotThere { error, .. } => error.next_step(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            BackupError::Claim(error) => error.exit(),
            BackupError::Journal(error) => error.exit(),
            BackupError::Take(error) => error.exit(),
            BackupError::Keep { .. } | BackupError::Broken { .. } => Exit::Failed,
            BackupError::Reach(error) => error.exit(),
            BackupError::There(told) => told.exit(),
            BackupError::NotThere { error, .. } => error.exit(),
        }
    }
}
