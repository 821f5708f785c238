//! Marking recovery points as not to be trusted, beside each of their copies.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::journal::{Actor, Draft, Journal, JournalError, Kind, host};
use crate::plan::Plan;
use crate::systems::Contact;
use crate::text::{Shape, untrusted};
use crate::vault::{Copied, Media, Note, Point, Taint, note_key};

/// A recovery point is marked as not to be trusted.
pub const TAINTED: Kind = Kind::new("point.tainted");
/// The mark is taken away.
pub const CLEARED: Kind = Kind::new("point.cleared");

/// What is said of recovery points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// They are not to be trusted.
    Tainted {
        /// Since when something is wrong.
        since: DateTime<Utc>,
        /// What happened.
        why: String,
        /// Whether they are from before that, and only what will be taken after them is meant.
        of_later: bool,
    },
    /// They are to be trusted again.
    Cleared,
}

impl Mark {
    /// Whether there is anything to mark: something to restore from, or a mark to take away.
    fn is_about(&self, copied: &Copied) -> bool {
        match self {
            Mark::Tainted { .. } => !copied.artefacts.is_empty() || there(copied).is_some(),
            Mark::Cleared => there(copied).is_some(),
        }
    }
}

/// The mark that is there already.
fn there(copied: &Copied) -> Option<&str> {
    copied.notes.iter().find(|(note, ..)| *note == Note::Tainted).map(|(_, file, _)| file.key.as_str())
}

/// What became of one copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    /// The recovery point.
    pub point: String,
    /// The store.
    pub store: String,
    /// Why it is not marked there.
    pub trouble: Option<String>,
}

/// Marks every copy; that it is to be done is written down first.
pub async fn mark(
    plan: &Plan,
    points: &[&Point],
    mark: &Mark,
    journal: &Journal,
    with: &Contact<'_>,
) -> Result<Vec<Marked>, JournalError> {
    let mut marked = Vec::new();
    for point in points {
        let copies: Vec<&Copied> = point.copies.iter().filter(|copied| mark.is_about(copied)).collect();
        if copies.is_empty() {
            continue;
        }
        let subject = point.component.as_deref().unwrap_or_default();
        let draft = match mark {
            Mark::Tainted { since, why, of_later } => Draft::new(TAINTED, subject)
                .with(json!({ "point": point.id, "since": since, "why": why, "of_later": of_later })),
            Mark::Cleared => Draft::new(CLEARED, subject).with(json!({ "point": point.id })),
        };
        journal.record(draft)?.await?;
        for copied in copies {
            let trouble = one(plan, &point.id, copied, mark, with).await.err();
            let trouble = trouble.map(|why| untrusted(why, Shape::line(300)));
            marked.push(Marked { point: point.id.clone(), store: copied.store.clone(), trouble });
        }
    }
    Ok(marked)
}

async fn one(plan: &Plan, point: &str, copied: &Copied, mark: &Mark, with: &Contact<'_>) -> Result<(), String> {
    let store = plan.store.iter().find(|store| store.name == copied.store).ok_or("the plan has no such store")?;
    let media = Media::open(store, with.secrets).await.map_err(|error| error.to_string())?;
    let there = there(copied).map(str::to_owned);
    let Mark::Tainted { since, why, of_later } = mark else {
        let Some(key) = there else { return Ok(()) };
        return media.remove(&key).await.map_err(|error| error.to_string());
    };
    let beside = |key: &str| note_key(key, point, Note::Tainted);
    let key = there.or_else(|| copied.artefacts.first().map(|(_, file)| beside(&file.key)));
    let key = key.ok_or("nothing of it lies there that one could restore from")?;
    let by = format!("{} on {}", Actor::here().name, host::name());
    let taint = Taint { of_later: *of_later, ..Taint::new(*since, why.clone(), by, with.clock.now()) };
    let bytes = taint.bytes().map_err(|error| error.to_string())?;
    media.put(&key, bytes).await.map_err(|error| error.to_string())
}
