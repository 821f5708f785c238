//! What the journal is told of copies.

use serde_json::json;

use super::one::NotYet;
use crate::journal::{Draft, Journal, JournalError, Kind};
use crate::plan::types::Store;
use crate::vault::Point;

/// A recovery point is about to be copied into a store; what an earlier copy has left there goes.
pub const COPYING: Kind = Kind::new("backup.copying");
/// A copy was made.
pub const COPIED: Kind = Kind::new("backup.copied");
/// It was not.
pub const FAILED: Kind = Kind::new("backup.not-copied");

/// Says what is about to be copied; nothing is written or removed before that is certain.
pub async fn copying(journal: &Journal, point: &Point, to: &Store) -> Result<(), JournalError> {
    let body = json!({ "point": point.id, "store": to.name });
    journal.record(Draft::new(COPYING, about(point)).with(body))?.await.map(drop)
}

/// Says what became of it. A copy is there whether that could be written or not.
pub async fn ended(journal: &Journal, point: &Point, to: &Store, done: &Result<Option<u64>, NotYet>) {
    let (kind, body) = match done {
        Ok(Some(bytes)) => (COPIED, json!({ "point": point.id, "store": to.name, "bytes": bytes })),
        Ok(None) => (COPIED, json!({ "point": point.id, "store": to.name, "by": "another" })),
        Err(NotYet::Waits(why) | NotYet::Failed(why)) => {
            (FAILED, json!({ "point": point.id, "store": to.name, "why": why }))
        }
    };
    let recorded = async { journal.record(Draft::new(kind, about(point)).with(body))?.await };
    if let Err(error) = recorded.await {
        tracing::error!(%error, "what became of a copy is not in the journal");
    }
}

fn about(point: &Point) -> &str {
    point.component.as_deref().unwrap_or(&point.id)
}
