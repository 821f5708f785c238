//! What holds whatever the plan says and whatever lies there.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{Candidate, Reason, Rules, Standing, Verdict, judge};
use crate::text::{Span, Zone};
use crate::vault::usual::Amount;

fn zone() -> Zone {
    "Europe/Berlin".parse().unwrap()
}

fn now() -> DateTime<Utc> {
    "2024-11-18T12:00:00Z".parse().unwrap()
}

/// So many hours ago.
fn one(id: &str, hours: i64, standing: Standing) -> Candidate<'_> {
    let taken = now() - TimeDelta::hours(hours);
    Candidate {
        id,
        taken,
        at_latest: taken,
        written: taken,
        standing,
        is_base: false,
        is_clean: true,
        is_full: true,
        is_usual: true,
        amount: Amount { bytes: 1, counted: None },
    }
}

fn standings() -> impl Strategy<Value = Standing> {
    prop_oneof![
        4 => Just(Standing::Verified),
        4 => Just(Standing::Present),
        1 => Just(Standing::Tainted),
        1 => Just(Standing::Flawed),
        1 => Just(Standing::OnlyNotes),
        1 => any::<bool>().prop_map(|has_files| Standing::Unfinished { has_files }),
        1 => Just(Standing::NotUnderstood),
    ]
}

prop_compose! {
    fn series()(many in prop::collection::vec((-60_i64..9_000, standings(), any::<bool>()), 0..60)) -> Vec<(String, i64, Standing, bool)> {
        many.into_iter().enumerate().map(|(index, (hours, standing, is_base))| (format!("p{index}"), hours, standing, is_base)).collect()
    }
}

prop_compose! {
    fn rules()(days in prop::option::of(0_u64..400), at_least in 0_u32..8, periods in prop::array::uniform4(0_u32..6)) -> Rules {
        Rules { age: days.map(Span::from_days), at_least, periods }
    }
}

fn candidates(series: &[(String, i64, Standing, bool)]) -> Vec<Candidate<'_>> {
    series
        .iter()
        .map(|(id, hours, standing, is_base)| Candidate { is_base: *is_base, ..one(id, *hours, *standing) })
        .collect()
}

fn stay<'a>(candidates: &'a [Candidate<'a>], rules: &Rules) -> Vec<&'a Candidate<'a>> {
    let verdicts = judge(candidates, Some(rules), zone(), now());
    candidates.iter().zip(verdicts).filter(|(_, verdict)| !verdict.goes()).map(|(one, _)| one).collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "for filters of references")]
fn is_good(one: &&&Candidate<'_>) -> bool {
    matches!(one.standing, Standing::Verified | Standing::Present) && one.taken <= now()
}

