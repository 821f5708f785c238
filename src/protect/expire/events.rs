//! What the journal is told of what is thrown away.

use serde_json::{Value, json};

use crate::journal::{Draft, Journal, JournalError, Kind};
use crate::vault::retention::{Judged, Series, Verdict};

/// A recovery point is about to be removed from a store.
pub const REMOVING: Kind = Kind::new("expire.removing");
/// It was.
pub const REMOVED: Kind = Kind::new("expire.removed");
/// It was not, or not all of it.
pub const FAILED: Kind = Kind::new("expire.failed");

fn body(series: &Series<'_>, judged: &Judged<'_>) -> Value {
    let why = match &judged.verdict {
        Verdict::Kept(reason) => reason.to_string(),
        Verdict::Goes(why) => why.to_string(),
    };
    json!({ "point": judged.point.id, "store": series.store, "bytes": judged.copied.size(), "why": why })
}

/// Says what is about to go; nothing goes before that is certain.
pub async fn removing(journal: &Journal, going: &[&(&Series<'_>, &Judged<'_>)]) -> Result<(), JournalError> {
    let draft = |(series, judged): &&(&Series<'_>, &Judged<'_>)| {
        Draft::new(REMOVING, &series.component).with(body(series, judged))
    };
    journal.record_all(going.iter().map(draft).collect())?.await.map(drop)
}

/// Says what became of one.
pub async fn ended(
    journal: &Journal,
    (series, judged): (&Series<'_>, &Judged<'_>),
    trouble: Option<&str>,
) -> Result<(), JournalError> {
    let mut body = body(series, judged);
    let kind = match trouble {
        None => REMOVED,
        Some(trouble) => {
            body["trouble"] = json!(trouble);
            FAILED
        }
    };
    journal.record(Draft::new(kind, &series.component).with(body))?.await.map(drop)
}
