//! The plan as it may be shown: what a plan must not say it may still say, and no screen repeats it.

use std::sync::Arc;

use crate::plan::{Plan, masked};

/// The plan without the secrets that stand in it as values, kept as long as the plan is the same.
#[derive(Debug, Default)]
pub(super) struct Masked {
    of: Option<Arc<Plan>>,
    plan: Option<Plan>,
}

impl Masked {
    /// The plan to be shown; nothing where its secrets could not be covered.
    pub fn of(&mut self, plan: &Arc<Plan>) -> Option<&Plan> {
        if !self.of.as_ref().is_some_and(|of| Arc::ptr_eq(of, plan)) {
            self.plan = masked(&**plan).ok();
            self.of = Some(Arc::clone(plan));
        }
        self.plan.as_ref()
    }
}
