//! Copies of recovery points where they are missing: from a copy that was verified, and verified once more on the way.

use crate::journal::{Draft, Journal, Kind};
use crate::plan::Plan;
use crate::plan::types::{Job, Store, StoreKind, Task};
use crate::protect::due::Outcome;
use crate::protect::verify::{How, verify};
use crate::systems::Contact;
use crate::text::Size;
use crate::vault::{Catalogue, Copied, Pace, Point, State, copy, look};
use futures_util::StreamExt;
use serde_json::json;

/// How long a store may take to be looked through.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(5);
/// A copy was made.
pub const COPIED: Kind = Kind::new("backup.copied");

/// Copies whatever the jobs that this one takes from have taken, and its stores do not have.
pub async fn copy_missing(plan: &Plan, job: &Job, journal: &Journal, with: &Contact<'_>) -> Outcome {
    let (listings, unseen) = look(plan, |store| store.kind != StoreKind::Git, PATIENCE, with.secrets, None).await;
    let catalogue = Catalogue::of(plan, listings);
    let (mut copied, mut bytes, mut failed) = (0_u64, 0, Vec::new());
    for to in plan.store.iter().filter(|store| job.to.contains(&store.name)) {
        if let Some(unseen) = unseen.iter().find(|unseen| unseen.store == to.name) {
            failed.push(format!("{} cannot be looked into: {}", to.name, unseen.why));
            continue;
        }
        for point in catalogue.points.iter().filter(|point| is_missing(plan, job, point, to)) {
            if with.stop.is_cancelled() {
                return Outcome::interrupted("it was called off");
            }
            match one(plan, point, to, with).await {
                Ok(size) => {
                    (copied, bytes) = (copied + 1, bytes + size);
                    let body = json!({ "point": point.id, "store": to.name, "bytes": size });
                    let about = point.component.as_deref().unwrap_or(&point.id);
                    if let Ok(pending) = journal.record(Draft::new(COPIED, about).with(body)) {
                        let _ = pending.await;
                    }
                }
                Err(why) => failed.push(format!("{} to {}: {why}", point.id, to.name)),
            }
        }
    }
    let told = format!("{copied} recovery points copied, {}", Size(bytes).approx());
    match (failed.is_empty(), copied) {
        (true, 0) => Outcome::nothing("nothing was missing"),
        (true, _) => Outcome::done(told),
        (false, _) => Outcome::failed(format!("{told}; {}", failed.join("; "))),
    }
}

/// Whether a store lacks what it should have.
fn is_missing(plan: &Plan, job: &Job, point: &Point, to: &Store) -> bool {
    let mut taken = plan.job.iter().filter(|other| other.task == Task::Backup && job.takes.contains(&other.name));
    let is_taken = taken.any(|other| {
        let is_alike = point.method().zip(other.method).is_some_and(|(one, other)| one.is_like(other));
        is_alike && other.of == point.component
    });
    let has = point.copies.iter().any(|copied| copied.store == to.name && !matches!(copied.state(), State::Partial(_)));
    is_taken && !has && point.state().is_restorable()
}

/// Copies one, from the best copy there is.
async fn one(plan: &Plan, point: &Point, to: &Store, with: &Contact<'_>) -> Result<u64, String> {
    let store_of = |copied: &Copied| plan.store.iter().find(|store| store.name == copied.store);
    let mut sources: Vec<&Copied> = point.copies.iter().filter(|copied| copied.state().is_restorable()).collect();
    sources.sort_by_key(|copied| std::cmp::Reverse(copied.state()));
    let mut why = "no copy of it can be read".to_owned();
    for source in sources {
        let Some(from) = store_of(source) else { continue };
        // A bad copy is worse than none: it looks like one.
        if source.state() == State::Present && !is_whole(plan, point, source, with).await {
            why = format!("the copy in {} is not whole", source.store);
            continue;
        }
        let pace = Pace::until(with.stop.clone());
        match copy(point, source, from, to, &pace, with.secrets).await {
            Ok(bytes) => return Ok(bytes),
            Err(error) => why = error.to_string(),
        }
    }
    Err(why)
}

async fn is_whole(plan: &Plan, point: &Point, source: &Copied, with: &Contact<'_>) -> bool {
    let alone = Point { copies: vec![source.clone()], ..point.clone() };
    let points = [&alone];
    let mut copies = std::pin::pin!(verify(plan, &points, How::default(), with));
    match copies.next().await {
        Some(verified) => verified.is_whole(),
        None => false,
    }
}
