//! Three copies, on two kinds of places, one of them elsewhere: whether that holds for the newest of what there is.

use std::collections::BTreeSet;

use super::{Stretch, is_off_site};
use crate::plan::Plan;
use crate::plan::types::{Component, Store};

/// How many copies there are of the newest, with the one in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Copies, the one in use among them.
    pub copies: usize,
    /// Kinds of places that the others lie in: folders of this machine, of each other machine, buckets, archives.
    pub kinds: usize,
    /// How many of them lie elsewhere.
    pub elsewhere: usize,
}

impl Rule {
    pub(super) fn of(plan: &Plan, of: Option<&Component>, stretches: &[Stretch]) -> Rule {
        let Some(newest) = stretches.iter().map(|stretch| stretch.to).max() else { return Rule::default() };
        // The same moment may be had in several ways.
        let has = stretches.iter().filter(|stretch| stretch.to == newest).flat_map(|stretch| &stretch.stores);
        let has: BTreeSet<&String> = has.collect();
        let stores: Vec<&Store> = plan.store.iter().filter(|store| has.contains(&store.name)).collect();
        let kind = |store: &&Store| match (&store.bucket, &store.reach) {
            (Some(_), _) => format!("{:?}", store.kind),
            (None, Some(place)) if !place.is_here() => place.to_string(),
            (None, _) => String::new(),
        };
        Rule {
            copies: 1 + stores.len(),
            kinds: stores.iter().map(kind).collect::<BTreeSet<_>>().len(),
            elsewhere: stores.iter().filter(|store| is_off_site(store, of)).count(),
        }
    }

    /// Whether it holds.
    pub fn holds(self) -> bool {
        self.copies >= 3 && self.kinds >= 2 && self.elsewhere >= 1
    }
}
