//! What the journal is told of what is thrown away.

use serde_json::{Value, json};

use super::removal::Going;
use crate::journal::{Draft, Journal, JournalError, Kind};
use crate::vault::retention::{Fate, Needless, Verdict};

/// A recovery point is about to be removed from a store.
pub const REMOVING: Kind = Kind::new("expire.removing");
/// It was.
pub const REMOVED: Kind = Kind::new("expire.removed");
/// It was not, or not all of it.
pub const FAILED: Kind = Kind::new("expire.failed");

/// One, and what becomes of what its system keeps of it.
type About<'a, 'c> = (Going<'a, 'c>, Option<&'a Fate>);

fn body(((series, judged), fate): &About<'_, '_>) -> Value {
    let why = match &judged.verdict {
        Verdict::Kept(reason) => reason.to_string(),
        Verdict::Goes(why) => why.to_string(),
    };
    let mut body =
        json!({ "point": judged.point.id, "store": series.store, "bytes": judged.copied.size(), "why": why });
    if let Some(fate) = fate {
        body["deposit"] = json!(fate.deposit());
        body["deposit_goes"] = json!(matches!(fate, Fate::Goes(_)));
    }
    body
}

/// Says what is about to go; nothing goes before that is certain.
pub async fn removing<'a, 'c: 'a>(
    journal: &Journal,
    going: impl Iterator<Item = About<'a, 'c>>,
) -> Result<(), JournalError> {
    let draft = |about: About<'_, '_>| Draft::new(REMOVING, &about.0.0.component).with(body(&about));
    journal.record_all(going.map(draft).collect())?.await.map(drop)
}

/// Says what became of one.
pub async fn ended(journal: &Journal, about: About<'_, '_>, trouble: Option<&str>) -> Result<(), JournalError> {
    let mut body = body(&about);
    let kind = match trouble {
        None => REMOVED,
        Some(trouble) => {
            body["trouble"] = json!(trouble);
            FAILED
        }
    };
    journal.record(Draft::new(kind, &about.0.0.component).with(body))?.await.map(drop)
}

fn body_of_log(log: &Needless, batch: &[(String, u64)]) -> Value {
    let bytes: u64 = batch.iter().map(|(_, bytes)| bytes).sum();
    let name = |file: Option<&(String, u64)>| file.map(|(key, _)| key.clone());
    let why = format!("the oldest base begins at {}", log.before);
    json!({
        "log": log.component, "store": log.store, "files": batch.len(), "first": name(batch.first()),
        "last": name(batch.last()), "bytes": bytes, "why": why,
    })
}

/// Says what is about to go of a log.
pub async fn removing_log(journal: &Journal, log: &Needless, batch: &[(String, u64)]) -> Result<(), JournalError> {
    journal.record(Draft::new(REMOVING, &log.component).with(body_of_log(log, batch)))?.await.map(drop)
}

/// Says what became of it.
pub async fn log_ended(
    journal: &Journal,
    log: &Needless,
    batch: &[(String, u64)],
    trouble: Option<&str>,
) -> Result<(), JournalError> {
    let mut body = body_of_log(log, batch);
    let kind = if trouble.is_some() { FAILED } else { REMOVED };
    if let Some(trouble) = trouble {
        body["trouble"] = json!(trouble);
    }
    journal.record(Draft::new(kind, &log.component).with(body))?.await.map(drop)
}
