use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::record::{Ending, Rest, Run};
use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn job(rest: &str) -> Job {
    let task = if rest.contains("do =") { "" } else { "do = 'backup'" };
    toml::from_str(&format!("name = 'j'\n{task}\n{rest}")).unwrap()
}

fn timing(rest: &str) -> Timing {
    Timing::of(&job(rest), Zone::UTC).unwrap()
}

fn ended(slot: DateTime<Utc>) -> Record {
    let (began, told, host) = (slot, String::new(), "a".to_owned());
    let run = Run { slot, began, ended: slot, ending: Ending::Done, told, host, missed: 0, rest: Rest::default() };
    Record { slot, state: SlotState::Ended(run), attempts: 1 }
}

fn broken(slot: &str, attempts: u64) -> Record {
    Record { slot: at(slot), state: SlotState::Broken { attempts }, attempts }
}

#[test]
fn a_backup_that_failed_is_tried_again_a_few_times_and_a_command_is_not() {
    let slot = at("2024-11-18T02:00:00Z");
    let failed = |attempts: u64, minutes: i64| {
        let record = ended(slot);
        let ended = slot + TimeDelta::minutes(minutes);
        let run = Run { ended, ending: Ending::Failed, ..record.run().unwrap().clone() };
        Record { state: SlotState::Ended(run), attempts, ..record }
    };
    let daily = timing("cron = '0 2 * * *'");
    let at_minute = |minutes: i64| slot + TimeDelta::minutes(minutes);
    for (attempts, waits) in [(1, 5), (2, 10), (3, 20)] {
        let records = [failed(attempts, 3)];
        assert_eq!(due(&daily, &records, at_minute(2 + waits)), Due::Later, "{attempts}");
        let Due::Run(again) = due(&daily, &records, at_minute(3 + waits)) else { panic!("{attempts}") };
        assert_eq!((again.at, again.attempts), (slot, attempts));
        assert_eq!(daily.again(&records[0]), Some(at_minute(3 + waits)));
    }
    assert_eq!(due(&daily, &[failed(ATTEMPTS, 3)], at_minute(600)), Due::Later, "often enough");
    let other = timing("cron = '0 2 * * *'\ndo = 'command'");
    assert_eq!(due(&other, &[failed(1, 3)], at_minute(600)), Due::Later);
    let soon = timing("cron = '0 2 * * *'\nlate_within = '6min'");
    assert_eq!(due(&soon, &[failed(1, 3)], at_minute(10)), Due::Later, "too late by then");
    // Whoever looks too late for it leaves it as it is: failed, and not skipped.
    let skips = timing("cron = '0 2 * * *'\nlate = 'skip'");
    assert!(matches!(due(&skips, &[failed(1, 8)], at_minute(14)), Due::Run(slot) if slot.before.is_some()));
    assert_eq!(due(&skips, &[failed(1, 8)], at_minute(16)), Due::Later);
    let leaving = |rest: Rest| {
        let record = failed(1, 3);
        let run = Run { rest, ..record.run().unwrap().clone() };
        due(&daily, &[Record { state: SlotState::Ended(run), ..record }], at_minute(60))
    };
    assert_eq!(leaving(Rest::Nothing), Due::Later);
    assert!(matches!(leaving(Rest::Copies), Due::Run(slot) if slot.before.as_ref().unwrap().rest == Rest::Copies));
    let Due::Run(next) = due(&daily, &[failed(1, 3)], slot + TimeDelta::days(1)) else { panic!() };
    assert_eq!((next.at, next.attempts), (slot + TimeDelta::days(1), 0));
}

#[test]
fn the_newest_slot_is_run_and_those_before_it_are_missed() {
    let hourly = timing("cron = '0 * * * *'");
    let records = [ended(at("2024-11-18T02:00:00Z"))];
    assert_eq!(due(&hourly, &records, at("2024-11-18T02:59:59Z")), Due::Later);
    let Due::Run(slot) = due(&hourly, &records, at("2024-11-18T03:00:00Z")) else { panic!() };
    assert_eq!((slot.at, slot.late, slot.missed.count), (at("2024-11-18T03:00:00Z"), None, 0));
    let Due::Run(slot) = due(&hourly, &records, at("2024-11-18T09:20:00Z")) else { panic!() };
    assert_eq!((slot.at, slot.late), (at("2024-11-18T09:00:00Z"), Some(Span::from_mins(20))));
    assert_eq!(slot.missed, Missed { count: 6, first: Some(at("2024-11-18T03:00:00Z")) });
}

