//! Lengths of time as people write them: `15min`, `1h 30min`, `7d`, `3 months`, `7y`.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::iter::Peekable;
use std::str::{Chars, FromStr};
use std::time::Duration;

use chrono::{DateTime, Months, TimeDelta, TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

    /// A span of whole seconds.
    pub const fn from_secs(seconds: u64) -> Span {
        Span::from_millis(seconds * SECOND)
    }

    /// A span of whole minutes.
    pub const fn from_mins(minutes: u64) -> Span {
        Span::from_millis(minutes * MINUTE)
    }

    /// A span of whole hours.
    pub const fn from_hours(hours: u64) -> Span {
        Span::from_millis(hours * HOUR)
    }

    /// A span of days of 24 hours.
    pub const fn from_days(days: u64) -> Span {
        Span::from_millis(days * DAY)
    }

    /// A span of calendar months.
    pub const fn from_months(months: u32) -> Span {
        Span { months, millis: 0 }
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.months == 0 && self.millis == 0
    }

    /// The length in milliseconds, a month counted as a twelfth of the mean year.
    pub const fn approx_millis(self) -> u64 {
        self.months as u64 * MEAN_MONTH + self.millis
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
        read(text).map_err(|why| SpanError { text: text.chars().take(60).collect(), why })
    }
}

fn read(text: &str) -> Result<Span, Cow<'static, str>> {
    let trimmed = text.trim();
    if matches!(trimmed, "real-time" | "immediate") {
        return Ok(Span::ZERO);
    }
    if trimmed.is_empty() {
        return Err("it is empty".into());
    }
    let mut total = Span::ZERO;
    let mut chars = trimmed.chars().peekable();
    while chars.peek().is_some() {
        let number = take_while(&mut chars, |c| c.is_ascii_digit() || c == '.');
        skip_blanks(&mut chars);
        let unit = take_while(&mut chars, |c| c.is_ascii_alphabetic());
        skip_blanks(&mut chars);
        total = total + read_part(&number, &unit)?;
        if let Some(&odd) = chars.peek()
            && !odd.is_ascii_digit()
        {
            return Err(format!("{odd:?} does not belong there").into());
        }
    }
    Ok(total)
}

fn read_part(number: &str, unit: &str) -> Result<Span, Cow<'static, str>> {
    if number.is_empty() {
        return Err("a number is missing".into());
    }
    if unit.is_empty() {
        return Err("the unit is missing".into());
    }
    let unit_millis = match unit {
        "ms" => 1,
        "s" | "sec" | "second" | "seconds" => SECOND,
        "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "month" | "months" => return whole_months(number, 1),
        "y" | "year" | "years" => return whole_months(number, 12),
        "m" | "M" => return Err("m could be minutes or months: write min or months".into()),
        other => return Err(format!("{other:?} is not a unit of time").into()),
    };
    let millis = scaled(number, unit_millis).ok_or("the number cannot be read exactly to the millisecond")?;
    if millis > LONGEST_MILLIS {
        return Err("it is longer than a thousand years".into());
    }
    Ok(Span::from_millis(millis))
}

fn whole_months(number: &str, months: u32) -> Result<Span, Cow<'static, str>> {
    let count: u32 = number.parse().map_err(|_| "months and years are counted in whole numbers")?;
    match count.checked_mul(months) {
        Some(total) if total <= LONGEST_MONTHS => Ok(Span::from_months(total)),
        _ => Err("it is longer than a thousand years".into()),
    }
}

/// `number` times `unit` without rounding, or nothing if that is no whole number.
pub(super) fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || (number.contains('.') && fraction.is_empty()) || fraction.len() > 18 {
        return None;
    }
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    if fraction.is_empty() {
        return Some(whole);
    }
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let product = u128::from(fraction.parse::<u64>().ok()?) * u128::from(unit);
    if product % scale != 0 {
        return None;
    }
    whole.checked_add(u64::try_from(product / scale).ok()?)
}

fn take_while(chars: &mut Peekable<Chars<'_>>, wanted: impl Fn(char) -> bool) -> String {
    std::iter::from_fn(|| chars.next_if(|c| wanted(*c))).collect()
}

fn skip_blanks(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| *c == ' ').is_some() {}
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

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use proptest::prelude::*;

    use super::*;

    fn span(text: &str) -> Span {
        text.parse().unwrap()
    }

    #[test]
    fn what_people_write_is_read() {
        assert_eq!(span("15min"), Span::from_mins(15));
        assert_eq!(span("1h 30min"), Span::from_mins(90));
        assert_eq!(span("1.5h"), Span::from_mins(90));
        assert_eq!(span("2 weeks"), Span::from_days(14));
        assert_eq!(span("real-time"), Span::ZERO);
        assert_eq!(span("7y"), Span::from_months(84));
        assert_eq!(span("250ms"), Span::from_millis(250));
    }

    #[test]
    fn what_is_shown_is_what_documents_say() {
        for text in ["24h", "7d", "30d", "3 months", "7y", "1h 30min", "15min", "0s", "1y 1 month"] {
            assert_eq!(span(text).to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "empty"),
            ("5", "unit is missing"),
            ("5m", "minutes or months"),
            ("5 parsecs", "not a unit"),
            ("-5min", "number is missing"),
            ("1.5 months", "whole numbers"),
            ("5min;", "does not belong"),
            ("99999999999999999999h", "exactly"),
            ("1.2.3h", "exactly"),
            ("2000y", "thousand years"),
        ] {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn months_follow_the_calendar() {
        let reviewed: DateTime<Utc> = "2024-11-18T00:00:00Z".parse().unwrap();
        let due = Span::from_months(3).after(reviewed).unwrap();
        assert_eq!(due.to_rfc3339(), "2025-02-18T00:00:00+00:00");
    }

    proptest! {
        #[test]
        fn round_trip(months in 0..=LONGEST_MONTHS, millis in 0..=LONGEST_MILLIS) {
            let span = Span { months, millis };
            prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            if let Ok(span) = text.parse::<Span>() {
                prop_assert_eq!(span.to_string().parse::<Span>().unwrap(), span);
            }
        }

        #[test]
        fn longer_is_greater(a in 0..LONGEST_MILLIS, b in 0..LONGEST_MILLIS) {
            prop_assert_eq!(Span::from_millis(a).cmp(&Span::from_millis(b)), a.cmp(&b));
        }
    }
}
