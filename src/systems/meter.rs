//! What a system's counters did lately, and in the hour before: rates come from differences, never from totals that
//! began when the server did.

use std::collections::VecDeque;
use std::time::Duration;

use super::number::{percent, real};

/// What counts as lately.
const LATELY: Duration = Duration::from_mins(1);
/// How far back is remembered.
const REMEMBERED: Duration = Duration::from_hours(1);
/// How far apart the samples are that are kept of the last minute, and of the hour.
const FINE: Duration = Duration::from_secs(1);
const COARSE: Duration = Duration::from_mins(1);

/// The samples of `N` counters; never more than two hundred.
#[derive(Debug)]
pub struct Meter<const N: usize> {
    minute: VecDeque<Sample<N>>,
    hour: VecDeque<Sample<N>>,
}

#[derive(Clone, Copy, Debug)]
struct Sample<const N: usize> {
    at: Duration,
    counts: [u64; N],
}

/// By how much the counters went up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change<const N: usize> {
    /// In how long.
    pub over: Duration,
    /// By how much each.
    pub counts: [u64; N],
}

impl<const N: usize> Default for Meter<N> {
    fn default() -> Meter<N> {
        Meter { minute: VecDeque::new(), hour: VecDeque::new() }
    }
}

impl<const N: usize> Meter<N> {
    /// Notes what the counters show at this moment since boot. One that went back was set to zero, and what was
    /// noted before says nothing any more.
    pub fn note(&mut self, at: Duration, counts: [u64; N]) {
        let is_back = |last: &Sample<N>| counts.iter().zip(last.counts).any(|(now, then)| *now < then);
        if self.minute.back().is_some_and(is_back) {
            self.minute.clear();
            self.hour.clear();
        }
        let crowded = |minute: &VecDeque<Sample<N>>| {
            let [before, last] = [minute.len().checked_sub(2)?, minute.len() - 1].map(|index| minute[index].at);
            Some(last.saturating_sub(before) < FINE)
        };
        if crowded(&self.minute) == Some(true) {
            self.minute.pop_back();
        }
        self.minute.push_back(Sample { at, counts });
        // The last sample that is a minute old stays: the minute is measured from it.
        while self.minute.get(1).is_some_and(|second| at.saturating_sub(second.at) >= LATELY) {
            let Some(old) = self.minute.pop_front() else { break };
            if self.hour.back().is_none_or(|last| old.at.saturating_sub(last.at) >= COARSE) {
                self.hour.push_back(old);
            }
        }
        while self.hour.front().is_some_and(|first| at.saturating_sub(first.at) > REMEMBERED) {
            self.hour.pop_front();
        }
    }

    /// The last minute, or as much of it as is known; not before there are two samples.
    pub fn lately(&self) -> Option<Change<N>> {
        between(self.minute.front()?, self.minute.back()?)
    }

    /// The last whole minute.
    pub fn last_minute(&self) -> Option<Change<N>> {
        self.lately().filter(|change| change.over >= LATELY)
    }

    /// What lies before the last minute, an hour at most; not before it is as long as ten minutes.
    pub fn before(&self) -> Option<Change<N>> {
        between(self.hour.front()?, self.minute.front()?).filter(|change| change.over >= 10 * LATELY)
    }
}

fn between<const N: usize>(from: &Sample<N>, to: &Sample<N>) -> Option<Change<N>> {
    let over = to.at.checked_sub(from.at).filter(|over| !over.is_zero())?;
    Some(Change { over, counts: std::array::from_fn(|index| to.counts[index].saturating_sub(from.counts[index])) })
}

impl<const N: usize> Change<N> {
    /// How often a second.
    pub fn rate(&self, index: usize) -> f64 {
        real(self.counts[index]) / self.over.as_secs_f64()
    }

    /// The share of `part` in `part` and `rest` together, as a percentage; `None` below so many in all.
    pub fn share(&self, part: usize, rest: usize, at_least: u64) -> Option<f64> {
        let (part, rest) = (self.counts[part], self.counts[rest]);
        let whole = part.saturating_add(rest);
        (whole >= at_least.max(1)).then(|| percent(part, whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_minute_is_measured_from_a_minute_ago() {
        let mut meter = Meter::default();
        assert_eq!(meter.lately(), None);
        meter.note(secs(0), [100]);
        assert_eq!(meter.lately(), None, "one sample shows no change");
        meter.note(secs(5), [110]);
        assert_eq!(meter.lately(), Some(Change { over: secs(5), counts: [10] }));
        assert_eq!(meter.last_minute(), None);
        for step in 2..=60 {
            meter.note(secs(step * 5), [100 + step * 10]);
        }
        assert_eq!(meter.last_minute(), Some(Change { over: secs(60), counts: [120] }));
        assert!((meter.last_minute().unwrap().rate(0) - 2.0).abs() < 1e-9);
        assert_eq!(meter.before(), None, "four minutes are too few to compare with");
    }

    #[test]
    fn the_hour_before_is_kept_apart_and_ends() {
        let mut meter = Meter::default();
        for step in 0..2_000 {
            meter.note(secs(step * 5), [step, 0]);
        }
        let before = meter.before().unwrap();
        assert!(before.over <= REMEMBERED && before.over > secs(58 * 60), "{before:?}");
        assert!(meter.minute.len() <= 14 && meter.hour.len() <= 61, "{} {}", meter.minute.len(), meter.hour.len());
    }

    #[test]
    fn a_counter_that_went_back_begins_anew() {
        let mut meter = Meter::default();
        meter.note(secs(0), [50]);
        meter.note(secs(5), [60]);
        meter.note(secs(10), [1]);
        assert_eq!(meter.lately(), None);
        meter.note(secs(15), [3]);
        assert_eq!(meter.lately().unwrap().counts, [2]);
    }

    #[test]
    fn questions_in_quick_succession_fill_no_memory() {
        let mut meter = Meter::default();
        for step in 0..100_000_u64 {
            meter.note(Duration::from_millis(step), [step]);
        }
        assert!(meter.minute.len() < 130, "{}", meter.minute.len());
        assert!(meter.lately().unwrap().over < secs(63), "{:?}", meter.lately());
    }

    #[test]
    fn a_share_of_too_little_says_nothing() {
        let change = Change { over: secs(60), counts: [3, 1] };
        assert_eq!(change.share(0, 1, 4), Some(75.0));
        assert_eq!(change.share(0, 1, 5), None);
        assert_eq!(Change { over: secs(60), counts: [0, 0] }.share(0, 1, 0), None);
    }
}
