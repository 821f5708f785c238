//! Copies of recovery points where they are missing: from a copy that was verified, and verified once more on the way.

mod events;
mod one;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use self::one::{NotYet, Way, copy_one};
use crate::journal::Journal;
use crate::journal::claim::{ClaimError, Claims};
use crate::plan::types::{Job, Store, StoreKind, Task};
use crate::plan::{Plan, Schedule, leaves, taken_on, zone_of};
use crate::protect::backup::{Rights, Wanted, Wanting};
use crate::protect::due::Outcome;
use crate::protect::operation::Telling;
use crate::systems::Contact;
use crate::text::{Size, counted};
use crate::vault::retention::worth_copying;
use crate::vault::{Catalogue, Media, Point, State, Tickets, Unseen, look};

pub use events::{COPIED, COPYING, FAILED};

/// A backup whose time has come waits for so long at least, while its component is copied.
const HOLDS_OFF: TimeDelta = TimeDelta::minutes(1);
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

/// What came of copying.
#[derive(Debug, Default)]
struct Came {
    copied: usize,
    bytes: u64,
    /// What another is at just now.
    busy: Vec<String>,
    /// What comes with a later run.
    waits: Vec<String>,
    failed: Vec<String>,
    /// Components of which the rest is left for a later run.
    left: BTreeSet<String>,
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
    telling.expects(lacking.iter().map(|(_, point)| point.size()).sum());
    let mut came = Came { failed, ..Came::default() };
    fill(plan, job, &lacking, (means, telling), &mut came, with).await;
    if with.stop.is_cancelled() {
        return Outcome::interrupted("it was called off");
    }
    match (came.failed.is_empty(), came.copied) {
        (false, _) => Outcome::failed(came.told()),
        // The slot is free again, and nobody is told that all is well.
        (true, _) if !came.busy.is_empty() => Outcome::interrupted(came.told()),
        (true, 0) if came.waits.is_empty() => Outcome::nothing("nothing was missing"),
        (true, _) => Outcome::done(came.told()),
    }
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
    let is_its = |point: &Point| {
        let taking = point.manifest().map(|manifest| &manifest.taking);
        let of =
            point.component.as_ref().filter(|_| taking.is_some_and(|taking| taking.job.as_ref() == Some(&job.name)));
        of.is_some() && of == job.of.as_ref()
    };
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

/// Copies what is lacking, each while nobody else acts on its component. What has to be taken of it meanwhile comes first.
async fn fill(
    plan: &Plan,
    job: &Job,
    lacking: &[Lacking<'_>],
    (means, telling): (Means<'_>, &Telling),
    came: &mut Came,
    with: &Contact<'_>,
) {
    let began = with.clock.now();
    for (number, missing) in lacking.iter().enumerate() {
        let (_, point) = missing;
        if with.stop.is_cancelled() {
            return;
        }
        let component = point.component.as_deref().unwrap_or_default();
        let rest =
            || lacking[number..].iter().filter(|(_, point)| point.component.as_deref() == Some(component)).count();
        if came.left.contains(component) {
            continue;
        }
        if let Some(backup) = due_since(plan, component, began, with) {
            came.busy.push(format!("{} of {component}: {backup} comes first", rest()));
            came.left.insert(component.to_owned());
            continue;
        }
        let rights = match right(plan, job, component, (means, telling), with).await {
            Ok(rights) => rights,
            // Somebody takes one just now, or copies: a later run has its turn.
            Err(NotYet::Waits(why)) => {
                came.busy.push(format!("{} of {component}: {why}", rest()));
                came.left.insert(component.to_owned());
                continue;
            }
            Err(NotYet::Failed(why)) => {
                came.failed.push(format!("{} of {component}: {why}", rest()));
                came.left.insert(component.to_owned());
                continue;
            }
        };
        let stop = with.stop.child_token();
        let held = Contact { stop: stop.clone(), ..*with };
        let lost = {
            let mut work = std::pin::pin!(copy(plan, missing, (means, telling), came, &held));
            tokio::select! {
                () = &mut work => None,
                lost = rights.lost() => {
                    stop.cancel();
                    work.await;
                    Some(lost)
                }
            }
        };
        came.failed.extend(lost.map(|lost| format!("{component}: {lost}")));
        rights.give_back().await;
    }
}

/// The backup of a component whose time has come since then: who copies does not keep it waiting for long.
fn due_since(plan: &Plan, component: &str, since: DateTime<Utc>, with: &Contact<'_>) -> Option<String> {
    let now = with.clock.now();
    let is_of = |job: &&Job| job.task == Task::Backup && job.of.as_deref() == Some(component);
    let is_due = |job: &&Job| {
        let schedule = Schedule::of(job, zone_of(&plan.platform)).ok();
        schedule.and_then(|schedule| schedule.previous(now)).is_some_and(|slot| slot > since)
    };
    if now - since < HOLDS_OFF {
        return None;
    }
    plan.job.iter().filter(is_of).find(is_due).map(|job| job.name.clone())
}

/// The right to act on a component: what another writes just now looks like what has broken off.
async fn right(
    plan: &Plan,
    job: &Job,
    component: &str,
    (means, telling): (Means<'_>, &Telling),
    with: &Contact<'_>,
) -> Result<Rights, NotYet> {
    let known = plan.component.iter().find(|known| known.name == component);
    let component = known.ok_or_else(|| NotYet::Failed("the plan has no such component".to_owned()))?;
    let takes = taken_on(plan, job).into_iter();
    let takes: Vec<&Job> =
        takes.filter(|taken| taken.task == Task::Backup && taken.of.as_ref() == Some(&component.name)).collect();
    let is_shared =
        |store: &&Store| job.to.contains(&store.name) || takes.iter().any(|job| job.to.contains(&store.name));
    let stores = plan.store.iter().filter(is_shared).collect();
    let wanted = Wanted { component, job: job.clone(), stores };
    let watching = |why: &ClaimError| telling.is_at(format!("waiting: {why}"));
    let taken = Wanting::new(plan, &wanted, means.claims).take(with.secrets, &with.stop, watching).await;
    taken.map_err(|error| match error {
        ClaimError::Held { .. } | ClaimError::Changed(_) => NotYet::Waits(error.to_string()),
        error => NotYet::Failed(error.to_string()),
    })
}

async fn copy(
    plan: &Plan,
    (to, point): &Lacking<'_>,
    (means, telling): (Means<'_>, &Telling),
    came: &mut Came,
    with: &Contact<'_>,
) {
    telling.is_at(format!("{} to {}", point.id, to.name));
    let way = Way { plan, to, tickets: means.tickets, progress: telling.progress() };
    let done = match events::copying(means.journal, point, to).await {
        Ok(()) => copy_one(&way, point, with).await,
        Err(error) => Err(NotYet::Failed(format!("it was not begun, because that could not be recorded: {error}"))),
    };
    if let Ok(Some(bytes)) = &done {
        (came.copied, came.bytes) = (came.copied + 1, came.bytes + bytes);
    }
    events::ended(means.journal, point, to, &done).await;
    match done {
        Ok(_) => {}
        Err(NotYet::Waits(why)) => came.waits.push(format!("{} to {}: {why}", point.id, to.name)),
        Err(NotYet::Failed(why)) => came.failed.push(format!("{} to {}: {why}", point.id, to.name)),
    }
}

impl Came {
    fn told(&self) -> String {
        let copied = format!("{} copied, {}", counted(self.copied, "recovery point"), Size(self.bytes).approx());
        let not_yet: Vec<&str> = self.busy.iter().chain(&self.waits).map(String::as_str).collect();
        let not_yet = (!not_yet.is_empty()).then(|| format!("not yet: {}", not_yet.join("; ")));
        let has_copied = self.copied > 0 || (not_yet.is_none() && self.failed.is_empty());
        let told = has_copied.then_some(copied).into_iter().chain(not_yet).chain(self.failed.iter().cloned());
        told.collect::<Vec<_>>().join("; ")
    }
}
