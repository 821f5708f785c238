//! Lengths of time as people write them: `15min`, `1h 30min`, `7d`, `3 months`, `7y`.

mod read;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Months, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(super) use read::scaled;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// A twelfth of the mean Gregorian year; only for comparing, never for dates.
const MEAN_MONTH: u64 = 2_629_746 * SECOND;
const LONGEST_MONTHS: u32 = 12 * 1_000;
const LONGEST_MILLIS: u64 = 1_000 * 366 * DAY;

/// A length of time. Months are kept apart from milliseconds, because "3 months" after 18 November
/// is 18 February, whatever the days between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    months: u32,
    millis: u64,
}

/// Why a text is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a length of time: {why}; write it like 15min, 1h 30min, 7d, 3 months or 7y")]
pub struct SpanError {
    text: String,
    why: Cow<'static, str>,
}

impl Span {
    /// No time at all; written `0s`, also read from `real-time` and `immediate`.
    pub const ZERO: Span = Span { months: 0, millis: 0 };

    /// A span of whole milliseconds.
    pub const fn from_millis(millis: u64) -> Span {
        Span { months: 0, millis }
    }

    /// A span of whole seconds; more than there is room for stops at the end, as with every unit.
    pub const fn from_secs(seconds: u64) -> Span {
        Span::from_millis(seconds.saturating_mul(SECOND))
    }

    /// A span of whole minutes.
    pub const fn from_mins(minutes: u64) -> Span {
        Span::from_millis(minutes.saturating_mul(MINUTE))
    }

    /// A span of whole hours.
    pub const fn from_hours(hours: u64) -> Span {
        Span::from_millis(hours.saturating_mul(HOUR))
    }

    /// A span of days of 24 hours.
    pub const fn from_days(days: u64) -> Span {
        Span::from_millis(days.saturating_mul(DAY))
    }

    /// A span of calendar months.
    pub const fn from_months(months: u32) -> Span {
        Span { months, millis: 0 }
    }

    /// From one instant to a later one; none if it is not later.
    pub fn between(from: DateTime<Utc>, to: DateTime<Utc>) -> Span {
        (to - from).to_std().map_or(Span::ZERO, Span::from)
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.months == 0 && self.millis == 0
    }

    /// The length in milliseconds, a month counted as a twelfth of the mean year.
    pub const fn approx_millis(self) -> u64 {
        (self.months as u64 * MEAN_MONTH).saturating_add(self.millis)
    }

    /// The length in calendar months, if it is one of whole months and nothing else.
    pub const fn whole_months(self) -> Option<u32> {
        if self.months > 0 && self.millis == 0 { Some(self.months) } else { None }
    }

    /// The length for timers and comparisons, a month counted as a twelfth of the mean year.
    pub const fn approx(self) -> Duration {
        Duration::from_millis(self.approx_millis())
    }

    /// The instant this long after `start`, by the calendar. `None` beyond the calendar's end.
    pub fn after<Z: TimeZone>(self, start: DateTime<Z>) -> Option<DateTime<Z>> {
        let months_later = start.checked_add_months(Months::new(self.months))?;
        let millis = i64::try_from(self.millis).ok()?;
        months_later.checked_add_signed(TimeDelta::try_milliseconds(millis)?)
    }

    /// This length so many times over, at most a thousand years.
    #[must_use]
    pub fn times(self, factor: u32) -> Span {
        Span {
            months: self.months.saturating_mul(factor).min(LONGEST_MONTHS),
            millis: self.millis.saturating_mul(u64::from(factor)).min(LONGEST_MILLIS),
        }
    }

    /// Rounded down to its two largest units, for a narrow column: `3d 4h`, `5min 12s`, `340ms`.
    pub fn brief(self) -> String {
        let millis = self.approx_millis();
        let year = 12 * MEAN_MONTH;
        let steps = [(year, DAY), (2 * DAY, HOUR), (HOUR, MINUTE), (MINUTE, SECOND), (SECOND, SECOND)];
        let kept = steps.iter().find(|(from, _)| millis >= *from).map_or(1, |(_, grain)| *grain);
        Span::from_millis(millis - millis % kept).to_string()
    }

    /// For what grows while it is looked at, with so few digits that it seldom changes: seconds in steps of five, then
    /// minutes, `3h 20min`, `14h`, `3d 4h`, `34d`.
    pub fn rough(self) -> String {
        let seconds = self.approx_millis() / SECOND;
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
        let two = |more: String, less: u64, unit: &str| if less == 0 { more } else { format!("{more} {less}{unit}") };
        match () {
            () if minutes < 1 => format!("{}s", seconds / 5 * 5),
            () if hours < 1 => format!("{minutes}min"),
            () if hours < 10 => two(format!("{hours}h"), minutes % 60, "min"),
            () if days < 2 => format!("{hours}h"),
            () if days < 10 => two(format!("{days}d"), hours % 24, "h"),
            () => format!("{days}d"),
        }
    }

    /// What remains when `other` is taken away, months counted as mean months; zero if nothing does.
    #[must_use]
    pub fn less(self, other: Span) -> Span {
        Span::from_millis(self.approx_millis().saturating_sub(other.approx_millis()))
    }
}

impl std::ops::Add for Span {
    type Output = Span;

    fn add(self, other: Span) -> Span {
        Span {
            months: self.months.saturating_add(other.months).min(LONGEST_MONTHS),
            millis: self.millis.saturating_add(other.millis).min(LONGEST_MILLIS),
        }
    }
}

impl std::iter::Sum for Span {
    fn sum<I: Iterator<Item = Span>>(spans: I) -> Span {
        spans.fold(Span::ZERO, |total, span| total + span)
    }
}

impl From<Duration> for Span {
    fn from(length: Duration) -> Span {
        Span::from_millis(u64::try_from(length.as_millis()).unwrap_or(LONGEST_MILLIS).min(LONGEST_MILLIS))
    }
}

impl Ord for Span {
    fn cmp(&self, other: &Span) -> Ordering {
        self.approx_millis().cmp(&other.approx_millis()).then(self.months.cmp(&other.months))
    }
}

impl PartialOrd for Span {
    fn partial_cmp(&self, other: &Span) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Span {
    /// The shortest exact form. Days appear from two days on, so that `24h` stays `24h`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let (years, months) = (self.months / 12, self.months % 12);
        if years > 0 {
            parts.push(format!("{years}y"));
        }
        match months {
            0 => {}
            1 => parts.push("1 month".to_owned()),
            several => parts.push(format!("{several} months")),
        }
        let mut rest = self.millis;
        if rest >= 2 * DAY {
            parts.push(format!("{}d", rest / DAY));
            rest %= DAY;
        }
        for (unit, name) in [(HOUR, "h"), (MINUTE, "min"), (SECOND, "s"), (1, "ms")] {
            if rest >= unit {
                parts.push(format!("{}{name}", rest / unit));
                rest %= unit;
            }
        }
        if parts.is_empty() {
            parts.push("0s".to_owned());
        }
        f.pad(&parts.join(" "))
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Span, SpanError> {
        read::read(text).map_err(|why| SpanError { text: text.chars().take(60).collect(), why })
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A length of time",
            "examples": ["15min", "1h 30min", "7d", "3 months", "7y"]
        })
    }
}
