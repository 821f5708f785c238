//! How each category of data is protected right now: the age of what one would restore from, against its RPO.
//!
//! Never counts what is partial, flawed or tainted, and takes nothing for safe that could not be seen.

mod metrics;
mod protection;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

pub use metrics::metrics;
pub use protection::{Newest, Protection, Within};
pub use words::told;

use crate::plan::Plan;
use crate::plan::types::{Component, Data, Job, Task};
use crate::protect::operation::HISTORY;
use crate::protect::ways::{Ways, is_off_site};
use crate::protect::window::{Stock, Stretch};
use crate::vault::usual::{Amount, Tolerance, Unusual, unusual};
use crate::vault::{Catalogue, Copied, Point, State, Unseen};

/// How every category of data of a plan is protected, in the order of the plan.
pub fn protection(plan: &Plan, catalogue: &Catalogue, unseen: &[Unseen]) -> Vec<Protection> {
    plan.data.iter().map(|data| one(plan, data, catalogue, unseen)).collect()
}

/// The same before anything was looked at.
pub fn not_looked_at(plan: &Plan) -> Vec<Protection> {
    let all = protection(plan, &Catalogue::default(), &[]);
    all.into_iter().map(|one| Protection { is_looked_at: false, ..one }).collect()
}

fn one(plan: &Plan, data: &Data, catalogue: &Catalogue, unseen: &[Unseen]) -> Protection {
    let ways = Ways::of(plan, data);
    let of = plan.component.iter().find(|component| Some(&component.name) == data.component.as_ref());
    let found: Vec<Newest> = Stock::of(plan, &ways, catalogue).lying(|_| true).into_iter().map(Newest::of).collect();
    let newest = found.iter().max_by_key(|newest| newest.as_of).cloned();
    let is_far = |name: &String| plan.store.iter().any(|store| store.name == *name && is_off_site(store, of));
    let is_unseen = |name: &str| unseen.iter().any(|unseen| unseen.store == name);
    let off_site = found.iter().filter(|newest| newest.stores.iter().any(is_far)).map(|newest| newest.as_of).max();
    let lacks = |name: &String| {
        let has = newest.as_ref().is_some_and(|newest| newest.stores.contains(name));
        newest.is_some() && !has && !is_unseen(name)
    };
    let wanted = wanted_stores(plan, data, of);
    Protection {
        data: data.name.clone(),
        component: data.component.clone(),
        rpo: data.rpo,
        verified: verified(catalogue, &ways),
        off_site,
        missing_off_site: wanted.into_iter().filter(lacks).collect(),
        lacks: lacking(catalogue, &ways, newest.as_ref()),
        shrunk: newest.as_ref().and_then(|newest| shrunk(plan, catalogue, &ways, newest)),
        tainted: tainted(catalogue, &ways),
        unseen: ways.stores.iter().filter(|name| is_unseen(name)).map(|name| (*name).to_owned()).collect(),
        unseeable: ways.unseeable.iter().map(|name| (*name).to_owned()).collect(),
        is_looked_at: true,
        newest,
    }
}

/// What one lacks in every store that is newer than all that count.
fn lacking(catalogue: &Catalogue, ways: &Ways<'_>, newest: Option<&Newest>) -> Vec<String> {
    let is_newer = |point: &&Point| newest.is_none_or(|newest| point.taken > newest.as_of);
    let last = catalogue.points.iter().find(|point| ways.take(point) && catalogue.is_clean(point));
    let copies = last.filter(is_newer).map(|point| point.copies.as_slice()).unwrap_or_default();
    let lacks: BTreeSet<&String> = copies.iter().flat_map(Copied::lacks).collect();
    lacks.into_iter().cloned().collect()
}

/// How the newest holds much less than those of its kind before it.
fn shrunk(plan: &Plan, catalogue: &Catalogue, ways: &Ways<'_>, newest: &Newest) -> Option<String> {
    let point = catalogue.points.iter().find(|point| point.id == newest.point && ways.take(point))?;
    let method = point.method()?;
    let is_before = |other: &&Point| {
        let is_like = other.component == point.component && other.method().is_some_and(|it| it.is_like(method));
        is_like && other.taken < point.taken && other.state().is_restorable()
    };
    let before = catalogue.points.iter().filter(is_before).take(HISTORY);
    let before: Vec<Amount> = before.map(Amount::of_point).collect();
    let is_its = |job: &&Job| job.of == point.component && job.method.is_some_and(|it| it.is_like(method));
    let job = plan.job.iter().filter(|job| job.task == Task::Backup).find(is_its);
    let tolerance = job.map_or_else(Tolerance::default, |job| Tolerance::of(plan, job));
    match unusual(Amount::of_point(point), &before, tolerance)? {
        Unusual::Less(told) => Some(told),
        Unusual::More(_) => None,
    }
}

/// How many are not to be trusted.
fn tainted(catalogue: &Catalogue, ways: &Ways<'_>) -> usize {
    let is_tainted = |point: &&Point| {
        let state = point.state();
        state == State::Tainted || (state.is_restorable() && !catalogue.is_clean(point))
    };
    catalogue.points.iter().filter(|point| ways.take(point)).filter(is_tainted).count()
}

/// The stores off-site that the plan has copies go to, whichever copy counts.
fn wanted_stores(plan: &Plan, data: &Data, of: Option<&Component>) -> Vec<String> {
    let anywhere = Data { counts_in: None, ..data.clone() };
    let ways = Ways::of(plan, &anywhere);
    let is_far = |name: &&str| plan.store.iter().any(|store| store.name == **name && is_off_site(store, of));
    ways.stores.iter().copied().filter(is_far).map(str::to_owned).collect()
}

impl Newest {
    fn of(stretch: Stretch) -> Newest {
        let Stretch { point, state, to, log, stores, .. } = stretch;
        Newest { point, as_of: to, state, by_log: log.is_some(), stores }
    }
}

/// When something that counts was last read to its end, or restored.
fn verified(catalogue: &Catalogue, ways: &Ways<'_>) -> Option<DateTime<Utc>> {
    let is_one = |point: &&Point| {
        let leads = point.is_base() && point.component.as_deref().is_some_and(|of| ways.logs.contains(of));
        (ways.take(point) || leads) && catalogue.is_clean(point)
    };
    let copies = catalogue.points.iter().filter(is_one).flat_map(|point| &point.copies);
    let copies = copies.filter(|copied| copied.is_full());
    let at = copies.filter_map(|copied| match copied.state() {
        State::Verified(at) | State::Proven(at) => Some(at),
        _ => None,
    });
    at.max()
}
