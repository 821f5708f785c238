//! What is promised for a thing, where the plan promises it for what the thing holds.

use super::types::{Component, Plan};
use crate::text::Span;

/// The strictest RPO of the data that a component holds.
pub fn rpo_of(plan: &Plan, component: &Component) -> Option<Span> {
    plan.data.iter().filter(|data| data.component.as_ref() == Some(&component.name)).filter_map(|data| data.rpo).min()
}
