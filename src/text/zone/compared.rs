//! What the zones say, compared with what `chrono-tz` says, a second reading of the same database.

use std::collections::BTreeSet;
use std::fmt::Display;

use chrono::DateTime;
use tz::timezone::Transition;

use super::*;

const DAY: i64 = 24 * 60 * 60;
const WEEK: i64 = 7 * DAY;
/// 1970 to 2060.
const FROM: i64 = 0;
const TO: i64 = 2_840_140_800;

/// What was decided, or found out, after the release that `chrono-tz` 0.10 carries (2025b), up to ours (2026e): why, the
/// days from and until which it shows, and where.
const NEWS: [(&str, &str, &str, &[&str]); 6] = [
    (
        "summer time of 1970 to 1976 was found out",
        "1970-01-01",
        "1977-01-01",
        &["America/Ensenada", "America/Santa_Isabel", "America/Tijuana", "Mexico/BajaNorte"],
    ),
    ("summer time of 1979 began a day earlier", "1979-05-25", "1979-05-28", &["Asia/Tehran", "Iran"]),
    ("summer time of 1992 began a day earlier", "1992-05-02", "1992-05-04", &["America/Bogota"]),
    (
        "clocks change an hour earlier than in the European Union since 2022",
        "2022-01-01",
        "2060-12-31",
        &["Europe/Chisinau", "Europe/Tiraspol"],
    ),
    ("clocks stay where they are in winter", "2026-09-20", "2060-12-31", &["Africa/Casablanca", "Africa/El_Aaiun"]),
    (
        "clocks stay where they were in summer",
        "2026-11-01",
        "2060-12-31",
        &[
            "America/Edmonton",
            "America/Inuvik",
            "America/Rainy_River",
            "America/Vancouver",
            "America/Winnipeg",
            "America/Yellowknife",
            "Canada/Central",
            "Canada/Mountain",
            "Canada/Pacific",
        ],
    ),
];

fn day(text: &str) -> i64 {
    text.parse::<NaiveDate>().unwrap().and_time(NaiveTime::MIN).and_utc().timestamp()
}

fn is_news(zone: &str, at: i64) -> bool {
    NEWS.iter()
        .any(|(_, from, until, zones)| zones.contains(&zone) && (day(from) - DAY..day(until) + DAY).contains(&at))
}

fn naive(seconds: i64) -> NaiveDateTime {
    DateTime::from_timestamp(seconds, 0).unwrap().naive_utc()
}

fn told<O: Offset + Display>(offset: &O) -> (i32, String) {
    (offset.fix().local_minus_utc(), offset.to_string())
}

/// The first instants at which another offset or name holds, found by looking every week. Those in
/// between are listed in our own rules.
fn changes(zone: chrono_tz::Tz) -> Vec<i64> {
    let offset = |at| zone.offset_from_utc_datetime(&naive(at));
    let mut changes = Vec::new();
    let mut late = offset(FROM);
    for early in (FROM..TO).step_by(7 * 24 * 60 * 60) {
        let before = std::mem::replace(&mut late, offset(early + WEEK));
        if before == late {
            continue;
        }
        let (mut low, mut high) = (early, early + WEEK);
        while high - low > 1 {
            let middle = low.midpoint(high);
            if offset(middle) == before { low = middle } else { high = middle }
        }
        changes.push(high);
    }
    changes
}

/// Instants all over the years, the same ones every time.
fn anywhere() -> impl Iterator<Item = i64> {
    let numbers = std::iter::successors(Some(20_241_118_u64), |seed| {
        Some(seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    });
    numbers.map(|number| FROM + i64::try_from(number >> 33).unwrap() % (TO - FROM)).take(60)
}

/// The instants, or times on the wall, at which both do not say the same.
fn differences(theirs: chrono_tz::Tz, ours: Zone) -> Vec<String> {
    let mut instants: BTreeSet<i64> = anywhere().collect();
    let mut walls = instants.clone();
    let listed = ours.0.rules.transitions().iter().map(Transition::unix_leap_time);
    for change in changes(theirs).into_iter().chain(listed).filter(|at| (FROM..TO).contains(at)) {
        instants.extend([change - 1, change, change + 1]);
        let offset = |at| i64::from(theirs.offset_from_utc_datetime(&naive(at)).fix().local_minus_utc());
        let (before, after) = (change + offset(change - 1), change + offset(change));
        walls.extend([before - 1, before, before.midpoint(after), after - 1, after]);
        walls.extend([before.min(after) - 3600, before.max(after) + 3600]);
    }
    let mut differences = Vec::new();
    for at in instants.into_iter().filter(|at| !is_news(ours.name(), *at)) {
        let pair =
            [told(&theirs.offset_from_utc_datetime(&naive(at))), told(&ours.offset_from_utc_datetime(&naive(at)))];
        if pair[0] != pair[1] {
            differences.push(format!("{ours} at {}Z: {pair:?}", naive(at)));
        }
    }
    for wall in walls.into_iter().filter(|at| !is_news(ours.name(), *at)) {
        let pair = [
            theirs.offset_from_local_datetime(&naive(wall)).map(|offset| told(&offset)),
            ours.offset_from_local_datetime(&naive(wall)).map(|offset| told(&offset)),
        ];
        if pair[0] != pair[1] {
            differences.push(format!("{ours} when clocks show {}: {pair:?}", naive(wall)));
        }
    }
    differences
}

#[test]
fn every_zone_is_as_another_reads_it() {
    let all: Vec<String> = chrono_tz::TZ_VARIANTS
        .iter()
        .flat_map(|theirs| differences(*theirs, theirs.name().parse().unwrap_or_else(|why| panic!("{why}"))))
        .collect();
    assert!(all.is_empty(), "{} differences:\n{}", all.len(), all[..all.len().min(60)].join("\n"));
}

#[test]
fn the_news_are_no_more_than_what_really_differs() {
    let names: BTreeSet<&str> = Zone::names().collect();
    let theirs: BTreeSet<&str> = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
    assert_eq!(names, theirs);
    for (why, from, until, zones) in NEWS {
        for name in zones {
            let (theirs, ours): (chrono_tz::Tz, Zone) = (name.parse().unwrap(), name.parse().unwrap());
            let differs = (day(from)..day(until)).step_by(3600).any(|at| {
                told(&theirs.offset_from_utc_datetime(&naive(at))) != told(&ours.offset_from_utc_datetime(&naive(at)))
            });
            assert!(differs, "{name}: {why}, but chrono-tz knows it now");
        }
    }
}