#[test]
fn a_late_slot_is_caught_up_or_left_out_as_the_job_says() {
    let records = [ended(at("2024-11-17T02:00:00Z"))];
    let now = at("2024-11-18T05:00:00Z");
    let of = |rest: &str| due(&timing(&format!("cron = '0 2 * * *'\n{rest}")), &records, now);
    assert!(matches!(of(""), Due::Run(_)));
    assert!(matches!(of("late = 'skip'"), Due::Skip(DueSlot { late: Some(_), .. })));
    assert!(matches!(of("late_within = '2h'"), Due::Skip(_)));
    assert!(matches!(of("late_within = '4h'"), Due::Run(_)));
    assert!(matches!(of("do = 'drill'"), Due::Skip(_)));
    assert!(matches!(of("do = 'drill'\nlate = 'run'"), Due::Run(_)));
}

#[test]
fn what_was_never_run_is_run_at_once_and_missed_nothing() {
    let Due::Run(slot) = due(&timing("cron = '0 2 * * *'"), &[], at("2024-11-18T14:00:00Z")) else { panic!() };
    assert_eq!((slot.at, slot.missed), (at("2024-11-18T02:00:00Z"), Missed::default()));
    assert_eq!(due(&timing("cron = '0 2 * * *'\ndo = 'drill'"), &[], at("2024-11-18T14:00:00Z")), Due::Later);
}

#[test]
fn what_never_stops_has_no_slots() {
    assert_eq!(due(&timing("continuous = true\ncron = '*/5 * * * *'"), &[], Utc::now()), Due::NoSlots);
    assert_eq!(due(&timing("on_change = true"), &[], Utc::now()), Due::NoSlots);
}

#[test]
fn a_change_is_taken_once_it_has_settled() {
    let changed = at("2024-11-18T02:00:00Z");
    let of = |records: &[Record], now: &str| due_on_change(changed, records, at(now));
    assert_eq!(of(&[], "2024-11-18T02:00:01Z"), Due::Later);
    let Due::Run(slot) = of(&[], "2024-11-18T02:00:02Z") else { panic!() };
    assert_eq!((slot.at, slot.late, slot.missed.count), (changed, None, 0));
    // By a clock that is ahead.
    assert!(matches!(of(&[], "2024-11-18T01:30:00Z"), Due::Run(slot) if slot.at == changed));
    assert_eq!(of(&[ended(changed)], "2024-11-19T00:00:00Z"), Due::Later);
    assert!(matches!(of(&[ended(at("2024-11-18T01:59:59Z"))], "2024-11-18T03:00:00Z"), Due::Run(_)));
}

#[test]
fn a_change_that_was_not_taken_well_is_tried_again_after_a_while() {
    let changed = at("2024-11-18T02:00:00Z");
    let mut failed = ended(changed);
    let SlotState::Ended(run) = &mut failed.state else { panic!() };
    run.ending = Ending::Failed;
    assert_eq!(due_on_change(changed, &[failed.clone()], at("2024-11-18T02:14:59Z")), Due::Later);
    let Due::Run(slot) = due_on_change(changed, &[failed.clone()], at("2024-11-18T02:15:00.7Z")) else { panic!() };
    assert_eq!(slot.at, at("2024-11-18T02:15:00Z"));
    let mut left = failed.clone();
    let SlotState::Ended(run) = &mut left.state else { panic!() };
    run.rest = Rest::Nothing;
    assert_eq!(due_on_change(changed, &[left], at("2024-11-18T05:00:00Z")), Due::Later);
    let well = ended(slot.at);
    assert_eq!(due_on_change(changed, &[failed, well], at("2024-11-18T05:00:00Z")), Due::Later);
    let died = [broken("2024-11-18T02:00:00Z", 1)];
    assert!(matches!(due_on_change(changed, &died, at("2024-11-18T02:01:00Z")), Due::Run(slot) if slot.attempts == 1));
    let died = [broken("2024-11-18T02:00:00Z", ATTEMPTS)];
    assert_eq!(due_on_change(changed, &died, at("2024-11-18T02:01:00Z")), Due::Later);
}

#[test]
fn nothing_is_begun_while_an_older_slot_is_at_work() {
    let since = at("2024-11-18T02:00:00Z");
    let state = SlotState::Running { holder: "b".to_owned(), since, is_certain: true };
    let records = [Record { slot: since, state, attempts: 1 }];
    assert!(matches!(due(&timing("every = '1h'"), &records, at("2024-11-18T04:00:00Z")), Due::Running(_)));
}

#[test]
fn a_slot_whose_runner_died_is_run_again_and_an_older_one_counts_as_missed() {
    let hourly = timing("cron = '0 * * * *'");
    let records = [broken("2024-11-18T03:00:00Z", 1)];
    let Due::Run(slot) = due(&hourly, &records, at("2024-11-18T03:10:00Z")) else { panic!() };
    assert_eq!((slot.at, slot.attempts, slot.missed.count), (at("2024-11-18T03:00:00Z"), 1, 0));
    let Due::Run(slot) = due(&hourly, &records, at("2024-11-18T04:00:00Z")) else { panic!() };
    assert_eq!((slot.at, slot.attempts, slot.missed.count), (at("2024-11-18T04:00:00Z"), 0, 1));
}

