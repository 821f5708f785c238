//! How much is usual for a recovery point: what those before it hold.

use serde::{Deserialize, Serialize};

use super::manifest::Manifest;
use super::point::{Copied, Point};
use crate::plan::Plan;
use crate::plan::types::{Job, Percent};
use crate::text::Size;

/// What is usual varies by so much where the plan says nothing: half, or twice as much.
const PERCENT: f64 = 50.0;
/// So many must be there before more than them is strange: what was begun small grows.
const SETTLED: usize = 3;
/// What counts tell of something else than of what there is to restore.
const NOT_COUNTED: [&str; 2] = ["bytes", "documents counted before"];

/// How much a recovery point holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// How many bytes one restores from.
    pub bytes: u64,
    /// How many rows, keys, queues and the like its manifest counts, all together.
    pub counted: Option<u64>,
}

impl Amount {
    /// What a copy holds.
    pub fn of(copied: &Copied) -> Amount {
        Amount { bytes: copied.size(), counted: copied.manifest().and_then(Amount::counted) }
    }

    /// What the largest copy of a recovery point holds.
    pub fn of_point(point: &Point) -> Amount {
        Amount { bytes: point.size(), counted: point.manifest().and_then(Amount::counted) }
    }

    /// What was just taken.
    pub fn taken(manifest: &Manifest) -> Amount {
        Amount { bytes: manifest.files.iter().map(|file| file.stored.bytes).sum(), counted: Amount::counted(manifest) }
    }

    fn counted(manifest: &Manifest) -> Option<u64> {
        let counts = manifest.source.counts.iter().filter(|(name, _)| !NOT_COUNTED.contains(&name.as_str()));
        counts.map(|(_, count)| *count).reduce(u64::saturating_add)
    }
}

/// By how many per cent what is held may differ from what is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    bytes: f64,
    counted: f64,
}

impl Default for Tolerance {
    fn default() -> Self {
        Tolerance { bytes: PERCENT, counted: PERCENT }
    }
}

impl Tolerance {
    /// As the job says; of bytes, also as a job that verifies it does.
    pub fn of(plan: &Plan, job: &Job) -> Tolerance {
        let verifies = plan.job.iter().filter(|other| other.takes.contains(&job.name));
        let bytes = std::iter::once(job).chain(verifies).find_map(|job| job.tolerance.as_ref()?.size);
        // What another says of rows is about those of today, to which it compares a restore.
        let counted = job.tolerance.as_ref().and_then(|tolerance| tolerance.rows);
        let percent = |said: Option<Percent>| said.map_or(PERCENT, |percent| percent.0);
        Tolerance { bytes: percent(bytes), counted: percent(counted) }
    }
}

/// How something differs from what is usual: a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unusual {
    /// It holds much less.
    Less(String),
    /// It holds much more.
    More(String),
}

impl Unusual {
    /// What to say of it.
    pub fn told(&self) -> &str {
        match self {
            Unusual::Less(told) | Unusual::More(told) => told,
        }
    }
}

/// What is unusual about it, beside those before it.
pub fn unusual(amount: Amount, before: &[Amount], tolerance: Tolerance) -> Option<Unusual> {
    let bytes = median(before.iter().map(|one| one.bytes));
    let counted = median(before.iter().filter_map(|one| one.counted));
    if let Some(usual) = bytes {
        let told = || format!("it has {}, where {} is usual", Size(amount.bytes).approx(), Size(usual).approx());
        if is_small(amount.bytes, usual, tolerance.bytes) {
            return Some(Unusual::Less(told()));
        }
        let most = 1.0 / (1.0 - tolerance.bytes / 100.0).max(0.01);
        if before.len() >= SETTLED && ratio(amount.bytes, usual) > most {
            return Some(Unusual::More(told()));
        }
    }
    let (counted, usual) = amount.counted.zip(counted)?;
    let told = || Unusual::Less(format!("what it counts comes to {counted}, where {usual} is usual"));
    is_small(counted, usual, tolerance.counted).then(told)
}

/// The one in the middle, of two the larger.
fn median(amounts: impl Iterator<Item = u64>) -> Option<u64> {
    let mut amounts: Vec<u64> = amounts.collect();
    amounts.sort_unstable();
    amounts.get(amounts.len() / 2).copied()
}

fn is_small(amount: u64, usual: u64, percent: f64) -> bool {
    usual > 0 && ratio(amount, usual) < 1.0 - percent / 100.0
}

#[expect(clippy::cast_precision_loss, reason = "per cent of a size")]
fn ratio(amount: u64, usual: u64) -> f64 {
    amount as f64 / usual.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn amount(bytes: u64, counted: Option<u64>) -> Amount {
        Amount { bytes, counted }
    }

    fn is(amount: Amount, before: &[Amount]) -> Option<bool> {
        unusual(amount, before, Tolerance::default()).map(|unusual| matches!(unusual, Unusual::Less(_)))
    }

    #[test]
    fn what_is_usual_is_told_from_what_is_not() {
        let before = [amount(100, Some(10)); 3];
        for (bytes, wanted) in [(51, None), (199, None), (49, Some(true)), (3, Some(true)), (300, Some(false))] {
            assert_eq!(is(amount(bytes, Some(10)), &before), wanted, "{bytes}");
        }
        let narrow = Tolerance { bytes: 10.0, counted: 10.0 };
        let told = |bytes| unusual(amount(bytes, None), &before, narrow).is_some();
        assert!(!told(95) && !told(110) && told(89) && told(112));
    }

    #[test]
    fn one_before_it_is_enough_to_tell_that_it_was_emptied() {
        assert_eq!(is(amount(3, None), &[amount(100, None)]), Some(true));
        assert_eq!(is(amount(300, None), &[amount(100, None)]), None, "it grows");
        // What packs well, or has roles and settings with it, is hardly smaller without its rows.
        let before = [amount(100, Some(150)), amount(100, Some(150))];
        assert_eq!(is(amount(90, Some(0)), &before), Some(true));
        assert_eq!(is(amount(90, None), &before), None, "nobody counted them");
        assert_eq!(is(amount(90, Some(0)), &[amount(100, Some(0))]), None, "it was empty before");
        assert_eq!(is(amount(90, Some(0)), &[]), None);
    }
}
