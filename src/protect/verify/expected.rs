//! What a recovery point should be like, from those before it and from the plan: its size, and its age.

use chrono::{DateTime, Utc};

use crate::plan::Plan;
use crate::plan::types::{Job, Task};
use crate::text::{Size, Span};
use crate::vault::{Catalogue, Point};

/// So many before it tell what is usual.
const HISTORY: usize = 7;
/// What is usual varies by so much where the plan says nothing: half, or twice as much.
const USUAL_PERCENT: f64 = 50.0;

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
    let tolerance = tolerance(plan, job);
    if let Some(usual) = median(before)
        && !is_within(newest.size(), usual, tolerance)
    {
        let (size, usual) = (Size(newest.size()).approx(), Size(usual).approx());
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

/// By how many per cent a size may differ: as the job says, or a job that verifies it.
fn tolerance(plan: &Plan, job: &Job) -> f64 {
    let verifies = plan.job.iter().filter(|other| other.takes.contains(&job.name));
    let said = std::iter::once(job).chain(verifies).find_map(|job| job.tolerance.as_ref()?.size);
    said.map_or(USUAL_PERCENT, |percent| percent.0)
}

fn median(mut sizes: Vec<u64>) -> Option<u64> {
    sizes.sort_unstable();
    // Two say nothing of what is usual.
    (sizes.len() > 2).then(|| sizes[sizes.len() / 2])
}

#[expect(clippy::cast_precision_loss, reason = "per cent of a size")]
fn is_within(size: u64, usual: u64, percent: f64) -> bool {
    let ratio = size as f64 / (usual.max(1)) as f64;
    ratio >= 1.0 - percent / 100.0 && ratio <= 1.0 / (1.0 - percent / 100.0).max(0.01)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_told_from_what_is_not() {
        assert!(is_within(95, 100, 10.0) && is_within(110, 100, 10.0));
        assert!(!is_within(89, 100, 10.0) && !is_within(112, 100, 10.0));
        assert!(is_within(51, 100, 50.0) && is_within(199, 100, 50.0) && !is_within(3, 100, 50.0));
        assert_eq!((median(vec![9, 1]), median(vec![3, 1, 2])), (None, Some(2)));
    }
}
