//! Every recovery point of the stores with its verdict, series by series.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::fate::{Fate, fate};
use super::judge::{Candidate, Standing, judge};
use super::logs::{Needless, needless};
use super::rules::Rules;
use super::verdict::Verdict;
use crate::plan::types::{Job, Method, Store, Task};
use crate::plan::{Plan, leaves, zone_of};
use crate::text::Zone;
use crate::vault::look::Known;
use crate::vault::naming::{Note, named};
use crate::vault::usual::{Amount, Tolerance, Unusual, unusual};
use crate::vault::{Catalogue, Copied, Point, Precision, State};

/// So many before it tell what is usual: what everything has shrunk to is so after half of them.
const HISTORY: usize = 30;

/// Every recovery point that was chosen, with its verdict.
#[derive(Clone, Debug, Default)]
pub struct Survey<'c> {
    /// By store, component and method.
    pub series: Vec<Series<'c>>,
    /// How many in each store are none of this plan's, where there are such: nobody touches them.
    pub alone: Vec<(String, usize)>,
    /// What of logs no base needs any more.
    pub logs: Vec<Needless>,
}

/// What lies in one store of one component and method.
#[derive(Clone, Debug)]
pub struct Series<'c> {
    /// The store.
    pub store: String,
    /// The component.
    pub component: String,
    /// How they were taken, where that is known.
    pub method: Option<Method>,
    /// What is kept; nothing where that is everything.
    pub rules: Option<Rules>,
    /// The newest first.
    pub points: Vec<Judged<'c>>,
}

/// A recovery point in a store, and what becomes of it.
#[derive(Clone, Debug)]
pub struct Judged<'c> {
    /// The recovery point.
    pub point: &'c Point,
    /// As it lies in this store.
    pub copied: &'c Copied,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What becomes of what its system keeps itself, where it goes, together with everything else that is to go.
    pub deposit: Option<Fate>,
}

impl<'c> Survey<'c> {
    /// Judges what lies in the chosen stores; of a job, what it is about.
    pub fn of(
        plan: &Plan,
        catalogue: &'c Catalogue,
        chosen: impl Fn(&Store) -> bool,
        by: Option<&Job>,
        now: DateTime<Utc>,
    ) -> Survey<'c> {
        let zone = zone_of(&plan.platform);
        let mut survey = Survey::default();
        for store in plan.store.iter().filter(|store| chosen(store)) {
            let mut series: BTreeMap<(&str, Option<Method>), Lying<'_>> = BTreeMap::new();
            let mut alone = 0;
            for point in &catalogue.points {
                let Some(copied) = point.copies.iter().find(|copied| copied.store == store.name) else { continue };
                match owner(plan, point) {
                    Some(component) => {
                        series.entry((component, alike(point.method()))).or_default().push((point, copied));
                    }
                    None => alone += 1,
                }
            }
            if alone > 0 {
                survey.alone.push((store.name.clone(), alone));
            }
            let is_about = |(component, method): &(&str, Option<Method>)| {
                by.is_none_or(|by| by_is_about(plan, by, component, *method))
            };
            let about = series.into_iter().filter(|(of, _)| is_about(of));
            let judged = about.map(|(of, points)| {
                let tainted = catalogue.tainted_since(Some(of.0));
                Series::of(plan, store, of, points, by, (zone, now, tainted))
            });
            survey.series.extend(judged);
        }
        survey.logs = needless(plan, catalogue, &chosen, by);
        survey.with_fates(catalogue)
    }

    /// The same with what becomes of what systems keep themselves.
    fn with_fates(mut self, catalogue: &'c Catalogue) -> Survey<'c> {
        let going: BTreeSet<(String, String)> =
            self.going().map(|(series, judged)| (series.store.clone(), judged.point.id.clone())).collect();
        let goes = |store: &str, point: &str| going.contains(&(store.to_owned(), point.to_owned()));
        for judged in self.series.iter_mut().flat_map(|series| &mut series.points) {
            if judged.verdict.goes() {
                judged.deposit = fate(catalogue, judged.point, judged.copied, &goes);
            }
        }
        self
    }

    /// Everything that is to go.
    pub fn going(&self) -> impl Iterator<Item = (&Series<'c>, &Judged<'c>)> {
        self.series.iter().flat_map(|series| {
            let going = series.points.iter().filter(|judged| judged.verdict.goes());
            going.map(move |judged| (series, judged))
        })
    }
}

/// Recovery points as they lie in one store.
pub(super) type Lying<'c> = Vec<(&'c Point, &'c Copied)>;

/// Whose it is; nothing where this plan does not know.
fn owner<'p>(plan: &'p Plan, point: &Point) -> Option<&'p str> {
    let is_ours = point.manifest().is_none_or(|manifest| manifest.taking.is_of(&plan.platform));
    let name = point.component.as_ref().filter(|_| is_ours)?;
    plan.component.iter().find(|component| component.name == *name).map(|component| component.name.as_str())
}

/// One method for all that leave the same behind.
pub(super) fn alike(method: Option<Method>) -> Option<Method> {
    if method == Some(Method::Stream) { Some(Method::Snapshot) } else { method }
}

/// Whether a job that throws away is about these.
pub(super) fn by_is_about(plan: &Plan, by: &Job, component: &str, method: Option<Method>) -> bool {
    let takes = |name: &String| {
        let taken = plan.job.iter().find(|job| job.name == *name);
        taken.is_some_and(|taken| leaves(plan, taken, component, method))
    };
    by.of.as_deref().is_none_or(|of| of == component) && (by.takes.is_empty() || by.takes.iter().any(takes))
}

