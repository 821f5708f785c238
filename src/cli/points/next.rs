//! What to do about copies that are not whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::{Context, Output};
use crate::plan::Plan;
use crate::plan::types::{Job, Method, Task};
use crate::text::{Clock, Shape, SystemClock, untrusted};
use crate::vault::{Catalogue, Copied, Point};

/// Copies: of each recovery point, by its name, the stores they lie in.
pub type Copies = BTreeMap<String, BTreeSet<String>>;

/// Copies that are no good.
#[derive(Default)]
pub struct Doubted {
    /// They are not whole.
    pub damaged: Copies,
    /// Nobody knows: they could not be read.
    pub unread: Copies,
}

/// The copies that one would restore from.
struct Good {
    /// The stores that have them.
    stores: String,
    /// Whether they lack nothing.
    is_full: bool,
}

/// What is taken of a component in one way.
type Series<'c> = (&'c str, Option<Method>);

/// What to do about them, a sentence for each component and way it is taken. Nothing where the newest of its kind is
/// whole in every store: what is old passes.
pub fn next_steps(context: &Context, plan: &Plan, catalogue: &Catalogue, doubted: &Doubted) -> Vec<String> {
    let now = SystemClock.now();
    let is_damaged = |point: &&Point| doubted.damaged.contains_key(&point.id);
    let concerned: BTreeSet<Series<'_>> = catalogue.points.iter().filter(is_damaged).filter_map(series).collect();
    let told = |wanted: Series<'_>| {
        let is_alike = |point: &&Point| series(point).is_some_and(|other| is_like(other, wanted));
        let alike = || catalogue.points.iter().filter(is_alike);
        alike().next().filter(is_damaged)?;
        let is_good = |point: &&Point| point.taken <= now && catalogue.is_clean(point);
        let good = || alike().filter(is_good).filter_map(|point| Some((point, doubted.good(point)?)));
        // One that lacks something is better than none.
        let whole = good().find(|(_, good)| good.is_full).or_else(|| good().next());
        Some(sentence((context, plan), wanted, whole))
    };
    concerned.into_iter().filter_map(told).collect()
}

fn is_like(one: Series<'_>, other: Series<'_>) -> bool {
    let is_so = |(one, other): (Method, Method)| one.is_like(other);
    one.0 == other.0 && one.1.zip(other.1).map_or(one.1 == other.1, is_so)
}

fn series(point: &Point) -> Option<Series<'_>> {
    Some((point.component.as_deref()?, point.method()))
}

impl Doubted {
    /// The copies against which nothing speaks.
    fn good(&self, point: &Point) -> Option<Good> {
        let is_among =
            |copies: &Copies, store: &str| copies.get(&point.id).is_some_and(|stores| stores.contains(store));
        let is_doubted = |store: &str| is_among(&self.damaged, store) || is_among(&self.unread, store);
        let is_good = |copied: &&Copied| copied.state().is_restorable() && !is_doubted(&copied.store);
        let good: Vec<&Copied> = point.copies.iter().filter(is_good).collect();
        let is_full = good.iter().any(|copied| copied.is_full());
        let best = good.iter().filter(|copied| copied.is_full() == is_full);
        let stores: Vec<String> = best.map(|copied| Output::safe(&copied.store)).collect();
        (!stores.is_empty()).then(|| Good { stores: stores.join(" or "), is_full })
    }
}

fn sentence(
    (context, plan): (&Context, &Plan),
    (component, method): Series<'_>,
    whole: Option<(&Point, Good)>,
) -> String {
    let is_taken = |job: &&Job| job.task == Task::Backup && job.of.as_deref() == Some(component);
    let is_alike = |taken: Method| method.is_some_and(|method| method.is_like(taken));
    let by = plan.job.iter().filter(is_taken).find_map(|job| job.method.filter(|taken| is_alike(*taken)));
    let anew = by.map(|method| context.again(["backup", component, "--method", method.word()]));
    let anew = anew.map_or_else(String::new, |again| format!("; `{again}` takes a new one"));
    let restore = whole.map_or_else(
        || "nothing of its kind that was looked into can be restored from".to_owned(),
        |(point, Good { stores, is_full })| {
            let lacks = if is_full { "" } else { ", which is incomplete" };
            format!("restore from {} in {stores}{lacks}", untrusted(&point.id, Shape::line(120)))
        },
    );
    format!("{}: {restore}{anew}.", Output::safe(component))
}
