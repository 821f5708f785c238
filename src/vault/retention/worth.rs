//! Which recovery points a store would keep that it does not have yet: what it would throw away is not copied there.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::judge::{Candidate, Standing, judge};
use super::rules::Rules;
use super::survey::{Lying, alike, by_is_about, candidate, with_amounts};
use crate::plan::types::{Job, Method, Store, Task};
use crate::plan::{Plan, zone_of};
use crate::vault::{Catalogue, Copied, Point, State};

/// Of these, the ones that a store would keep, among what lies there: by what the plan keeps, and by every job of it
/// that throws away there.
pub fn worth_copying<'c>(
    plan: &Plan,
    catalogue: &'c Catalogue,
    to: &Store,
    missing: &[&'c Point],
    now: DateTime<Utc>,
) -> Vec<&'c Point> {
    let mut series: BTreeMap<(&str, Option<Method>), Vec<&'c Point>> = BTreeMap::new();
    for point in missing {
        let of = point.component.as_deref().unwrap_or_default();
        series.entry((of, alike(point.method()))).or_default().push(point);
    }
    let mut worth: Vec<&Point> =
        series.into_iter().flat_map(|(of, missing)| of_series(plan, catalogue, to, of, missing, now)).collect();
    worth.sort_by_key(|point| std::cmp::Reverse(point.taken));
    worth
}

fn of_series<'c>(
    plan: &Plan,
    catalogue: &'c Catalogue,
    to: &Store,
    of: (&str, Option<Method>),
    missing: Vec<&'c Point>,
    now: DateTime<Utc>,
) -> Vec<&'c Point> {
    let tainted = catalogue.tainted_since(Some(of.0));
    let arriving = missing.iter().filter_map(|point| arriving(point, tainted, now));
    let lying = lying(catalogue, to, of, &missing);
    let lying = lying.iter().map(|(point, copied)| there(point, copied, tainted));
    let candidates = with_amounts(plan, of, arriving.chain(lying).collect());
    let goes_by = |by: Option<&Job>| {
        let rules = Rules::of_series(plan, to, of, by);
        judge(&candidates, rules.as_ref(), zone_of(&plan.platform), now)
    };
    let throws_away = plan.job.iter().filter(|job| throws_away(plan, job, to, of));
    let verdicts: Vec<_> = throws_away.map(Some).chain([None]).map(goes_by).collect();
    let goes = |id: &str| {
        let index = candidates.iter().position(|one| one.id == id);
        index.is_none_or(|index| verdicts.iter().any(|verdicts| verdicts[index].goes()))
    };
    missing.into_iter().filter(|point| !goes(&point.id)).collect()
}

/// What lies there of a series already.
fn lying<'c>(catalogue: &'c Catalogue, to: &Store, of: (&str, Option<Method>), missing: &[&Point]) -> Lying<'c> {
    let is_one = |point: &&Point| {
        let is_missing = missing.iter().any(|missing| missing.id == point.id);
        point.component.as_deref() == Some(of.0) && alike(point.method()) == of.1 && !is_missing
    };
    let there = |point: &'c Point| Some((point, point.copies.iter().find(|copied| copied.store == to.name)?));
    catalogue.points.iter().filter(is_one).filter_map(there).collect()
}

/// As it lies there. What was verified elsewhere is as good: it was made of that.
fn there<'c>(point: &'c Point, copied: &Copied, tainted: Option<DateTime<Utc>>) -> Candidate<'c> {
    let lying = candidate(point, copied, tainted);
    let is_known = || point.copies.iter().any(|copied| matches!(copied.state(), State::Verified(_) | State::Proven(_)));
    let standing = match lying.standing {
        Standing::Present if is_known() => Standing::Verified,
        standing => standing,
    };
    Candidate { standing, ..lying }
}

