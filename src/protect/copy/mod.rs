//! Copies of recovery points where they are missing: from a copy that was verified, and verified once more on the way.

mod events;
mod fill;
mod one;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::fill::{Came, fill};
use crate::journal::Journal;
use crate::journal::claim::Claims;
use crate::plan::types::{Job, Store, StoreKind};
use crate::plan::{Plan, leaves, taken_on};
use crate::protect::due::Outcome;
use crate::protect::operation::Telling;
use crate::protect::wal::{Brought, LogOf, bring};
use crate::systems::Contact;
use crate::text::Size;
use crate::vault::retention::worth_copying;
use crate::vault::{Catalogue, Media, Point, State, Tickets, Unseen, look};

pub use events::{COPIED, COPYING, FAILED};

/// How long a store may take to be looked through.
const PATIENCE: Duration = Duration::from_mins(5);
/// The same after a backup: others wait for their turn.
const IN_PASSING: Duration = Duration::from_mins(1);

/// What copies are made with: who may act, what is recorded, and what is on its way to buckets.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    /// Who may act.
    pub claims: &'a Claims,
    /// What is recorded.
    pub journal: &'a Journal,
    /// What is on its way.
    pub tickets: &'a Tickets,
    /// So many bytes a second at most.
    pub rate: Option<Size>,
}

/// Something that a store lacks, and where it is to go.
type Lacking<'a> = (&'a Store, &'a Point);

/// What came of copying what a backup had left out.
#[derive(Debug)]
pub struct Completed {
    /// In words; nothing where there was nothing to do.
    pub told: Option<String>,
    /// Whether each store has all of it now.
    pub is_well: bool,
    /// Why some stores could not be looked into.
    pub unlooked: Vec<String>,
}

/// Copies whatever the jobs that this one takes from have taken, and its stores do not have.
pub async fn copy_missing(plan: &Plan, job: &Job, means: Means<'_>, telling: &Telling, with: &Contact<'_>) -> Outcome {
    sweep(targets(plan, job), means.tickets, with).await;
    let cache = telling.cache();
    let is_one = |store: &Store| store.kind != StoreKind::Git;
    let (listings, unseen) = look(plan, is_one, PATIENCE, with.secrets, cache.as_ref()).await;
    let catalogue = Catalogue::of(plan, listings);
    let is_its = |point: &Point| {
        let of = point.component.as_deref();
        point.method().is_some() && of.is_some_and(|of| leaves(plan, job, of, point.method()))
    };
    let (lacking, mut failed) = lacking(plan, job, (&catalogue, &unseen), is_its, with);
    failed.extend(unseen_sources(plan, job, &unseen));
    failed.extend(unsound(&catalogue, is_its));
    telling.expects(lacking.iter().map(|(_, point)| point.size()).sum());
    let mut came = Came::default();
    came.failed.extend(failed);
    fill(plan, job, &lacking, (means, telling), &mut came, with).await;
    let logs = logs(plan, job, &catalogue, with).await;
    if with.stop.is_cancelled() {
        return Outcome::interrupted("it was called off");
    }
    came.failed.extend(logs.iter().filter(|brought| !brought.left.is_empty()).map(Brought::told));
    came.logs.extend(logs.iter().filter(|brought| brought.left.is_empty()).map(Brought::told));
    match (came.failed.is_empty(), came.copied + came.logs.len()) {
        (false, _) => Outcome::failed(came.told()),
        // The slot is free again, and nobody is told that all is well.
        (true, _) if !came.busy.is_empty() => Outcome::interrupted(came.told()),
        (true, 0) if came.waits.is_empty() => Outcome::nothing("nothing was missing"),
        (true, _) => Outcome::done(came.told()),
    }
}

/// Brings what its stores lack of the logs that it takes on.
async fn logs(plan: &Plan, job: &Job, catalogue: &Catalogue, with: &Contact<'_>) -> Vec<Brought> {
    let mut brought = Vec::new();
    for taken in taken_on(plan, job).into_iter().filter(|taken| taken.keeps_log()) {
        if let Ok(log) = LogOf::of(plan, taken.of.as_deref()) {
            brought.extend(bring(&log, |store| job.to.contains(&store.name), catalogue, with).await);
        }
    }
    brought
}

/// The newest of what it should copy, where no copy of it is good: then nothing is missing, and nothing is well.
fn unsound(catalogue: &Catalogue, is_its: impl Fn(&Point) -> bool) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let newest = catalogue.points.iter().filter(|point| is_its(point));
    let newest = newest.filter(|point| seen.insert((point.component.clone(), point.method())));
    // What has no manifest may be on its way.
    let is_bad =
        |point: &&Point| point.manifest().is_some() && matches!(point.state(), State::Partial(_) | State::Flawed(_));
    newest.filter(is_bad).map(|point| format!("{}: no copy of it is good", point.id)).collect()
}

/// The stores that it copies from and that nobody could look into: what they have may be missing elsewhere.
fn unseen_sources(plan: &Plan, job: &Job, unseen: &[Unseen]) -> Vec<String> {
    let taken = taken_on(plan, job);
    let is_source = |store: &str| taken.iter().any(|taken| taken.to.iter().any(|name| name == store));
    let is_told = |store: &str| job.to.iter().any(|name| name == store);
    let sources = unseen.iter().filter(|unseen| is_source(&unseen.store) && !is_told(&unseen.store));
    sources.map(|unseen| format!("{} cannot be looked into: {}", unseen.store, unseen.why)).collect()
}

