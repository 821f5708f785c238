//! Why a claim was not granted or not kept, and the way out of each.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{ClaimName, Holder};
use crate::journal::lock::LockError;
use crate::journal::{DiskError, StateError};
use crate::reach::s3::S3Error;
use crate::text::{Exit, Explain, Span, instant};

/// Why a claim was not granted or not kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another holds it.
    #[error("{name} is held by {holder} since {}{}", instant::stamp(*since), also(state))]
    Held {
        /// What is claimed.
        name: ClaimName,
        /// Who holds it.
        holder: Box<Holder>,
        /// Since when.
        since: DateTime<Utc>,
        /// What is known of the holder now, if anything.
        state: String,
    },
    /// Between looking and taking over the claim has changed.
    #[error("{0} has changed since it was looked at")]
    Changed(ClaimName),
    /// We held it, and another has it now.
    #[error("the claim on {name} was lost{}", taken(to.as_deref()))]
    Lost {
        /// What was claimed.
        name: ClaimName,
        /// Who has it now.
        to: Option<Box<Holder>>,
    },
    /// It could not be renewed for so long that others may think we are gone.
    #[error("the claim on {name} could not be renewed since {}: {why}", instant::stamp(*since))]
    Doubtful {
        /// What is claimed.
        name: ClaimName,
        /// When it was last renewed.
        since: DateTime<Utc>,
        /// Why not since.
        why: String,
    },
    /// What is stored is no claim.
    #[error("{} cannot be read as a claim: {why}", path.display())]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The store was in use by another process all the time.
    #[error("the claims are in use: {0}")]
    Lock(#[from] LockError),
    /// The disk refused.
    #[error("the claims: {0}")]
    Disk(#[from] DiskError),
    /// The state directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The bucket did not do what it was asked.
    #[error("the claims: {0}")]
    Bucket(Box<S3Error>),
    /// The bucket did not answer.
    #[error("the claims: the bucket {place} has not answered within {within}")]
    Silent {
        /// Its name.
        place: String,
        /// How long was waited.
        within: Span,
    },
    /// The bucket would let two hold one claim.
    #[error("the service of the bucket {0} takes writes whatever their condition, so that no claim would hold there")]
    Unable(String),
}

fn taken(to: Option<&Holder>) -> String {
    match to {
        Some(holder) => format!(" to {holder}"),
        None => ": it was taken from us, and nobody holds it now".to_owned(),
    }
}

fn also(state: &str) -> String {
    if state.is_empty() { String::new() } else { format!(" ({state})") }
}

impl Explain for ClaimError {
    fn next_step(&self) -> String {
        match self {
            ClaimError::Held { holder, .. } => format!(
                "Wait until it is done, or ask who started it. If it must end, end that process (`kill {}` on {}): the \
                 claim can be taken over once it is gone.",
                holder.process.pid, holder.host
            ),
            ClaimError::Changed(_) => "Look again: somebody else has acted.".to_owned(),
            ClaimError::Lost { to: None, .. } => {
                "Nothing more was done here. See in the journal who acted meanwhile before you go on.".to_owned()
            }
            ClaimError::Lost { .. } => {
                "Nothing more was done here. Look at what the other holder does before you go on.".to_owned()
            }
            ClaimError::Doubtful { .. } => {
                "Nothing more is done until it can be renewed. Look at where it is kept: the disk of the state \
                 directory, or the store."
                    .to_owned()
            }
            ClaimError::Unreadable { path, .. } => format!(
                "A newer version may have written it. If no other Lifeboat is at work, move {} away: whoever still \
                 holds it then loses it.",
                path.display()
            ),
            ClaimError::Lock(error) => error.next_step(),
            ClaimError::Disk(error) => error.next_step(),
            ClaimError::State(error) => error.next_step(),
            ClaimError::Bucket(error) => error.next_step(),
            ClaimError::Silent { .. } => "Check the network between this machine and the service.".to_owned(),
            ClaimError::Unable(_) => {
                "Name a store first that can hold claims: a folder that the hosts share, or a bucket of a service that \
                 knows If-None-Match and If-Match."
                    .to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            ClaimError::Held { .. } | ClaimError::Changed(_) => Exit::Refused,
            ClaimError::State(error) => error.exit(),
            _ => Exit::Failed,
        }
    }
}
