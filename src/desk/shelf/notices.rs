//! What somebody should know of the vault beside the ages: what failed, what is not whole, who holds everything.

use super::{JobSeen, Shelf};
use crate::plan::Plan;
use crate::plan::facts::Verdict;
use crate::text::{Shape, untrusted};

/// So many are named; of the others only how many.
const NAMED: usize = 2;

/// Something somebody should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How bad it is.
    pub verdict: Verdict,
    /// It, in one line.
    pub text: String,
    /// Whether something went wrong. That a job is late is told by the age of what it protects, if that is not taken some
    /// other way; and what is held is meant to be.
    pub is_wrong: bool,
}

/// What somebody should know, the worst first.
pub(super) fn of(shelf: &Shelf, plan: &Plan) -> Vec<Notice> {
    let jobs = |is_so: fn(&&JobSeen) -> bool| -> Vec<&str> {
        let seen = shelf.jobs.iter().filter(is_so);
        seen.filter_map(|seen| plan.job.get(seen.job)).map(|job| job.name.as_str()).collect()
    };
    let failed = jobs(|seen| seen.running.is_none() && seen.has_failed());
    let late = jobs(|seen| seen.late_since.is_some());
    let broken: Vec<&str> = shelf.points.iter().filter(|brief| brief.is_broken()).map(|brief| &*brief.id).collect();
    let told = [
        (Verdict::Down, true, named("job failed", "jobs failed", &failed)),
        (Verdict::Degraded, false, named("job is late", "jobs are late", &late)),
        (Verdict::Degraded, true, named("recovery point is not whole", "recovery points are not whole", &broken)),
        (Verdict::Degraded, false, held(shelf)),
    ];
    let notice = |(verdict, is_wrong, text): (Verdict, bool, Option<String>)| {
        text.map(|text| Notice { verdict, text, is_wrong })
    };
    told.into_iter().filter_map(notice).collect()
}

fn held(shelf: &Shelf) -> Option<String> {
    let (_, hold) = shelf.hold()?;
    let why = hold.because();
    Some(untrusted(format!("everything is held by {}{why}", hold.by), Shape::line(300)))
}

/// `3 jobs failed: nightly, hourly and 1 other`; nothing where there is none.
fn named(one: &str, many: &str, names: &[&str]) -> Option<String> {
    let few = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        1 => " and 1 other".to_owned(),
        more => format!(" and {more} others"),
    };
    let what = if names.len() == 1 { one } else { many };
    (!names.is_empty()).then(|| untrusted(format!("{} {what}: {few}{more}", names.len()), Shape::line(300)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_are_named_and_the_others_counted() {
        assert_eq!(named("job failed", "jobs failed", &[]), None);
        assert_eq!(named("job failed", "jobs failed", &["a"]).unwrap(), "1 job failed: a");
        let many = named("job failed", "jobs failed", &["a", "b", "c", "d"]);
        assert_eq!(many.unwrap(), "4 jobs failed: a, b and 2 others");
    }
}
