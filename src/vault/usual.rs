//! Which size is usual for a recovery point: what those before it had.

use crate::plan::Plan;
use crate::plan::types::Job;

/// What is usual varies by so much where the plan says nothing: half, or twice as much.
pub const PERCENT: f64 = 50.0;

/// What is usual; nothing where there are too few to tell.
pub fn usual(mut sizes: Vec<u64>) -> Option<u64> {
    sizes.sort_unstable();
    // Two say nothing of what is usual.
    (sizes.len() > 2).then(|| sizes[sizes.len() / 2])
}

/// By how many per cent a size may differ: as the job says, or a job that verifies it.
pub fn tolerance(plan: &Plan, job: &Job) -> f64 {
    let verifies = plan.job.iter().filter(|other| other.takes.contains(&job.name));
    let said = std::iter::once(job).chain(verifies).find_map(|job| job.tolerance.as_ref()?.size);
    said.map_or(PERCENT, |percent| percent.0)
}

/// Whether a size is within so many per cent of what is usual.
pub fn is_within(size: u64, usual: u64, percent: f64) -> bool {
    !is_small(size, usual, percent) && ratio(size, usual) <= 1.0 / (1.0 - percent / 100.0).max(0.01)
}

/// Whether it is smaller than that.
pub fn is_small(size: u64, usual: u64, percent: f64) -> bool {
    ratio(size, usual) < 1.0 - percent / 100.0
}

#[expect(clippy::cast_precision_loss, reason = "per cent of a size")]
fn ratio(size: u64, usual: u64) -> f64 {
    size as f64 / usual.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_told_from_what_is_not() {
        assert!(is_within(95, 100, 10.0) && is_within(110, 100, 10.0));
        assert!(!is_within(89, 100, 10.0) && !is_within(112, 100, 10.0));
        assert!(is_within(51, 100, 50.0) && is_within(199, 100, 50.0) && !is_within(3, 100, 50.0));
        assert!(is_small(3, 100, 50.0) && !is_small(300, 100, 50.0));
        assert_eq!((usual(vec![9, 1]), usual(vec![3, 1, 2])), (None, Some(2)));
    }
}
