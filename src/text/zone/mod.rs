//! Time zones by their IANA names. Their rules are part of the program, because a bare container has none.

#[cfg(test)]
mod compared;
mod data;
#[cfg(test)]
mod tests;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use chrono::{
    Datelike, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Timelike, Utc,
};
use tz::LocalTimeType;
use tz::datetime::FoundDateTimeKind;

use data::Entry;
pub use data::ZoneError;

/// A place's time, summer and winter.
#[derive(Clone, Copy)]
pub struct Zone(&'static Entry);

/// How far a zone's clocks are from UTC at some instant, and what people call that: `CET`, `CEST`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ZoneOffset {
    zone: Zone,
    kind: LocalTimeType,
}

impl Zone {
    /// The zone that everybody has in common.
    pub const UTC: Zone = Zone(&data::UTC);

    /// Its IANA name.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// All names that are known.
    pub fn names() -> impl Iterator<Item = &'static str> {
        data::names()
    }

    fn offset(self, kind: LocalTimeType) -> ZoneOffset {
        ZoneOffset { zone: self, kind }
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(name: &str) -> Result<Zone, ZoneError> {
        data::entry(name).map(Zone)
    }
}

impl TimeZone for Zone {
    type Offset = ZoneOffset;

    fn from_offset(offset: &ZoneOffset) -> Zone {
        offset.zone
    }

    fn offset_from_local_date(&self, local: &NaiveDate) -> LocalResult<ZoneOffset> {
        self.offset_from_local_datetime(&local.and_time(NaiveTime::MIN))
    }

    fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> LocalResult<ZoneOffset> {
        let parts = [local.month(), local.day(), local.hour(), local.minute(), local.second()];
        let [month, day, hour, minute, second] = parts.map(|part| u8::try_from(part).unwrap_or(u8::MAX));
        let mut room = [None; 4];
        let Ok(found) =
            tz::DateTime::find_n(&mut room, local.year(), month, day, hour, minute, second, 0, self.0.rules)
        else {
            return LocalResult::None;
        };
        let mut real = found.data().iter().flatten().filter_map(|found| match found {
            FoundDateTimeKind::Normal(at) => Some(self.offset(*at.local_time_type())),
            FoundDateTimeKind::Skipped { .. } => None,
        });
        match (real.next(), real.next_back()) {
            (Some(first), Some(last)) => LocalResult::Ambiguous(first, last),
            (Some(only), None) => LocalResult::Single(only),
            (None, _) => LocalResult::None,
        }
    }

    fn offset_from_utc_date(&self, utc: &NaiveDate) -> ZoneOffset {
        self.offset_from_utc_datetime(&utc.and_time(NaiveTime::MIN))
    }

    fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> ZoneOffset {
        // The rules reach further than the years that a date can have, so that this does not fail.
        let kind = self.0.rules.find_local_time_type(utc.and_utc().timestamp()).copied();
        self.offset(kind.unwrap_or(LocalTimeType::utc()))
    }
}

impl Offset for ZoneOffset {
    fn fix(&self) -> FixedOffset {
        FixedOffset::east_opt(self.kind.ut_offset()).unwrap_or(Utc.fix())
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Hash for Zone {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind.time_zone_designation() {
            "" => f.write_str(self.zone.name()),
            designation => f.write_str(designation),
        }
    }
}

impl fmt::Debug for ZoneOffset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
