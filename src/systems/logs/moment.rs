//! When a line of a log was written, in the forms that are usual.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;

/// A moment as a line states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// One moment.
    Exact(DateTime<Utc>),
    /// What a clock on the wall showed, in a zone that is not stated.
    Wall(NaiveDateTime),
}

impl Stamp {
    /// The moment, where the server's clock on the wall is this far ahead of UTC.
    pub fn at(self, ahead: TimeDelta) -> DateTime<Utc> {
        match self {
            Stamp::Exact(at) => at,
            Stamp::Wall(wall) => wall.and_utc() - ahead,
        }
    }
}

/// How far a clock on the wall is ahead of UTC, from what it showed at a moment that is about known: zones differ
/// by quarters of an hour.
pub(super) fn ahead(wall: NaiveDateTime, known: DateTime<Utc>) -> TimeDelta {
    let seconds = (wall.and_utc() - known).num_seconds();
    let quarters = (seconds + 450).div_euclid(900);
    // No zone is further than 14 hours away: what is, is an old line.
    if quarters.abs() <= 56 { TimeDelta::minutes(15 * quarters) } else { TimeDelta::zero() }
}

/// A moment as a value of JSON: RFC 3339, or seconds or milliseconds since 1970.
pub(super) fn of_value(value: &Value) -> Option<Stamp> {
    match value {
        Value::String(text) => split(text).0,
        Value::Number(number) => {
            let millis = match number.as_i64() {
                Some(millis) if millis > 100_000_000_000 => millis,
                Some(seconds) => seconds.checked_mul(1000)?,
                None => i64::try_from(Duration::try_from_secs_f64(number.as_f64()?).ok()?.as_millis()).ok()?,
            };
            DateTime::from_timestamp_millis(millis).map(Stamp::Exact)
        }
        _ => None,
    }
}

/// The moment that a line begins with, and the rest of the line.
pub(super) fn split(line: &str) -> (Option<Stamp>, &str) {
    let start = line.trim_start_matches(['[', '(']);
    let Some((date, time)) = start.split_at_checked(10) else { return (None, line) };
    let is_date = date.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => matches!(byte, b'-' | b'/'),
        _ => byte.is_ascii_digit(),
    });
    let Some(time) = time.strip_prefix(['T', ' ']).filter(|_| is_date) else { return (None, line) };
    let clock = time.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ',')).unwrap_or(time.len());
    let (clock, rest) = time.split_at(clock);
    let text = format!("{} {}", date.replace('/', "-"), clock.trim_end_matches([',', '.', ':']).replace(',', "."));
    let Ok(wall) = NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f") else { return (None, line) };
    let (offset, rest) = zone(rest);
    let stamp = match offset {
        Some(offset) => Stamp::Exact(wall.and_utc() - offset),
        None => Stamp::Wall(wall),
    };
    (Some(stamp), rest.trim_start_matches([']', ')', ':']).trim_start())
}

/// The offset that follows a time: `Z`, `UTC`, `+01:00`, `+0100`. Other names of zones are not known.
fn zone(rest: &str) -> (Option<TimeDelta>, &str) {
    for name in ["Z", " UTC", " GMT", "UTC"] {
        if let Some(rest) = rest.strip_prefix(name).filter(|rest| !rest.starts_with(char::is_alphanumeric)) {
            return (Some(TimeDelta::zero()), rest);
        }
    }
    let text = rest.strip_prefix(' ').unwrap_or(rest);
    let sign = match text.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return (None, rest),
    };
    let digits = &text[1..];
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(digits.len());
    let plain = digits[..end].replace(':', "");
    match (plain.len(), plain.parse::<i64>()) {
        (4, Ok(number)) => (Some(TimeDelta::minutes(sign * (number / 100 * 60 + number % 100))), &digits[end..]),
        (2, Ok(number)) => (Some(TimeDelta::minutes(sign * number * 60)), &digits[end..]),
        _ => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2024-11-18T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_usual_forms_are_read() {
        for line in [
            "2024-11-18T12:00:00Z it broke",
            "2024-11-18T13:00:00.000+01:00 it broke",
            "2024-11-18 12:00:00.000 UTC it broke",
            "[2024-11-18 13:00:00,000 +0100] it broke",
            "2024/11/18 07:00:00-05 it broke",
        ] {
            assert_eq!(split(line), (Some(Stamp::Exact(noon())), "it broke"), "{line}");
        }
        assert!(matches!(split("2024-11-18 13:00:00.000 CET [7] x").0, Some(Stamp::Wall(_))));
        assert_eq!(split("2024-11-18 it broke"), (None, "2024-11-18 it broke"));
        assert_eq!(split("it broke").0, None);
    }

    #[test]
    fn the_zone_of_a_wall_clock_is_found_from_when_the_file_was_written() {
        let wall = NaiveDateTime::parse_from_str("2024-11-18 13:00:00", "%Y-%m-%d %H:%M:%S").unwrap();
        let shift = ahead(wall, noon() + TimeDelta::seconds(3));
        assert_eq!(Stamp::Wall(wall).at(shift), noon());
        assert_eq!(ahead(wall, noon() + TimeDelta::days(3)), TimeDelta::zero());
    }

    proptest! {
        #[test]
        fn any_line_is_split_or_left(line in "\\PC{0,60}") {
            let _ = split(&line);
        }

        #[test]
        fn any_line_that_begins_like_a_date_is_split_or_left(line in "[0-9]{4}-[01][0-9]-[0-3][0-9][T ][0-9:.,+Z é-]{0,20}") {
            let _ = split(&line);
        }
    }
}
