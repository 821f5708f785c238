//! The state folder and the journal of a verb that changes something.

use super::{Context, Failure};
use crate::journal::{Journal, Settings, State};
use crate::plan::Plan;

impl Context {
    /// The state folder of this plan, and the journal in it, opened for writing.
    pub(super) fn recorded(&self, plan: &Plan) -> Result<(State, Journal), Failure> {
        let state = State::open(&self.state()?.path, plan.platform.group.as_deref())?;
        let journal = Journal::open(&state, self.recording())?;
        Ok((state, journal))
    }

    /// What its events are written with.
    pub(super) fn recording(&self) -> Settings {
        Settings { plan: self.plan_digest(), redact: self.redactor().clone(), ..Settings::here() }
    }
}
