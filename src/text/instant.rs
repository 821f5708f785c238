//! Instants as people write and read them: never without a zone, local and UTC side by side.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Utc};

use super::{Span, Zone};

/// Why a text is not an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstantError {
    /// Not a date and time at all.
    #[error(
        "{0:?} is not a date and time; write it like \"2024-11-18 12:00:00 Europe/Berlin\" or 2024-11-18T11:00:00Z"
    )]
    Unreadable(String),
    /// The most expensive mistake of a point-in-time restore: a time that means another one elsewhere.
    #[error("{0:?} does not say in which time zone; add UTC, +01:00 or a name like Europe/Berlin")]
    NoZone(String),
    /// The zone is not known.
    #[error("{0:?} is not a time zone; write UTC, an offset like +01:00, or a name like Europe/Berlin")]
    UnknownZone(String),
    /// The clocks went forward over it.
    #[error("{0} does not exist in {1}: the clocks went forward over it")]
    Skipped(NaiveDateTime, Zone),
    /// The clocks went back over it.
    #[error("{0} exists twice in {1}, as {2} and as {3}: write it with one of these offsets")]
    Twice(NaiveDateTime, Zone, String, String),
}

/// The form for files: UTC, milliseconds, sortable.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The form for people: local time with its zone, and UTC.
pub fn both(at: DateTime<Utc>, zone: Zone) -> String {
    let local = at.with_timezone(&zone);
    let here = format!("{} {}", local.format("%Y-%m-%d %H:%M:%S"), local.format("%Z"));
    if local.naive_local() == at.naive_utc() {
        return format!("{} UTC", at.format("%Y-%m-%d %H:%M:%S"));
    }
    if local.date_naive() == at.date_naive() {
        format!("{here} ({} UTC)", at.format("%H:%M:%S"))
    } else {
        format!("{here} ({} UTC)", at.format("%Y-%m-%d %H:%M:%S"))
    }
}

/// Reads an instant that names its zone: RFC 3339, or `DATE TIME ZONE`.
pub fn parse(text: &str) -> Result<DateTime<Utc>, InstantError> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.with_timezone(&Utc));
    }
    let unreadable = || InstantError::Unreadable(text.chars().take(60).collect());
    let mut words = text.split_whitespace().peekable();
    let first = words.next().ok_or_else(unreadable)?;
    let (date, time) = match first.split_once('T') {
        Some(halves) => halves,
        None => (first, words.next_if(|word| word.contains(':')).unwrap_or("00:00")),
    };
    let (time, glued_offset) = match time.find(['+', '-', 'Z']) {
        Some(at) => time.split_at(at),
        None => (time, ""),
    };
    let local = local_time(date, time).ok_or_else(unreadable)?;
    let zone = if glued_offset.is_empty() { words.next() } else { Some(glued_offset) };
    if words.next().is_some() {
        return Err(unreadable());
    }
    match zone {
        Some("UTC" | "Z") => Ok(local.and_utc()),
        Some(zone) if zone.starts_with(['+', '-']) => with_offset(local, zone),
        Some(zone) => {
            let zone: Zone = zone.parse().map_err(|_| InstantError::UnknownZone(zone.to_owned()))?;
            in_zone(local, zone)
        }
        None => Err(InstantError::NoZone(text.to_owned())),
    }
}

fn local_time(date: &str, time: &str) -> Option<NaiveDateTime> {
    let date: NaiveDate = date.parse().ok()?;
    let time = ["%H:%M:%S%.f", "%H:%M"].iter().find_map(|form| chrono::NaiveTime::parse_from_str(time, form).ok())?;
    Some(date.and_time(time))
}

fn with_offset(local: NaiveDateTime, offset: &str) -> Result<DateTime<Utc>, InstantError> {
    let unknown = || InstantError::UnknownZone(offset.to_owned());
    let offset: chrono::FixedOffset = offset.parse().map_err(|_| unknown())?;
    offset.from_local_datetime(&local).single().map(|at| at.with_timezone(&Utc)).ok_or_else(unknown)
}

/// The instant at which the clocks of `zone` show `local`, if there is exactly one.
pub fn in_zone(local: NaiveDateTime, zone: Zone) -> Result<DateTime<Utc>, InstantError> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Ok(at.with_timezone(&Utc)),
        LocalResult::None => Err(InstantError::Skipped(local, zone)),
        LocalResult::Ambiguous(first, second) => {
            Err(InstantError::Twice(local, zone, first.format("%:z").to_string(), second.format("%:z").to_string()))
        }
    }
}

/// How far another machine's clock is from ours, as its answer to one question shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockOffset {
    /// Positive if the other clock is ahead.
    pub ahead: TimeDelta,
    /// The true difference lies within this much of `ahead`.
    pub uncertainty: TimeDelta,
}

