//! What a recovery point should be like, from those before it and from the plan: its size, and its age.

use chrono::{DateTime, Utc};

use crate::plan::Plan;
use crate::plan::types::{Job, Task};
use crate::protect::operation::HISTORY;
use crate::text::{Size, Span};
use crate::vault::{Catalogue, Point, usual};

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
    let before: Vec<u64> = points.take(HISTORY).map(Point::size).collect();
    if let Some(size) = usual::usual(before)
        && !usual::is_within(newest.size(), size, usual::tolerance(plan, job))
    {
        let (size, usual) = (Size(newest.size()).approx(), Size(size).approx());
        found.push(strange(&newest.id, format!("it has {size}, where {usual} is usual")));
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
