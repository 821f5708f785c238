//! Asking a store: it blocks, and one on a network may hang, never in the way of anything else.

use std::time::Duration;

use crate::journal::claim::ClaimError;
use crate::text::Span;

/// How long a store may take for one thing.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why a store did not do something.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotDone {
    /// It says why.
    #[error(transparent)]
    Refused(#[from] ClaimError),
    /// It hangs. Should it do it yet, whatever was claimed by that is given back.
    #[error("{place} did not answer within {}", Span::from(PATIENCE))]
    Silent { place: String },
}

/// Does it on a thread that may be left behind.
pub(super) async fn patiently<T: Send + 'static>(
    place: &str,
    work: impl FnOnce() -> Result<T, ClaimError> + Send + 'static,
) -> Result<T, NotDone> {
    match tokio::time::timeout(PATIENCE, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => Ok(done?),
        Ok(Err(_)) | Err(_) => Err(NotDone::Silent { place: place.to_owned() }),
    }
}
