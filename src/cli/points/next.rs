//! What to do about copies that are not whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::cli::{Context, Output};
use crate::plan::Plan;
use crate::plan::types::{Job, Method, Task};
use crate::text::{Shape, untrusted};
use crate::vault::{Catalogue, Point};

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

/// What is taken of a component in one way.
type Series<'c> = (&'c str, Option<Method>);

/// What to do about them, a sentence for each component and way it is taken. Nothing where the newest of its kind is
/// whole in every store: what is old passes.
pub fn next_steps(context: &Context, plan: &Plan, catalogue: &Catalogue, doubted: &Doubted) -> Vec<String> {
    let is_damaged = |point: &&Point| doubted.damaged.contains_key(&point.id);
    let concerned: BTreeSet<Series<'_>> = catalogue.points.iter().filter(is_damaged).filter_map(series).collect();
    let told = |wanted: Series<'_>| {
        let alike = || catalogue.points.iter().filter(|point| series(point) == Some(wanted));
        alike().next().filter(is_damaged)?;
        let whole = alike().find_map(|point| Some((point, doubted.good(point)?)));
        Some(sentence((context, plan), wanted, whole))
    };
    concerned.into_iter().filter_map(told).collect()
}

fn series(point: &Point) -> Option<Series<'_>> {
    Some((point.component.as_deref()?, point.method()))
}

impl Doubted {
    /// The stores that have it, and where nothing speaks against it.
    fn good(&self, point: &Point) -> Option<String> {
        let is_among =
            |copies: &Copies, store: &str| copies.get(&point.id).is_some_and(|stores| stores.contains(store));
        let is_doubted = |store: &str| is_among(&self.damaged, store) || is_among(&self.unread, store);
        let good = point.copies.iter().filter(|copied| copied.state().is_restorable() && !is_doubted(&copied.store));
        let stores: Vec<String> = good.map(|copied| Output::safe(&copied.store)).collect();
        (!stores.is_empty()).then(|| stores.join(" or "))
    }
}

fn sentence(
    (context, plan): (&Context, &Plan),
    (component, method): Series<'_>,
    whole: Option<(&Point, String)>,
) -> String {
    let is_taken = |job: &&Job| job.task == Task::Backup && job.of.as_deref() == Some(component);
    let is_alike = |taken: Method| method.is_some_and(|method| method.is_like(taken));
    let by = plan.job.iter().filter(is_taken).find_map(|job| job.method.filter(|taken| is_alike(*taken)));
    let anew = by.map(|method| context.again(["backup", component, "--method", method.word()]));
    let anew = anew.map_or_else(String::new, |again| format!("; `{again}` takes a new one"));
    let restore = whole.map_or_else(
        || "nothing of its kind can be restored from".to_owned(),
        |(point, stores)| format!("restore from {} in {stores}", untrusted(&point.id, Shape::line(120))),
    );
    format!("{}: {restore}{anew}.", Output::safe(component))
}
