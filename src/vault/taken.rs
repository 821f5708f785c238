//! When a recovery point was taken, as far as its name tells.

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};

use crate::text::Zone;

/// How exactly a name tells the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// To the second.
    Second,
    /// The hour.
    Hour,
    /// The day.
    Day,
    /// The month.
    Month,
}

/// A time in a name, which says nothing of its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taken {
    /// The beginning of what the name tells.
    pub at: NaiveDateTime,
    /// How long that is.
    pub precision: Precision,
}

impl Taken {
    /// `20241118`, `20241118_02` or `20241118_020000`.
    pub fn of_day(text: &str) -> Option<Taken> {
        let (day, time) = match text.split_once('_') {
            Some((day, time)) => (day, Some(time)),
            None => (text, None),
        };
        let [year, month, day] =
            [digits(day, 0, 4)?, digits(day, 4, 6)?, digits(day, 6, 8).filter(|_| day.len() == 8)?];
        let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
        let (hour, minute, second, precision) = match time {
            None => (0, 0, 0, Precision::Day),
            Some(time) if time.len() == 2 => (digits(time, 0, 2)?, 0, 0, Precision::Hour),
            Some(time) if time.len() == 6 => {
                (digits(time, 0, 2)?, digits(time, 2, 4)?, digits(time, 4, 6)?, Precision::Second)
            }
            Some(_) => return None,
        };
        Some(Taken { at: date.and_hms_opt(hour, minute, second)?, precision })
    }

    /// `2024-11`.
    pub fn of_month(text: &str) -> Option<Taken> {
        let is_month = text.len() == 7 && text.as_bytes().get(4) == Some(&b'-');
        let (year, month) = (digits(text, 0, 4)?, digits(text, 5, 7).filter(|_| is_month)?);
        let first = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, 1)?;
        Some(Taken { at: first.and_hms_opt(0, 0, 0)?, precision: Precision::Month })
    }

    /// The instant that is meant. What scripts wrote is named in the zone of their host: that is UTC or that of the
    /// platform, whichever a file written about then speaks for.
    pub fn instant(self, zone: Zone, written: DateTime<Utc>) -> DateTime<Utc> {
        let utc = self.at.and_utc();
        let there = match zone.from_local_datetime(&self.at) {
            LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
            LocalResult::None => utc,
        };
        let lasts = match self.precision {
            Precision::Second => Duration::zero(),
            Precision::Hour => Duration::hours(1),
            Precision::Day => Duration::days(1),
            Precision::Month => return there,
        };
        // Nobody names a file before its time comes, and writing takes a while.
        let fits = |at: DateTime<Utc>| written >= at && written - at <= lasts + LONGEST;
        match (fits(there), fits(utc)) {
            (true, true) => there.max(utc),
            (false, true) => utc,
            _ => there,
        }
    }
}

/// No backup that is named for its beginning takes longer.
const LONGEST: Duration = Duration::hours(12);

fn digits(text: &str, from: usize, to: usize) -> Option<u32> {
    let digits = text.get(from..to)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_read_to_the_letter() {
        for (text, precision) in
            [("20241118", Precision::Day), ("20241118_02", Precision::Hour), ("20241118_020000", Precision::Second)]
        {
            assert_eq!(Taken::of_day(text).unwrap().precision, precision);
        }
        for text in ["2024111", "20241318", "20241118_", "20241118_25", "20241118_0200", "+0241118", "２0241118", ""] {
            assert_eq!(Taken::of_day(text), None, "{text}");
        }
        assert_eq!(Taken::of_month("2024-11").unwrap().at.to_string(), "2024-11-01 00:00:00");
        for text in ["2024-13", "2024-1", "2024_11", "202411", "2024-111"] {
            assert_eq!(Taken::of_month(text), None, "{text}");
        }
    }

    #[test]
    fn the_zone_is_the_one_that_the_file_speaks_for() {
        let (taken, zone) = (Taken::of_day("20241118_020000").unwrap(), "Europe/Berlin".parse().unwrap());
        assert_eq!(taken.instant(zone, at("2024-11-18T01:03:00Z")), at("2024-11-18T01:00:00Z"), "named in Berlin");
        assert_eq!(taken.instant(zone, at("2024-11-18T02:03:00Z")), at("2024-11-18T02:00:00Z"), "named in UTC");
        assert_eq!(taken.instant(zone, at("2025-01-01T00:00:00Z")), at("2024-11-18T01:00:00Z"), "copied later");
        let lost = Taken::of_day("20250330_023000").unwrap();
        assert_eq!(lost.instant(zone, at("2025-06-01T00:00:00Z")), at("2025-03-30T02:30:00Z"), "an hour that is not");
    }
}
