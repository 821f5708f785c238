//! How fast memory grows, and when it will be full if that goes on.

use std::collections::VecDeque;
use std::time::Duration;

use crate::systems::number::{real, whole};
use crate::text::{Rate, Size, Span};

/// How many samples each of the two series keeps.
const LONGEST: usize = 240;
/// The short series sees what has begun lately.
const SHORT: Duration = Duration::from_hours(1);
const SHORT_SPACING: Duration = Duration::from_secs(15);
/// Less than this shows nothing: a cache that is being warmed is not a cache that grows.
const SHORTEST: Duration = Duration::from_mins(10);
const FEWEST: usize = 10;
/// So many times as far as was looked back may be looked ahead.
const AHEAD: u32 = 50;
/// Growth must stand out from the ups and downs so many times.
const CLEAR: f64 = 3.0;

/// How much memory was used at earlier questions: closely over the last hour, and ever more loosely over all the time
/// since the probe began.
#[derive(Debug)]
pub struct Growth {
    short: Series,
    long: Series,
}

#[derive(Debug, Default)]
struct Series {
    samples: VecDeque<(Duration, u64)>,
    spacing: Duration,
}

/// How it grows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Bytes a second; zero if it does not clearly grow.
    pub per_second: f64,
    /// Over how long this was seen.
    pub over: Duration,
}

impl Default for Growth {
    fn default() -> Growth {
        let series = || Series { samples: VecDeque::new(), spacing: SHORT_SPACING };
        Growth { short: series(), long: series() }
    }
}

impl Growth {
    /// Notes how much is used at this moment since boot. When more than half of it is gone at once, something has
    /// begun anew.
    pub fn note(&mut self, at: Duration, used: u64) {
        if self.short.samples.back().is_some_and(|(_, before)| used < before / 2) {
            *self = Growth::default();
        }
        self.short.note(at, used);
        while self.short.samples.front().is_some_and(|(first, _)| at.saturating_sub(*first) > SHORT) {
            self.short.samples.pop_front();
        }
        self.long.note(at, used);
        if self.long.samples.len() >= LONGEST {
            self.long.thin_out();
        }
    }

    /// What was seen, the longer series first; nothing before there is enough to see.
    pub fn trends(&self) -> impl Iterator<Item = Trend> {
        [self.long.trend(), self.short.trend()].into_iter().flatten()
    }

    /// In how long so much more will be used, by the series that says so soonest and can look so far ahead.
    pub fn reaches(&self, left: u64) -> Option<Duration> {
        let ends = self.trends().filter(|trend| trend.per_second > 0.0).filter_map(|trend| {
            let seconds = real(left) / trend.per_second;
            (seconds <= (trend.over * AHEAD).as_secs_f64()).then(|| Duration::from_secs_f64(seconds))
        });
        ends.min()
    }
}

impl Series {
    fn note(&mut self, at: Duration, used: u64) {
        let is_due = self.samples.back().is_none_or(|(last, _)| at.saturating_sub(*last) >= self.spacing);
        if is_due {
            self.samples.push_back((at, used));
        }
    }

    fn thin_out(&mut self) {
        let mut keep = false;
        self.samples.retain(|_| {
            keep = !keep;
            keep
        });
        self.spacing *= 2;
    }