impl ClockOffset {
    /// From what the other clock showed between our question and its answer; `grain` is the
    /// precision of what it showed (SQL `now()`: microseconds, an HTTP Date: one second).
    pub fn measure(asked: DateTime<Utc>, theirs: DateTime<Utc>, answered: DateTime<Utc>, grain: Span) -> ClockOffset {
        let round_trip = (answered - asked).max(TimeDelta::zero());
        let grain = TimeDelta::from_std(grain.approx()).unwrap_or(TimeDelta::zero());
        ClockOffset {
            // A truncated reading is half a grain early on average.
            ahead: theirs + grain / 2 - (asked + round_trip / 2),
            uncertainty: round_trip / 2 + grain / 2,
        }
    }

    /// From the `Date` header of an HTTP answer.
    pub fn from_http_date(asked: DateTime<Utc>, date: &str, answered: DateTime<Utc>) -> Option<ClockOffset> {
        let theirs = DateTime::parse_from_rfc2822(date).ok()?.with_timezone(&Utc);
        Some(ClockOffset::measure(asked, theirs, answered, Span::from_secs(1)))
    }

    /// Whether the clocks surely differ by more than `tolerance`.
    pub fn exceeds(&self, tolerance: Span) -> bool {
        let tolerance = TimeDelta::from_std(tolerance.approx()).unwrap_or(TimeDelta::MAX);
        self.ahead.abs() - self.uncertainty > tolerance
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn berlin() -> Zone {
        "Europe/Berlin".parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn people_see_both_clocks() {
        assert_eq!(both(at("2024-11-18T11:00:00Z"), berlin()), "2024-11-18 12:00:00 CET (11:00:00 UTC)");
        assert_eq!(both(at("2024-11-18T23:30:00Z"), berlin()), "2024-11-19 00:30:00 CET (2024-11-18 23:30:00 UTC)");
        assert_eq!(both(at("2024-11-18T11:00:00Z"), Zone::UTC), "2024-11-18 11:00:00 UTC");
    }

    #[test]
    fn the_same_instant_in_many_forms() {
        for text in [
            "2024-11-18 12:00:00 Europe/Berlin",
            "2024-11-18 12:00 +01:00",
            "2024-11-18T12:00:00+01:00",
            "2024-11-18 11:00 UTC",
            "2024-11-18T11:00Z",
            "2024-11-18T06:00-05:00",
        ] {
            assert_eq!(parse(text), Ok(at("2024-11-18T11:00:00Z")), "{text}");
        }
    }

    #[test]
    fn a_time_without_zone_is_refused() {
        assert!(matches!(parse("2024-11-18 12:00:00"), Err(InstantError::NoZone(_))));
        assert!(matches!(parse("2024-11-18 12:00 Mars/Olympus"), Err(InstantError::UnknownZone(_))));
        assert!(matches!(parse("yesterday"), Err(InstantError::Unreadable(_))));
        assert!(matches!(parse(""), Err(InstantError::Unreadable(_))));
    }

    #[test]
    fn daylight_saving_is_not_guessed() {
        assert!(matches!(parse("2024-03-31 02:30 Europe/Berlin"), Err(InstantError::Skipped(..))));
        let twice = parse("2024-10-27 02:30 Europe/Berlin").unwrap_err().to_string();
        assert!(twice.contains("+02:00") && twice.contains("+01:00"), "{twice}");
    }

    #[test]
    fn a_clock_that_is_behind_is_found() {
        let asked = at("2024-11-18T12:00:00Z");
        let offset =
            ClockOffset::measure(asked, at("2024-11-18T11:55:00.050Z"), at("2024-11-18T12:00:00.100Z"), Span::ZERO);
        assert_eq!(offset.ahead, TimeDelta::minutes(-5));
        assert!(offset.exceeds(Span::from_mins(4)));
        assert!(!offset.exceeds(Span::from_mins(5)));
        let http = ClockOffset::from_http_date(asked, "Mon, 18 Nov 2024 12:00:00 GMT", asked).unwrap();
        assert!(!http.exceeds(Span::ZERO), "within its precision, a whole-second date proves nothing");
    }

    proptest! {
        #[test]
        fn round_trip(seconds in 0_i64..4_000_000_000, millis in 0_u32..1000) {
            let instant = DateTime::from_timestamp(seconds, millis * 1_000_000).unwrap();
            prop_assert_eq!(parse(&stamp(instant)).unwrap(), instant);
        }

        #[test]
        fn local_forms_round_trip_or_say_that_they_are_ambiguous(seconds in 0_i64..4_000_000_000) {
            let instant = DateTime::from_timestamp(seconds, 0).unwrap();
            let local = instant.with_timezone(&berlin()).format("%Y-%m-%d %H:%M:%S Europe/Berlin").to_string();
            match parse(&local) {
                Ok(read) => prop_assert_eq!(read, instant),
                Err(error) => prop_assert!(matches!(error, InstantError::Twice(..))),
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
