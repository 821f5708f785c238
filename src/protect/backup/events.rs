//! What the journal is told of a backup.

use serde_json::json;

use super::BackupError;
use super::choice::Wanted;
use crate::journal::{Draft, Journal, Kind};
use crate::reach::Tag;
use crate::vault::Delivered;

/// A backup is about to be taken.
pub const STARTED: Kind = Kind::new("backup.started");
/// It was taken.
pub const TAKEN: Kind = Kind::new("backup.taken");
/// It was not.
pub const FAILED: Kind = Kind::new("backup.failed");

/// Says what is about to be done; nothing is done before that is certain.
pub async fn started(
    journal: &Journal,
    wanted: &Wanted<'_>,
    point: &str,
    (worked, tag): (Option<&str>, Option<&Tag>),
) -> Result<(), BackupError> {
    let stores: Vec<&str> = wanted.stores.iter().map(|store| store.name.as_str()).collect();
    let mut body = json!({ "point": point, "job": wanted.job.name, "method": wanted.job.method, "stores": stores });
    if let Some(worked) = worked {
        body["worked"] = json!(worked);
    }
    // By it what runs elsewhere is found, should nobody here be left to end it.
    if let Some(tag) = tag {
        body["tag"] = json!(tag);
    }
    let pending = journal.record(Draft::new(STARTED, &wanted.component.name).with(body))?;
    pending.await?;
    Ok(())
}

/// Says what became of it. A backup is there whether that could be written or not.
pub async fn ended(journal: &Journal, wanted: &Wanted<'_>, point: &str, done: &Result<Delivered, BackupError>) {
    let draft = match done {
        Ok(delivered) => {
            let of = |(store, done): &(String, Result<u64, _>)| match done {
                Ok(bytes) => json!({ "store": store, "bytes": bytes }),
                Err(error) => json!({ "store": store, "missing": ToString::to_string(error) }),
            };
            let stores: Vec<_> = delivered.stores.iter().map(of).collect();
            Draft::new(TAKEN, &wanted.component.name).with(json!({ "point": point, "stores": stores }))
        }
        Err(error) => {
            Draft::new(FAILED, &wanted.component.name).with(json!({ "point": point, "why": error.to_string() }))
        }
    };
    let recorded = async { journal.record(draft)?.await };
    if let Err(error) = recorded.await {
        tracing::error!(%error, "what became of a backup is not in the journal");
    }
}
