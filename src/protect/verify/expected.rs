//! What a recovery point should be like, from those before it and from the plan: its size, and its age.

use chrono::{DateTime, Utc};

use crate::plan::types::{Job, Task};
use crate::plan::{Plan, Schedule, zone_of};
use crate::protect::operation::HISTORY;
use crate::text::Span;
use crate::vault::usual::{Amount, Tolerance, unusual};
use crate::vault::{Catalogue, Point};

/// Something that is not as it should be, though every file is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strange {
    /// The component.
    pub component: String,
    /// What it is about: a recovery point, or a job.
    pub about: String,
    /// What is strange.
    pub why: String,
}

/// What is strange about the newest recovery point of each job of a plan, as far as the stores that were `seen` tell.
pub fn strange(plan: &Plan, catalogue: &Catalogue, seen: impl Fn(&str) -> bool, now: DateTime<Utc>) -> Vec<Strange> {
    let jobs = plan.job.iter().filter(|job| job.task == Task::Backup);
    jobs.flat_map(|job| of_job(plan, job, (catalogue, &seen), now)).collect()
}

fn of_job(
    plan: &Plan,
    job: &Job,
    (catalogue, seen): (&Catalogue, &impl Fn(&str) -> bool),
    now: DateTime<Utc>,
) -> Vec<Strange> {
    let (Some(component), Some(method)) = (&job.of, job.method) else { return Vec::new() };
    let is_of = |point: &&Point| {
        let is_alike = point.method().is_some_and(|other| other.is_like(method));
        point.component.as_ref() == Some(component) && is_alike && point.state().is_restorable()
    };
    let mut points = catalogue.points.iter().filter(is_of);
    let Some(newest) = points.next() else { return Vec::new() };
    let strange = |about: &str, why: String| Strange { component: component.clone(), about: about.to_owned(), why };
    let mut found = Vec::new();
    let before: Vec<Amount> = points.take(HISTORY).map(Amount::of_point).collect();
    if let Some(unusual) = unusual(Amount::of_point(newest), &before, Tolerance::of(plan, job)) {
        found.push(strange(&newest.id, unusual.told().to_owned()));
    }
    let missing = should_have(plan, job, newest, now).filter(|(store, _)| seen(store) && !lies_in(newest, store));
    let told =
        |(store, by): (&String, &Job)| format!("it is not in {store}: {} brings it there when it runs next", by.name);
    found.extend(missing.map(told).map(|why| strange(&newest.id, why)));
    let newest_at_most =
        plan.job.iter().filter(|other| other.takes.contains(&job.name)).filter_map(|it| it.newest).min();
    // A slot may be left out; when two are, somebody should know.
    let is_seen = job.to.iter().all(|store| seen(store));
    let usual = || interval(plan, job, now).filter(|_| is_seen).map(|interval| interval.times(2));
    let age = Span::between(newest.taken, now);
    if let Some(most) = newest_at_most.or_else(usual).filter(|most| age > *most) {
        let told = format!("its newest recovery point is {} old, and {most} is allowed", age.rough());
        found.push(strange(&job.name, told));
    }
    found
}

fn lies_in(point: &Point, store: &str) -> bool {
    point.copies.iter().any(|copied| copied.store == store)
}

/// How often a job takes one, where it does so by the clock.
fn interval(plan: &Plan, job: &Job, now: DateTime<Utc>) -> Option<Span> {
    match Schedule::of(job, zone_of(&plan.platform)).ok()? {
        schedule @ (Schedule::Cron(_) | Schedule::Every(_)) => schedule.worst_interval(now),
        Schedule::Continuous { .. } | Schedule::OnChange => None,
    }
}

/// The stores that should have a recovery point of a job by now, and by which job: those that it is written to, and those
/// that it is copied to once whoever copies has had two turns.
fn should_have<'p>(
    plan: &'p Plan,
    job: &'p Job,
    point: &Point,
    now: DateTime<Utc>,
) -> impl Iterator<Item = (&'p String, &'p Job)> {
    let age = Span::between(point.taken, now);
    let copies = plan.job.iter().filter(|other| other.task == Task::Upload && other.takes.contains(&job.name));
    let has_had = move |other: &&Job| interval(plan, other, now).is_some_and(|turn| age > turn.times(2));
    std::iter::once(job).chain(copies.filter(has_had)).flat_map(|by| by.to.iter().map(move |store| (store, by)))
}