/// Copies what a backup has taken into some of its stores, now or before, to the others of them that lack it. Tells what
/// came of it, where there was something to do.
pub async fn complete(plan: &Plan, job: &Job, means: Means<'_>, telling: &Telling, with: &Contact<'_>) -> Completed {
    if targets(plan, job).count() < 2 || with.stop.is_cancelled() {
        return Completed { told: None, is_well: !with.stop.is_cancelled(), unlooked: Vec::new() };
    }
    let cache = telling.cache();
    let (listings, unseen) = look(plan, |store| is_target(job, store), IN_PASSING, with.secrets, cache.as_ref()).await;
    let catalogue = Catalogue::of(plan, listings);
    let is_its = |point: &Point| is_taken_by(job, point);
    // What could not be looked into has just been told, where it took no backup.
    let (lacking, unlooked) = lacking(plan, job, (&catalogue, &unseen), is_its, with);
    let mut came = Came::default();
    fill(plan, job, &lacking, (means, telling), &mut came, with).await;
    let is_worth_telling =
        came.copied > 0 || !came.busy.is_empty() || !came.waits.is_empty() || !came.failed.is_empty();
    let is_well = came.busy.is_empty() && came.waits.is_empty() && came.failed.is_empty() && unlooked.is_empty();
    let told = is_worth_telling.then(|| format!("what was missing: {}", came.told()));
    Completed { told, is_well, unlooked }
}

/// The stores of a backup that have no good copy of what it has taken since then; nothing where none can be found at all.
pub async fn without(
    plan: &Plan,
    job: &Job,
    since: DateTime<Utc>,
    telling: &Telling,
    with: &Contact<'_>,
) -> Option<Vec<String>> {
    let cache = telling.cache();
    let (listings, _) = look(plan, |store| is_target(job, store), IN_PASSING, with.secrets, cache.as_ref()).await;
    let catalogue = Catalogue::of(plan, listings);
    let is_new = |point: &&Point| {
        let begun = point.manifest().map(|manifest| manifest.begun);
        is_taken_by(job, point) && begun.is_some_and(|begun| begun >= since)
    };
    let point = catalogue.points.iter().find(|point| is_new(point) && point.state().is_restorable())?;
    let has =
        |store: &Store| point.copies.iter().any(|copied| copied.store == store.name && copied.state().is_restorable());
    Some(targets(plan, job).filter(|store| !has(store)).map(|store| store.name.clone()).collect())
}

/// Whether a backup has taken it.
fn is_taken_by(job: &Job, point: &Point) -> bool {
    let taking = point.manifest().map(|manifest| &manifest.taking);
    let of = point.component.as_ref().filter(|_| taking.is_some_and(|taking| taking.job.as_ref() == Some(&job.name)));
    of.is_some() && of == job.of.as_ref()
}

/// Gives up what was begun with these tickets, and that nobody has gone on with for long.
pub async fn sweep(stores: impl Iterator<Item = &Store>, tickets: &Tickets, with: &Contact<'_>) {
    for store in stores {
        let Ok(media) = Media::open(store, with.secrets).await else { continue };
        let given_up = media.sweep(tickets, with.clock.now()).await;
        if given_up > 0 {
            tracing::info!(store = store.name, given_up, "unfinished uploads were given up");
        }
    }
}

fn targets<'p>(plan: &'p Plan, job: &'p Job) -> impl Iterator<Item = &'p Store> {
    plan.store.iter().filter(|store| is_target(job, store))
}

fn is_target(job: &Job, store: &Store) -> bool {
    store.kind != StoreKind::Git && job.to.contains(&store.name)
}

/// What the stores of a job lack and would keep; and why some of them cannot be told of.
fn lacking<'a>(
    plan: &'a Plan,
    job: &'a Job,
    (catalogue, unseen): (&'a Catalogue, &[Unseen]),
    is_its: impl Fn(&Point) -> bool,
    with: &Contact<'_>,
) -> (Vec<Lacking<'a>>, Vec<String>) {
    let (mut lacking, mut failed) = (Vec::new(), Vec::new());
    for to in targets(plan, job) {
        if let Some(unseen) = unseen.iter().find(|unseen| unseen.store == to.name) {
            failed.push(format!("{} cannot be looked into: {}", to.name, unseen.why));
            continue;
        }
        let missing = catalogue.points.iter().filter(|point| is_its(point) && is_missing(point, to));
        let missing: Vec<&Point> = missing.collect();
        let worth = worth_copying(plan, catalogue, to, &missing, with.clock.now());
        lacking.extend(worth.into_iter().map(|point| (to, point)));
    }
    (lacking, failed)
}

/// Whether a store lacks what could be copied there.
fn is_missing(point: &Point, to: &Store) -> bool {
    let has = point.copies.iter().any(|copied| copied.store == to.name && !matches!(copied.state(), State::Partial(_)));
    !has && point.state().is_restorable()
}