proptest! {
    #[test]
    fn never_below_the_number_of_verified_ones(series in series(), rules in rules()) {
        let all = candidates(&series);
        let verified = |of: &[&Candidate<'_>]| of.iter().filter(is_good).filter(|one| one.standing == Standing::Verified).count();
        let good = |of: &[&Candidate<'_>]| of.iter().filter(is_good).count();
        let (there, left) = (all.iter().collect::<Vec<_>>(), stay(&all, &rules));
        let least = usize::try_from(rules.at_least).unwrap();
        prop_assert!(verified(&left) >= least.min(verified(&there)));
        prop_assert!(good(&left) >= least.min(good(&there)), "others stand in");
        if verified(&there) < least.max(1) {
            prop_assert_eq!(good(&left) - verified(&left), good(&there) - verified(&there), "each may be the only one that restores");
        }
    }

    #[test]
    fn never_the_last_good_one(series in series(), rules in rules()) {
        let all = candidates(&series);
        let newest = |of: &[&Candidate<'_>], verified: bool| {
            of.iter().filter(is_good).filter(|one| !verified || one.standing == Standing::Verified).map(|one| one.taken).max()
        };
        let (there, left) = (all.iter().collect::<Vec<_>>(), stay(&all, &rules));
        for verified in [true, false] {
            prop_assert_eq!(newest(&there, verified), newest(&left, verified));
        }
    }

    #[test]
    fn what_is_bad_counts_for_nothing(series in series(), rules in rules()) {
        let all = candidates(&series);
        let good: Vec<Candidate<'_>> = all.iter().filter(|one| is_good(&one)).cloned().collect();
        let among: Vec<&Candidate<'_>> = stay(&all, &rules).into_iter().filter(|one| is_good(&one)).collect();
        prop_assert_eq!(among, stay(&good, &rules));
    }

    #[test]
    fn a_longer_age_never_lets_more_go(series in series(), rules in rules(), more in 0_u64..400) {
        let all = candidates(&series);
        let days = rules.age.unwrap_or(Span::ZERO);
        let (short, long) = (Rules { age: Some(days), ..rules }, Rules { age: Some(days + Span::from_days(more)), ..rules });
        let left = stay(&all, &long);
        for one in stay(&all, &short) {
            prop_assert!(left.contains(&one), "{one:?}");
        }
    }

    #[test]
    fn more_of_anything_never_lets_more_go(series in series(), rules in rules(), at_least in 0_u32..4, periods in prop::array::uniform4(0_u32..4)) {
        let all = candidates(&series);
        let more = Rules { at_least: rules.at_least + at_least, periods: std::array::from_fn(|it| rules.periods[it] + periods[it]), ..rules };
        let left = stay(&all, &more);
        for one in stay(&all, &rules) {
            prop_assert!(left.contains(&one), "{one:?}");
        }
    }

    #[test]
    fn the_order_of_what_was_found_does_not_matter(series in series(), rules in rules(), turn in 0_usize..60) {
        let all = candidates(&series);
        let mut turned = all.clone();
        turned.rotate_left(turn % all.len().max(1));
        turned.reverse();
        let sorted = |mut of: Vec<&Candidate<'_>>| { of.sort_by_key(|one| one.id.to_owned()); of.into_iter().map(|it| it.id.to_owned()).collect::<Vec<_>>() };
        prop_assert_eq!(sorted(stay(&all, &rules)), sorted(stay(&turned, &rules)));
    }

    #[test]
    fn what_stays_stays_when_it_is_judged_again(series in series(), rules in rules()) {
        let all = candidates(&series);
        let left: Vec<Candidate<'_>> = stay(&all, &rules).into_iter().cloned().collect();
        prop_assert_eq!(stay(&left, &rules).len(), left.len());
    }

    #[test]
    fn the_future_the_tainted_and_the_young_stay(series in series(), rules in rules()) {
        let all = candidates(&series);
        let left = stay(&all, &rules);
        for one in &all {
            let is_young = rules.age.is_some_and(|age| one.taken > now() - TimeDelta::from_std(age.approx()).unwrap());
            let is_sound = !matches!(one.standing, Standing::Unfinished { .. });
            if one.taken > now() || one.standing == Standing::Tainted || (is_young && is_sound) {
                prop_assert!(left.contains(&one), "{one:?}");
            }
        }
    }

    #[test]
    fn never_the_last_one_from_before_something_was_wrong(series in series(), rules in rules(), since in 0_i64..9_000) {
        let since = now() - TimeDelta::hours(since);
        let all: Vec<Candidate<'_>> =
            candidates(&series).into_iter().map(|one| Candidate { is_clean: one.taken < since, ..one }).collect();
        let clean = |of: &[&Candidate<'_>]| -> Vec<DateTime<Utc>> {
            of.iter().filter(is_good).filter(|one| one.is_clean).map(|one| one.taken).collect()
        };
        let (there, left) = (clean(&all.iter().collect::<Vec<_>>()), clean(&stay(&all, &rules)));
        prop_assert_eq!(there.iter().max(), left.iter().max());
        let least = usize::try_from(rules.at_least).unwrap();
        prop_assert!(left.len() >= least.min(there.len()), "those taken since stand in for none");
    }

    #[test]
    fn the_log_finds_a_base_for_all_of_the_age(series in series(), rules in rules()) {
        let all: Vec<Candidate<'_>> = candidates(&series).into_iter().map(|one| Candidate { is_base: true, ..one }).collect();
        let Some(age) = rules.age else { return Ok(()) };
        let first = now() - TimeDelta::from_std(age.approx()).unwrap();
        let older = |of: &[&Candidate<'_>]| of.iter().filter(is_good).map(|one| one.taken).filter(|taken| *taken <= first).max();
        prop_assert_eq!(older(&all.iter().collect::<Vec<_>>()), older(&stay(&all, &rules)));
    }
}

#[test]
fn what_lacks_something_or_has_shrunk_stands_in_for_nothing() {
    let rules = Rules { age: Some(Span::from_days(7)), at_least: 1, periods: [0; 4] };
    for broken in [|one: &mut Candidate<'_>| one.is_full = false, |one: &mut Candidate<'_>| one.is_usual = false] {
        let mut all = [
            one("old", 2000, Standing::Verified),
            one("last whole", 1000, Standing::Verified),
            one("newer", 900, Standing::Verified),
            one("newest", 1, Standing::Verified),
        ];
        all[2..].iter_mut().for_each(broken);
        let verdicts = judge(&all, Some(&rules), zone(), now());
        let kept: Vec<&str> = all.iter().zip(&verdicts).filter(|(_, it)| !it.goes()).map(|(one, _)| one.id).collect();
        assert_eq!(kept, ["last whole", "newest"], "{verdicts:?}");
        // Where nothing is whole the newest is all there is.
        all.iter_mut().for_each(broken);
        let verdicts = judge(&all, Some(&rules), zone(), now());
        assert_eq!(verdicts.iter().filter(|it| !it.goes()).count(), 1, "{verdicts:?}");
    }
}

#[test]
fn the_newest_of_each_period_stays_in_the_zone_of_the_plan() {
    let at = |id, taken: &str| {
        let taken: DateTime<Utc> = taken.parse().unwrap();
        Candidate {
            id,
            taken,
            at_latest: taken,
            written: taken,
            standing: Standing::Verified,
            ..one(id, 0, Standing::Verified)
        }
    };
    // In Berlin the second is of the 18th.
    let all = [
        at("a", "2024-11-18T02:00:00Z"),
        at("b", "2024-11-17T23:30:00Z"),
        at("c", "2024-11-17T22:30:00Z"),
        at("d", "2024-10-31T02:00:00Z"),
        at("e", "2024-10-30T02:00:00Z"),
        at("f", "2023-12-31T02:00:00Z"),
    ];
    let rules = Rules { age: None, at_least: 0, periods: [2, 0, 2, 2] };
    let verdicts = judge(&all, Some(&rules), zone(), now());
    let told: Vec<String> = verdicts
        .into_iter()
        .map(|verdict| match verdict {
            Verdict::Kept(reason) => reason.to_string(),
            Verdict::Goes(why) => format!("- {why}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "the newest good one",
            "- no period keeps it",
            "the newest good one of the day 2024-11-17",
            "the newest good one of the month 2024-10",
            "- no period keeps it",
            "the newest good one of the year 2023",
        ]
    );
}

#[test]
fn what_nobody_read_stands_in_for_nothing() {
    let rules = Rules { age: Some(Span::from_days(7)), at_least: 1, periods: [0; 4] };
    let unread = [one("empty", 1, Standing::Present), one("whole", 900, Standing::Present)];
    let verdicts = judge(&unread, Some(&rules), zone(), now());
    assert!(verdicts.iter().all(|verdict| !verdict.goes()), "{verdicts:?}");
    let read = [&unread[..], &[one("read", 1_000, Standing::Verified)]].concat();
    let told: Vec<String> = judge(&read, Some(&rules), zone(), now())
        .into_iter()
        .map(|verdict| match verdict {
            Verdict::Kept(reason) => reason.to_string(),
            Verdict::Goes(why) => format!("- {why}"),
        })
        .collect();
    assert_eq!(told, ["younger than 7d", "- older than 7d", "the newest good one"]);
}

#[test]
fn without_a_limit_everything_stays() {
    let all = [one("a", 90_000, Standing::Flawed), one("b", 90_001, Standing::Unfinished { has_files: false })];
    assert!(judge(&all, None, zone(), now()).iter().all(|verdict| *verdict == Verdict::Kept(Reason::NoLimit)));
}

#[test]
fn what_is_not_whole_goes_once_something_newer_is() {
    let rules = Rules { age: Some(Span::from_days(7)), at_least: 1, periods: [0; 4] };
    let bad = [one("a", 900, Standing::Flawed), one("b", 48, Standing::Unfinished { has_files: true })];
    assert!(judge(&bad, Some(&rules), zone(), now()).iter().all(|it| *it == Verdict::Kept(Reason::NothingBetter)));
    let debris = [
        one("c", 23, Standing::Unfinished { has_files: false }),
        one("d", 25, Standing::Unfinished { has_files: false }),
    ];
    let verdicts = judge(&debris, Some(&rules), zone(), now());
    assert!(verdicts[0] == Verdict::Kept(Reason::UnderWay) && verdicts[1].goes());
    let good = [&bad[..], &[one("e", 2, Standing::Present)]].concat();
    let verdicts = judge(&good, Some(&rules), zone(), now());
    assert!(verdicts[0].goes() && verdicts[1].goes() && !verdicts[2].goes());
}
