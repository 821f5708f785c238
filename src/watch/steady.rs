//! A verdict changes only when several readings in a row agree, so that one lost packet wakes nobody.

use chrono::{DateTime, TimeDelta, Utc};

use super::jumps::moved;
use crate::plan::facts::Verdict;

/// The verdict that is told, and what speaks for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steady {
    verdict: Option<Verdict>,
    since: Option<DateTime<Utc>>,
    candidate: Option<(Verdict, u32, DateTime<Utc>)>,
    recalled: Option<Recalled>,
    earlier: Option<Recalled>,
    /// How many readings in a row said so while that was not sure yet.
    agreed: u32,
    is_confirmed: bool,
}

/// The verdict that was recorded last, before this process began to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// What it was.
    pub verdict: Verdict,
    /// Since when it was known to be so.
    pub since: DateTime<Utc>,
    /// Until when somebody watched, where nobody has watched since; nothing where the watching never stopped.
    pub unwatched_from: Option<DateTime<Utc>>,
}

impl Steady {
    /// Nothing is known yet.
    pub const NEW: Steady = Steady {
        verdict: None,
        since: None,
        candidate: None,
        recalled: None,
        earlier: None,
        agreed: 0,
        is_confirmed: false,
    };

    /// Nothing is known yet but what was recorded last time: if it is still so, and somebody watched all the time, it
    /// has been so since then.
    pub fn recalling(recalled: Recalled) -> Steady {
        Steady { recalled: Some(recalled), ..Steady::NEW }
    }

    /// The verdict; `unknown` before the first reading.
    pub fn verdict(&self) -> Verdict {
        self.verdict.unwrap_or(Verdict::Unknown)
    }

    /// Since when it is so, as far as is known.
    pub fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// What was recorded of it before nobody watched for a while, if it is the same now.
    pub fn earlier(&self) -> Option<Recalled> {
        self.earlier
    }

    /// Whether so many readings in a row said so as change a verdict: the first one stands alone for a while.
    pub fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    /// Whether readings have begun to say otherwise.
    pub fn is_in_doubt(&self) -> bool {
        self.candidate.is_some()
    }

    /// What the last readings say instead, and how many of them in a row.
    pub fn doubt(&self) -> Option<(Verdict, u32)> {
        self.candidate.map(|(verdict, count, _)| (verdict, count))
    }

    /// Moves with the wall clock, which has jumped.
    pub(super) fn clock_jumped(&mut self, by: TimeDelta) {
        self.since = self.since.map(|since| moved(since, by));
        self.candidate = self.candidate.map(|(verdict, count, first)| (verdict, count, moved(first, by)));
    }

    /// Takes in a reading; says which verdict it was before, when this one changes it. The first reading counts at
    /// once, later ones when `confirm` in a row agree. The change dates from the first of them.
    pub fn apply(&mut self, verdict: Verdict, at: DateTime<Utc>, confirm: u32) -> Option<Verdict> {
        if self.verdict == Some(verdict) {
            self.candidate = None;
            self.agreed = self.agreed.saturating_add(1);
            self.is_confirmed |= self.agreed >= confirm;
            return None;
        }
        let (count, first) = match self.candidate {
            Some((candidate, count, first)) if candidate == verdict => (count + 1, first),
            _ => (1, at),
        };
        if self.verdict.is_some() && count < confirm {
            self.candidate = Some((verdict, count, first));
            self.agreed = 0;
            return None;
        }
        let before = self.verdict();
        let recalled = self.recalled.filter(|recalled| recalled.verdict == verdict);
        let (watched, earlier) = match recalled {
            Some(recalled) if recalled.unwatched_from.is_none() => (Some(recalled), None),
            other => (None, other),
        };
        let since = watched.map_or(first, |recalled| recalled.since.min(first));
        let (agreed, is_confirmed) = (count, count >= confirm);
        *self = Steady { verdict: Some(verdict), since: Some(since), earlier, agreed, is_confirmed, ..Steady::NEW };
        Some(before)
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Degraded, Down, Healthy, Unknown};
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn the_first_reading_counts_at_once() {
        let mut steady = Steady::NEW;
        assert_eq!(steady.verdict(), Unknown);
        assert_eq!(steady.apply(Healthy, at(1), 3), Some(Unknown));
        assert_eq!((steady.verdict(), steady.since()), (Healthy, Some(at(1))));
        assert!(!steady.is_confirmed());
        steady.apply(Healthy, at(2), 3);
        steady.apply(Down, at(3), 3);
        steady.apply(Healthy, at(4), 3);
        assert!(!steady.is_confirmed());
        steady.apply(Healthy, at(5), 3);
        steady.apply(Healthy, at(6), 3);
        assert!(steady.is_confirmed());
    }

    #[test]
    fn what_is_still_as_it_was_recorded_has_been_so_since_then() {
        let recalled = Recalled { verdict: Down, since: at(1), unwatched_from: None };
        let mut steady = Steady::recalling(recalled);
        assert_eq!((steady.verdict(), steady.since()), (Unknown, None));
        steady.apply(Down, at(9), 2);
        assert_eq!((steady.verdict(), steady.since(), steady.earlier()), (Down, Some(at(1)), None));
        let mut steady = Steady::recalling(recalled);
        steady.apply(Healthy, at(9), 2);
        assert_eq!((steady.verdict(), steady.since(), steady.earlier()), (Healthy, Some(at(9)), None));
    }

    #[test]
    fn what_nobody_watched_in_between_counts_from_now() {
        let recalled = Recalled { verdict: Down, since: at(1), unwatched_from: Some(at(3)) };
        let mut steady = Steady::recalling(recalled);
        steady.apply(Down, at(900), 2);
        assert_eq!((steady.verdict(), steady.since(), steady.earlier()), (Down, Some(at(900)), Some(recalled)));
        steady.apply(Healthy, at(901), 1);
        assert_eq!((steady.since(), steady.earlier()), (Some(at(901)), None), "what was earlier is no news any more");
    }

    #[test]
    fn one_bad_reading_changes_nothing_and_two_date_from_the_first() {
        let mut steady = Steady::NEW;
        steady.apply(Healthy, at(1), 2);
        assert_eq!(steady.apply(Down, at(2), 2), None);
        assert!(steady.is_in_doubt());
        assert_eq!(steady.doubt(), Some((Down, 1)));
        assert_eq!(steady.apply(Healthy, at(3), 2), None);
        assert!(!steady.is_in_doubt());
        assert_eq!(steady.apply(Down, at(4), 2), None);
        assert_eq!(steady.apply(Down, at(5), 2), Some(Healthy));
        assert_eq!((steady.verdict(), steady.since()), (Down, Some(at(4))));
    }

    #[test]
    fn readings_that_disagree_with_each_other_do_not_add_up() {
        let mut steady = Steady::NEW;
        steady.apply(Healthy, at(1), 2);
        assert_eq!(steady.apply(Down, at(2), 2), None);
        assert_eq!(steady.apply(Degraded, at(3), 2), None);
        assert_eq!(steady.apply(Degraded, at(4), 2), Some(Healthy));
    }
}
