//! `lifeboat window`: to which moments one could return, and what would be left after a loss.

mod json;
mod tell;

use chrono::{DateTime, Utc};

use super::status::unknown;
use super::{Changes, Context, Failure, Group, Info};
use crate::plan::Plan;
use crate::plan::types::{Data, StoreKind};
use crate::protect::standing::{Protection, protection};
use crate::protect::window::{Window, windows};
use crate::text::instant::{InstantError, parse};
use crate::text::{Clock, Exit, SystemClock};
use crate::vault::{Cache, Catalogue, Unseen, look};
use crate::watch::Means;

/// How long a store may take to be looked through.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(1);

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "window",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat window", "How far back one could go with each category of data, and after each loss"),
        ("lifeboat window agent-state --at 2024-11-18T02:30:00Z", "What one would restore from for that moment"),
    ],
}];

/// `lifeboat window`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only these categories of data
    #[arg(value_name = "DATA")]
    data: Vec<String>,
    /// What one would restore from to return to this moment
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<DateTime<Utc>>,
    /// List buckets anew, even those that were listed a moment ago
    #[arg(long)]
    fresh: bool,
}

fn moment(text: &str) -> Result<DateTime<Utc>, InstantError> {
    parse(text)
}

/// What is shown.
struct Shown<'a> {
    context: &'a Context,
    plan: &'a Plan,
    windows: Vec<Window>,
    protection: Vec<Protection>,
    unseen: &'a [Unseen],
    at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
}

impl Args {
    /// Prints them; ends with 3 where more would be lost than may be, or nobody can tell, or where one cannot return to
    /// the moment that was asked for.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let names = || plan.data.iter().map(|data| data.name.as_str());
        if let Some(name) = self.data.iter().find(|name| !names().any(|known| known == *name)) {
            return Err(unknown("category of data", name, names()));
        }
        let cache = context.state().ok().map(|state| Cache::in_state(&state.path));
        let cache = if self.fresh { cache.map(Cache::fresh) } else { cache };
        let (listings, unseen) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            let is_looked_at = |store: &crate::plan::types::Store| store.kind != StoreKind::Git;
            Ok(look(plan, is_looked_at, PATIENCE, means.contact().secrets, cache.as_ref()).await)
        })?;
        let catalogue = Catalogue::of(plan, listings);
        let is_shown = |name: &str| self.data.is_empty() || self.data.iter().any(|data| data == name);
        let mut windows = windows(plan, &catalogue, &unseen);
        windows.retain(|window| is_shown(&window.data));
        let mut protection = protection(plan, &catalogue, &unseen);
        protection.retain(|one| is_shown(&one.data));
        let now = SystemClock.now();
        let shown = Shown { context, plan, windows, protection, unseen: &unseen, at: self.at, now };
        if context.out().is_json() {
            json::print(&shown)?;
        } else {
            tell::print(&shown)?;
        }
        let exit = if shown.is_well() { Exit::Done } else { Exit::Attention };
        // Taking ten thousand apart again would take long, and the process ends here.
        std::mem::forget(catalogue);
        Ok(exit)
    }
}

impl Shown<'_> {
    fn is_well(&self) -> bool {
        match self.at {
            Some(at) => self.windows.iter().all(|window| window.at(at).is_some_and(|stretch| stretch.holds(at))),
            None => self.protection.iter().all(|one| one.verdict(self.now).is_kept()),
        }
    }

    fn data(&self, name: &str) -> Option<&Data> {
        self.plan.data.iter().find(|data| data.name == name)
    }
}
