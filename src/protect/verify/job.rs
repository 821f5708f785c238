//! A verification by schedule: the recovery points of the jobs that it names.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::StreamExt;

use super::{How, Strange, strange, to_read, verify};
use crate::plan::types::{Job, Store, StoreKind};
use crate::plan::{Plan, taken_on};
use crate::protect::due::Outcome;
use crate::protect::operation::Telling;
use crate::systems::Contact;
use crate::vault::{Catalogue, Point, Unseen, look};

/// How long a store may take to be looked through.
const PATIENCE: Duration = Duration::from_mins(5);

/// Verifies what is new of the jobs that this one takes from; of all, if it names none.
pub async fn of_job(plan: &Plan, job: &Job, telling: &Telling, with: &Contact<'_>) -> Outcome {
    let is_chosen = |store: &Store| store.kind != StoreKind::Git && (job.to.is_empty() || job.to.contains(&store.name));
    let (listings, unseen) = look(plan, is_chosen, PATIENCE, with.secrets, telling.cache().as_ref()).await;
    let catalogue = Catalogue::of(plan, listings);
    let points: Vec<&Point> = catalogue.points.iter().filter(|point| is_of(plan, job, point)).collect();
    // What a job of the plan is to verify is worth its thaw where it names the store.
    let how = How { thaws: !job.to.is_empty(), is_deep: job.deep == Some(true), ..How::default() };
    telling.expects(to_read(&points, how));
    let mut copies = std::pin::pin!(verify(plan, &points, how, telling.progress().clone(), with));
    let (mut whole, mut wrong, mut unlooked, mut archived) = (0, Vec::new(), Vec::new(), Vec::new());
    let mut not_kept = BTreeMap::new();
    loop {
        let next = tokio::select! {
            biased;
            () = with.stop.cancelled() => return Outcome::interrupted("it was called off"),
            next = copies.next() => next,
        };
        let Some(verified) = next else { break };
        telling.is_at(format!("{} in {}", verified.point.id, verified.store));
        if let Some(why) = &verified.not_kept {
            not_kept.entry(verified.store.to_owned()).or_insert_with(|| why.clone());
        }
        if verified.archived.is_some() {
            archived.extend(verified.waits_for());
        } else if verified.is_whole() {
            whole += 1;
        } else if let Some(why) = verified.not_looked() {
            unlooked.push(format!("{} in {} ({why})", verified.point.id, verified.store));
        } else {
            wrong.push(format!("{} in {}", verified.point.id, verified.store));
        }
    }
    let is_seen = |store: &str| {
        let is_chosen = job.to.is_empty() || job.to.iter().any(|name| name == store);
        is_chosen && !unseen.iter().any(|unseen| unseen.store == store)
    };
    let strange = strange(plan, &catalogue, is_seen, with.clock.now());
    let outcome = told(whole, (&wrong, &unlooked, &not_kept), &missing(plan, job, &catalogue), &strange, &unseen);
    match archived.as_slice() {
        [] => outcome,
        // It comes when it comes, and a later run reads it.
        waiting => Outcome { told: format!("{}; not read yet: {}", outcome.told, waiting.join(", ")), ..outcome },
    }
}

/// The jobs that this one takes from, and those whose recovery points they take on, each once.
fn taken<'p>(plan: &'p Plan, job: &'p Job) -> Vec<&'p Job> {
    let named = plan.job.iter().filter(|other| job.takes.contains(&other.name));
    let mut taken: Vec<&Job> = named.flat_map(|other| taken_on(plan, other)).collect();
    taken.sort_by_key(|job| &job.name);
    taken.dedup_by_key(|job| &job.name);
    taken
}

/// Whether it belongs to one of the jobs that this one takes from.
fn is_of(plan: &Plan, job: &Job, point: &Point) -> bool {
    let mut taken = taken(plan, job).into_iter();
    job.takes.is_empty() || taken.any(|other| other.of == point.component && is_by(other, point))
}

fn is_by(job: &Job, point: &Point) -> bool {
    match (job.method, point.method()) {
        (Some(wanted), Some(found)) => wanted.is_like(found),
        // What an upload takes along is told by the jobs that it takes from.
        (None, _) => true,
        _ => false,
    }
}

/// The jobs that have nothing to verify: what is not there was never whole.
fn missing(plan: &Plan, job: &Job, catalogue: &Catalogue) -> Vec<String> {
    let has = |other: &Job| catalogue.points.iter().any(|point| other.of == point.component && is_by(other, point));
    let taken = taken(plan, job).into_iter().filter(|other| other.takes_points());
    taken.filter(|other| !has(other)).map(|other| other.name.clone()).collect()
}

fn told(
    whole: usize,
    (wrong, unlooked, not_kept): (&[String], &[String], &BTreeMap<String, String>),
    missing: &[String],
    strange: &[Strange],
    unseen: &[Unseen],
) -> Outcome {
    let mut sentences = vec![format!("{whole} copies are whole")];
    if !wrong.is_empty() {
        sentences.push(format!("not whole: {}", wrong.join(", ")));
    }
    if !unlooked.is_empty() {
        sentences.push(format!("not looked at: {}", unlooked.join(", ")));
    }
    // What nobody can read tomorrow counts for nobody as verified.
    sentences.extend(not_kept.iter().map(|(store, why)| format!("what was found is not kept in {store}: {why}")));
    if !missing.is_empty() {
        sentences.push(format!("no recovery point of {}", missing.join(", ")));
    }
    sentences.extend(strange.iter().map(|strange| format!("{}: {}", strange.about, strange.why)));
    sentences.extend(unseen.iter().map(|unseen| format!("{} was not looked into: {}", unseen.store, unseen.why)));
    let is_well = sentences.len() == 1;
    let told = sentences.join("; ");
    if is_well { Outcome::done(told) } else { Outcome::failed(told) }
}
