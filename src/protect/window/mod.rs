//! How far back one could return, category by category of data: now, and after each loss that the plan imagines.
//!
//! Computed from what lies in the stores alone. What could not be looked at is never taken for there, and never for lost.

mod losses;
mod rule;
mod stretch;
mod words;

use chrono::{DateTime, Utc};

use super::ways::{Ways, is_off_site};
use crate::plan::Plan;
use crate::plan::types::Data;
use crate::text::Span;
use crate::vault::log::Ends;
use crate::vault::{Catalogue, Unseen};

pub use losses::{Loss, Sort};
pub use rule::Rule;
pub(super) use stretch::Stock;
pub use stretch::{Led, Stretch};
pub use words::burned;

/// To which moments one could return with a category of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The category.
    pub data: String,
    /// Where it lives.
    pub component: Option<String>,
    /// How much of it may be lost.
    pub rpo: Option<Span>,
    /// What it could be restored from, the oldest first.
    pub stretches: Vec<Stretch>,
    /// Where a log breaks off, up to where another base goes on.
    pub holes: Vec<Hole>,
    /// What would be left of it after each loss, the smallest loss first.
    pub losses: Vec<After>,
    /// Copies, kinds of places, and places elsewhere.
    pub rule: Rule,
    /// The stores that could not be looked at.
    pub unseen: Vec<String>,
    /// Jobs that protect it and leave nothing by which its age could be told.
    pub unseeable: Vec<String>,
}

/// A span of time to whose moments one cannot return, though there is a log before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The last moment before it.
    pub from: DateTime<Utc>,
    /// The first moment behind it; nothing where there is none yet.
    pub to: Option<DateTime<Utc>>,
    /// Why it is there.
    pub why: String,
}

/// What would be left after a loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// What is lost.
    pub loss: Loss,
    /// The newest moment one could return to then.
    pub newest: Option<DateTime<Utc>>,
    /// The stores that have it.
    pub stores: Vec<String>,
    /// Whether a store that could not be looked at might have more.
    pub may_be_more: bool,
}

/// The windows of every category of data of a plan, in its order.
pub fn windows(plan: &Plan, catalogue: &Catalogue, unseen: &[Unseen]) -> Vec<Window> {
    plan.data.iter().map(|data| window(plan, data, catalogue, unseen)).collect()
}

fn window(plan: &Plan, data: &Data, catalogue: &Catalogue, unseen: &[Unseen]) -> Window {
    let ways = Ways::of(plan, data);
    // What counts for the RPO is one thing, from where one could restore after a loss another.
    let anywhere = Data { counts_in: None, ..data.clone() };
    let all_ways = Ways::of(plan, &anywhere);
    let is_unseen = |name: &str| unseen.iter().any(|unseen| unseen.store == name);
    let (stock, all_stock) = (Stock::of(plan, &ways, catalogue), Stock::of(plan, &all_ways, catalogue));
    let after = |loss: Loss| {
        let is_left = |store: &str| !loss.stores.contains(store);
        let left = all_stock.lying(is_left);
        let newest = left.into_iter().max_by_key(|stretch| stretch.to);
        After {
            newest: newest.as_ref().map(|newest| newest.to),
            stores: newest.map(|newest| newest.stores).unwrap_or_default(),
            may_be_more: all_ways.stores.iter().any(|store| is_left(store) && is_unseen(store)),
            loss,
        }
    };
    let found = stock.lying(|_| true);
    let of = plan.component.iter().find(|component| Some(&component.name) == data.component.as_ref());
    let everywhere = all_stock.lying(|_| true);
    let is_used = |loss: &Loss| {
        loss.sort == Sort::Site || loss.stores.iter().any(|store| all_ways.stores.contains(&store.as_str()))
    };
    Window {
        data: data.name.clone(),
        component: data.component.clone(),
        rpo: data.rpo,
        holes: holes(&found),
        losses: losses::losses(plan, data).into_iter().filter(is_used).map(after).collect(),
        rule: Rule::of(plan, of, &everywhere),
        unseen: all_ways.stores.iter().filter(|name| is_unseen(name)).map(|name| (*name).to_owned()).collect(),
        unseeable: ways.unseeable.iter().map(|name| (*name).to_owned()).collect(),
        stretches: found,
    }
}

/// Where logs break off before something newer.
fn holes(stretches: &[Stretch]) -> Vec<Hole> {
    let mut holes = Vec::new();
    let led: Vec<&Stretch> = stretches.iter().filter(|stretch| stretch.log.is_some()).collect();
    for stretch in &led {
        let Some(why) = stretch.log.as_ref().and_then(|log| why(&log.ends)) else { continue };
        // Another base may lead over it.
        if led.iter().any(|other| other.from <= stretch.to && other.to > stretch.to) {
            continue;
        }
        let to = led.iter().map(|other| other.from).filter(|from| *from > stretch.to).min();
        let hole = Hole { from: stretch.to, to, why };
        if !holes.contains(&hole) {
            holes.push(hole);
        }
    }
    holes
}

fn why(ends: &Ends) -> Option<String> {
    match ends {
        Ends::Here => None,
        Ends::Missing(name) => Some(format!("{name} is missing")),
        Ends::Damaged(name, why) => Some(format!("{name} is not whole: {why}")),
    }
}

impl Window {
    /// What it would be restored from, for the newest moment.
    pub fn newest(&self) -> Option<&Stretch> {
        self.stretches.iter().max_by_key(|stretch| stretch.to)
    }

    /// What one would restore from for a moment: what holds it, with the least log to replay; else the newest before it,
    /// so that something is lost. Nothing where all is newer.
    pub fn at(&self, moment: DateTime<Utc>) -> Option<&Stretch> {
        let holds = self.stretches.iter().filter(|stretch| stretch.holds(moment));
        let before = || self.stretches.iter().filter(|stretch| stretch.to < moment).max_by_key(|stretch| stretch.to);
        holds.max_by_key(|stretch| stretch.from).or_else(before)
    }

    /// The oldest moment.
    pub fn oldest(&self) -> Option<DateTime<Utc>> {
        self.stretches.iter().map(|stretch| stretch.from).min()
    }

    /// What would be left if the site burned down that its component is in.
    pub fn burned(&self, plan: &Plan) -> Option<&After> {
        let of = plan.component.iter().find(|component| Some(&component.name) == self.component.as_ref())?;
        self.losses.iter().find(|after| after.loss.sort == Sort::Site && Some(&after.loss.what) == of.site.as_ref())
    }
}
