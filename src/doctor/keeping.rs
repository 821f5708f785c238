//! Rules of buckets that remove, or archive, what the plan would still keep at hand.

use super::{Area, Check, Next, word};
use crate::plan::Plan;
use crate::protect::expire::{Early, early};
use crate::watch::Means;

/// What the buckets of the plan do by themselves.
pub(super) async fn keeping(plan: &Plan, means: &Means) -> Vec<Check> {
    let found = early(plan, |_| true, &means.contact()).await;
    let check = |early: Early| {
        if early.is_known {
            let next = Next::look(format!("lifeboat expire {} --dry-run", word(&early.store)));
            Check::wrong(Area::Stores, early.store, early.told, next)
        } else {
            Check::not_looked(Area::Stores, early.store, early.told)
        }
    };
    found.into_iter().map(check).collect()
}