#[test]
fn a_host_whose_clock_is_behind_runs_nothing_twice() {
    let hourly = timing("cron = '0 * * * *'");
    let records = [ended(at("2024-11-18T03:00:00Z"))];
    for behind in ["2024-11-18T02:30:00Z", "2024-11-18T00:30:00Z"] {
        assert_eq!(due(&hourly, &records, at(behind)), Due::Later);
    }
}

#[test]
fn a_slot_from_far_ahead_stops_nobody() {
    let hourly = timing("cron = '0 * * * *'");
    let [wrong, right] = ["2027-11-18T03:00:00Z", "2024-11-18T02:00:00Z"].map(|slot| ended(at(slot)));
    let now = at("2024-11-18T03:00:10Z");
    let Due::Run(slot) = due(&hourly, &[wrong.clone(), right], now) else { panic!("it does not run") };
    assert_eq!((slot.at, slot.missed), (at("2024-11-18T03:00:00Z"), Missed::default()));
    let both = [wrong, ended(at("2024-11-18T03:00:00Z"))];
    assert_eq!((due(&hourly, &both, now), believable(&both, now).len()), (Due::Later, 1));
}

const ZONES: [&str; 3] = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
/// The nights when clocks change there, forward and back.
const NIGHTS: [[&str; 2]; 3] = [
    ["2024-03-31T00:00:00Z", "2024-10-27T00:00:00Z"],
    ["2024-03-10T06:00:00Z", "2024-11-03T05:00:00Z"],
    ["2024-10-05T15:00:00Z", "2024-04-06T14:00:00Z"],
];
const CRONS: [&str; 9] = [
    "30 2 * * *",
    "0 2 * * *",
    "0 3 * * *",
    "15 1 * * *",
    "*/15 * * * *",
    "*/30 * * * *",
    "0 * * * *",
    "10,40 1-3 * * *",
    "45 */2 * * *",
];

proptest! {
    /// Whatever the instants at which it is asked: each slot is run once, told as missed once, or still to come.
    #[test]
    fn each_slot_once_and_none_lost_in_the_nights_when_clocks_change(
        zone in 0..ZONES.len(),
        night in 0..2_usize,
        cron in 0..CRONS.len(),
        gaps in proptest::collection::vec(prop_oneof![0_i64..900, 0_i64..20_000], 1..60),
    ) {
        let timing = Timing::of(&job(&format!("cron = '{}'", CRONS[cron])), ZONES[zone].parse().unwrap()).unwrap();
        let begin = at(NIGHTS[zone][night]) - TimeDelta::hours(30);
        let mut seen: BTreeMap<DateTime<Utc>, u32> = BTreeMap::new();
        let mut records = vec![ended(timing.newest(begin).unwrap())];
        let first = records[0].slot;
        let mut now = begin;
        for gap in gaps {
            now += TimeDelta::seconds(gap);
            match due(&timing, &records, now) {
                Due::Run(slot) => {
                    let mut missed = slot.missed.first;
                    for _ in 0..slot.missed.count {
                        *seen.entry(missed.unwrap()).or_default() += 1;
                        missed = timing.next(missed.unwrap());
                    }
                    *seen.entry(slot.at).or_default() += 1;
                    prop_assert!(slot.at <= now);
                    records.push(ended(slot.at));
                }
                Due::Later => prop_assert!(timing.next(records.last().unwrap().slot).unwrap() > now),
                other => prop_assert!(false, "{other:?}"),
            }
        }
        // What the schedule says itself, slot after slot.
        let said: Vec<_> = std::iter::successors(timing.next(first), |last| timing.next(*last))
            .take_while(|slot| *slot <= now)
            .collect();
        prop_assert_eq!(seen.keys().copied().collect::<Vec<_>>(), said);
        prop_assert!(seen.values().all(|count| *count == 1));
    }

    /// A daily job has one slot a day on the wall, also in those nights.
    #[test]
    fn a_daily_job_runs_once_a_day(zone in 0..ZONES.len(), night in 0..2_usize, hour in 0..24, minute in 0..60) {
        let zone = (ZONES[zone].parse().unwrap(), at(NIGHTS[zone][night]));
        let timing = Timing::of(&job(&format!("cron = '{minute} {hour} * * *'")), zone.0).unwrap();
        let begin = zone.1 - TimeDelta::days(3);
        let days: Vec<_> = std::iter::successors(timing.next(begin), |last| timing.next(*last))
            .take(6)
            .map(|slot| slot.with_timezone(&zone.0).date_naive())
            .collect();
        prop_assert!(days.windows(2).all(|pair| pair[1] == pair[0].succ_opt().unwrap()), "{days:?}");
    }
}