/// As it would lie there: only what is whole is copied, and it counts there once it was verified there too.
fn arriving(point: &Point, tainted: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Candidate<'_>> {
    let source = point.copies.iter().max_by_key(|copied| Copied::state(copied))?;
    let source = candidate(point, source, tainted);
    let standing = match source.standing {
        Standing::NotUnderstood => Standing::NotUnderstood,
        _ => Standing::Verified,
    };
    Some(Candidate { standing, written: now, ..source })
}

fn throws_away(plan: &Plan, job: &Job, to: &Store, (component, method): (&str, Option<Method>)) -> bool {
    let goes_through = job.to.is_empty() || job.to.contains(&to.name);
    job.task == Task::Expire && goes_through && by_is_about(plan, job, component, method)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use chrono::TimeDelta;

    use super::*;
    use crate::vault::{Holding, Precision, Sort};

    fn now() -> DateTime<Utc> {
        "2024-11-18T12:00:00Z".parse().unwrap()
    }

    fn point(days: i64, stores: &[&str]) -> Point {
        let taken = now() - TimeDelta::days(days);
        let name = format!("backup_{}", taken.format("%Y%m%d_%H%M%S"));
        let copy = |store: &&str| {
            let file = Holding { key: format!("postgres/daily/{name}.dump"), size: 9, written: taken };
            Copied { store: (*store).to_owned(), artefacts: vec![(Sort::Dump, file)], ..Copied::default() }
        };
        Point {
            id: format!("postgres/{name}"),
            component: Some("db".to_owned()),
            sorts: BTreeSet::from([Sort::Dump]),
            taken,
            precision: Precision::Second,
            copies: stores.iter().map(copy).collect(),
        }
    }

    /// How many days old those are that the far store would keep of these.
    fn worth(keep: &str, more: &str, points: Vec<Point>) -> Vec<i64> {
        let plan: Plan = toml::from_str(&format!(
            "[platform]\nname = 'p'\n[[component]]\nname = 'db'\nkind = 'postgres'\n\
             [[store]]\nname = 'near'\nkind = 'directory'\n[[store]]\nname = 'far'\nkind = 'directory'\n{keep}\n\
             [[job]]\nname = 'dump'\ndo = 'backup'\nof = 'db'\nmethod = 'dump'\nto = ['near']\n\
             [[job]]\nname = 'up'\ndo = 'upload'\ntakes = ['dump']\nto = ['far']\n{more}"
        ))
        .unwrap();
        let catalogue = Catalogue::made_up(points, Vec::new());
        let lacks = |point: &&Point| !point.copies.iter().any(|copied| copied.store == "far");
        let missing: Vec<&Point> = catalogue.points.iter().filter(lacks).collect();
        let worth = worth_copying(&plan, &catalogue, &plan.store[1], &missing, now());
        worth.into_iter().map(|point| (now() - point.taken).num_days()).collect()
    }

    #[test]
    fn what_would_go_at_once_is_not_copied() {
        let near = || [1, 2, 9, 30].map(|days| point(days, &["near"])).to_vec();
        assert_eq!(worth("", "", near()), [1, 2, 9, 30], "it keeps all");
        assert_eq!(worth("keep = { age = '7d' }", "", near()), [1, 2]);
        let expire = "[[job]]\nname = 'x'\ndo = 'expire'\ntakes = ['up']\nolder_than = '36h'\n";
        assert_eq!(worth("keep = { age = '7d' }", expire, near()), [1], "by the job that throws away there");
        let elsewhere = format!("{expire}to = ['near']\n");
        assert_eq!(worth("", &elsewhere, near()), [1, 2, 9, 30]);
    }

    #[test]
    fn only_so_many_are_copied_as_are_kept_beside_what_lies_there() {
        let old = [point(30, &["near"]), point(40, &["near"]), point(50, &["near"])];
        assert_eq!(worth("keep = { age = '7d', at_least = 2 }", "", old.to_vec()), [30, 40]);
        let beside = [&old[..], &[point(1, &["far"])]].concat();
        assert_eq!(
            worth("keep = { age = '7d', at_least = 2 }", "", beside),
            [30, 40],
            "nobody has read what lies there"
        );
    }
}
