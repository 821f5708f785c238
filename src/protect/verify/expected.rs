//! What a recovery point should be like, from those before it and from the plan: its size, and its age.

use chrono::{DateTime, Utc};

use crate::plan::Plan;
use crate::plan::types::{Job, Task};
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

/// What is strange about the newest recovery point of each job of a plan.
pub fn strange(plan: &Plan, catalogue: &Catalogue, now: DateTime<Utc>) -> Vec<Strange> {
    let jobs = plan.job.iter().filter(|job| job.task == Task::Backup);
    jobs.flat_map(|job| of_job(plan, job, catalogue, now)).collect()
}

fn of_job(plan: &Plan, job: &Job, catalogue: &Catalogue, now: DateTime<Utc>) -> Vec<Strange> {
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
        found.push(strange(&newest.id, unusual.told()));
    }
    let newest_at_most =
        plan.job.iter().filter(|other| other.takes.contains(&job.name)).filter_map(|it| it.newest).min();
    let age = Span::between(newest.taken, now);
    if let Some(most) = newest_at_most.filter(|most| age > *most) {
        found.push(strange(
            &job.name,
            format!("its newest recovery point is {} old, and {most} is allowed", age.rough()),
        ));
    }
    found
}