impl<'c> Series<'c> {
    fn of(
        plan: &Plan,
        store: &Store,
        (component, method): (&str, Option<Method>),
        points: Lying<'c>,
        by: Option<&Job>,
        (zone, now, tainted): (Zone, DateTime<Utc>, Option<DateTime<Utc>>),
    ) -> Series<'c> {
        let rules = Rules::of_series(plan, store, (component, method), by);
        let candidates: Vec<Candidate<'_>> =
            points.iter().map(|(point, copied)| candidate(point, copied, tainted)).collect();
        let candidates = with_amounts(plan, (component, method), candidates);
        let verdicts = judge(&candidates, rules.as_ref(), zone, now);
        let judged = |((point, copied), verdict)| Judged { point, copied, verdict, deposit: None };
        let points = points.into_iter().zip(verdicts).map(judged).collect();
        Series { store: store.name.clone(), component: component.to_owned(), method, rules, points }
    }
}

pub(super) fn candidate<'a>(point: &'a Point, copied: &Copied, tainted: Option<DateTime<Utc>>) -> Candidate<'a> {
    let slack = match point.precision {
        Precision::Second => TimeDelta::zero(),
        Precision::Hour => TimeDelta::hours(1),
        Precision::Day => TimeDelta::days(1),
        Precision::Month => TimeDelta::days(31),
    };
    Candidate {
        id: &point.id,
        taken: point.taken,
        at_latest: point.taken + slack,
        written: written(copied),
        amount: Amount::of(copied),
        is_full: copied.is_full(),
        is_usual: true,
        standing: standing(point, copied),
        is_base: matches!(point.method(), Some(Method::Base | Method::Incremental)),
        is_clean: tainted.is_none_or(|since| point.taken < since),
    }
}

/// When the newest of its files was written, or its manifest: what was found about it may be newer.
fn written(copied: &Copied) -> DateTime<Utc> {
    let manifests = copied.notes.iter().filter(|(note, ..)| *note == Note::Manifest).map(|(_, file, _)| file);
    let files = copied.artefacts.iter().map(|(_, file)| file).chain(manifests);
    files.map(|file| file.written).max().unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The same, each with whether it holds as much as those before it did.
pub(super) fn with_amounts<'a>(
    plan: &Plan,
    (component, method): (&str, Option<Method>),
    mut candidates: Vec<Candidate<'a>>,
) -> Vec<Candidate<'a>> {
    let takes = plan.job.iter().find(|job| job.task == Task::Backup && leaves(plan, job, component, method));
    let tolerance = takes.map_or_else(Tolerance::default, |job| Tolerance::of(plan, job));
    let mut good: Vec<(DateTime<Utc>, Amount)> =
        candidates.iter().filter(|one| one.standing.is_good()).map(|one| (one.taken, one.amount)).collect();
    good.sort_by_key(|(taken, _)| *taken);
    for one in &mut candidates {
        let before = &good[..good.partition_point(|(taken, _)| *taken < one.taken)];
        let before: Vec<Amount> = before.iter().rev().take(HISTORY).map(|(_, amount)| *amount).collect();
        one.is_usual = !matches!(unusual(one.amount, &before, tolerance), Some(Unusual::Less(_)));
    }
    candidates
}

/// How it stands in this store. A taint of any copy taints all.
fn standing(point: &Point, copied: &Copied) -> Standing {
    if !is_understood(point, copied) {
        return Standing::NotUnderstood;
    }
    if point.copies.iter().any(Copied::is_tainted) {
        return Standing::Tainted;
    }
    match copied.state() {
        State::Verified(_) | State::Proven(_) => Standing::Verified,
        State::Present => Standing::Present,
        State::Tainted => Standing::Tainted,
        State::Partial(_) if copied.is_begun() || copied.manifest().is_some() => {
            Standing::Unfinished { has_files: !copied.artefacts.is_empty() }
        }
        State::Partial(_) if copied.artefacts.is_empty() => Standing::OnlyNotes,
        State::Partial(_) | State::Flawed(_) => Standing::Flawed,
    }
}

/// Whether its files are its own: a manifest that names those of others must not take them along, and one that only a
/// newer version reads is no rubbish.
fn is_understood(point: &Point, copied: &Copied) -> bool {
    let is_read =
        |(note, _, known): &(Note, _, Known)| *note != Note::Manifest || !matches!(known, Known::Unreadable(_));
    let moment = |name: &str| name.split_once('_').map(|(_, moment)| moment.to_owned());
    let own = point.id.rsplit('/').next().unwrap_or(&point.id);
    let folder = point.id.strip_suffix(own).unwrap_or_default().trim_end_matches('/');
    let is_own = |key: &str| {
        named(key).is_some_and(|named| {
            named.folder == folder && (named.point == own || moment(&named.point) == moment(own)) && !own.is_empty()
        })
    };
    let files =
        copied.artefacts.iter().map(|(_, file)| &file.key).chain(copied.notes.iter().map(|(_, file, _)| &file.key));
    let is_named = copied.manifest().is_none_or(|manifest| manifest.point == point.id);
    is_named && copied.notes.iter().all(is_read) && files.map(String::as_str).all(is_own)
}