    /// The straight line that fits best.
    fn trend(&self) -> Option<Trend> {
        let ((begun, _), (last, _)) = (*self.samples.front()?, *self.samples.back()?);
        let over = last.saturating_sub(begun);
        if self.samples.len() < FEWEST || over < SHORTEST {
            return None;
        }
        let points = || self.samples.iter().map(|(at, used)| (at.saturating_sub(begun).as_secs_f64(), real(*used)));
        let count = real(self.samples.len() as u64);
        let (sum_x, sum_y) = points().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
        let (mean_x, mean_y) = (sum_x / count, sum_y / count);
        let (mut square, mut product) = (0.0, 0.0);
        for (x, y) in points() {
            square += (x - mean_x).powi(2);
            product += (x - mean_x) * (y - mean_y);
        }
        let slope = product / square;
        let off = points().map(|(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum::<f64>() / count;
        let is_clear = slope * over.as_secs_f64() > CLEAR * off.sqrt();
        Some(Trend { per_second: if is_clear && slope > 0.0 { slope } else { 0.0 }, over })
    }
}

impl Trend {
    /// In words, in the unit that gives a number one can read.
    pub fn words(&self) -> String {
        let over = Span::from(self.over).brief();
        let units = [Span::from_secs(1), Span::from_mins(1), Span::from_hours(1), Span::from_hours(24)];
        let amount = |per: Span| whole(self.per_second * per.approx().as_secs_f64());
        let chosen = units.into_iter().find(|per| amount(*per) >= 1_000_000).unwrap_or(Span::from_months(1));
        if self.per_second <= 0.0 {
            return format!("nothing that can be told, over {over}");
        }
        // Rounded to what can be read at a glance.
        let size = amount(chosen);
        let grain = 10_u64.pow(size.checked_ilog10().unwrap_or_default().saturating_sub(1));
        let rate = Rate { size: Size(size.saturating_add(grain / 2) / grain * grain), per: chosen };
        format!("{rate}, over {over}").replace("24h,", "day,")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn watched(seconds: u64, used: impl Fn(u64) -> u64) -> Growth {
        let mut growth = Growth::default();
        for second in (0..seconds).step_by(5) {
            growth.note(Duration::from_secs(second), used(second));
        }
        growth
    }

    #[test]
    fn document_000_has_six_months_until_its_cache_is_full() {
        // 450 MB used of 512, 10 MB more a month.
        let month = 2_629_746;
        let growth = watched(month, |second| 450 * MB + 10 * MB * second / month);
        let full = growth.reaches(62 * MB).unwrap();
        let months = full.as_secs_f64() / real(month);
        assert!((6.0..6.4).contains(&months), "{months}");
        assert_eq!(growth.long.trend().unwrap().words(), "10MB/month, over 30d 9h");
    }

    #[test]
    fn what_goes_up_and_down_does_not_grow() {
        let growth = watched(7_200, |second| 100 * MB + (second * 7919 % 10) * MB);
        assert!(growth.trends().all(|trend| trend.per_second <= 0.0));
        assert_eq!(growth.reaches(MB), None);
        assert!(growth.trends().next().unwrap().words().starts_with("nothing that can be told, over 1h"));
    }

    #[test]
    fn a_leak_that_begins_today_is_seen_today() {
        let week = 7 * 86_400;
        let growth = watched(week + 1_800, |second| 100 * MB + second.saturating_sub(week) * 10_000);
        let full = growth.reaches(18 * MB).unwrap();
        assert!(full < Duration::from_hours(2), "{full:?}");
    }

    #[test]
    fn a_short_look_back_gives_no_long_look_ahead() {
        let growth = watched(900, |second| 100 * MB + second);
        assert_eq!(growth.reaches(100 * MB), None, "three years from a quarter of an hour");
        assert!(growth.reaches(10_000).is_some());
        assert_eq!(watched(300, |second| second * MB).trends().count(), 0);
    }

    #[test]
    fn a_flush_begins_anew_and_memory_stays_bounded() {
        let growth = watched(2_000_000, |second| if second < 1_999_990 { 100 * MB } else { MB });
        assert!(growth.long.samples.len() <= 2);
        let growth = watched(2_000_000, |_| 100 * MB);
        assert!(growth.long.samples.len() <= LONGEST && growth.short.samples.len() <= LONGEST + 1);
    }

    #[test]
    fn a_rate_is_told_in_a_unit_one_can_read() {
        let words = |per_second| Trend { per_second, over: Duration::from_hours(3) }.words();
        assert_eq!(words(2_345_678.0), "2.3MB/s, over 3h");
        assert_eq!(words(500.0), "1.8MB/h, over 3h");
        assert_eq!(words(20.0), "1.7MB/day, over 3h");
    }
}
