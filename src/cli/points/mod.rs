//! `lifeboat points`: the recovery points in the stores of the plan.

mod choice;
mod detail;
mod json;
mod next;
mod table;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{Changes, Context, Failure, Group, Info};
use crate::plan::Plan;
use crate::plan::types::Store;
use crate::protect::expire::{Early, early};
use crate::text::Exit;
use crate::vault::{Cache, Catalogue, Point, Unseen};
use crate::watch::Means;
pub use choice::{Choice, NoSuchPoint};
pub use json::{NotLooked, not_looked};
pub use next::{Doubted, next_steps};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "points",
    group: Group::Platform,
    changes: Changes::Never,
    examples: &[
        ("lifeboat points postgres --sort dump --last 5", "The five newest dumps of one component"),
        ("lifeboat points postgres --clean", "Those from before a breach or a corruption was marked"),
        ("lifeboat points postgres/backup_20241118_020000", "One of them: where its copies lie, file by file"),
    ],
}];

/// `lifeboat points`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// List buckets anew, even those that were listed a moment ago
    #[arg(long)]
    fresh: bool,
}

/// What is shown: the chosen recovery points, and the stores of which nothing is known.
struct Shown<'a> {
    context: &'a Context,
    plan: &'a Plan,
    points: Vec<&'a Point>,
    /// Where only clean ones were asked for: those of components that have none.
    unclean: Vec<&'a Point>,
    /// All there are, chosen or not.
    catalogue: &'a Catalogue,
    unseen: &'a [Unseen],
    strays: &'a [(String, usize)],
    /// Stores that were listed a while ago.
    remembered: &'a [(String, DateTime<Utc>)],
    /// What buckets remove or archive by themselves before its time.
    early: &'a [Early],
}

impl Args {
    /// Prints them; ends with 3 where a store could not be looked at, or where of something that is shown nothing can
    /// be restored from.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let cache = context.state().ok().map(|state| Cache::in_state(&state.path));
        let cache = if self.fresh { cache.map(Cache::fresh) } else { cache };
        let (catalogue, unseen, early) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            let (catalogue, unseen) = self.choice.look_into(plan, means.contact().secrets, cache.as_ref()).await?;
            // A bucket is asked nothing where it was not even listed.
            let is_asked = |store: &Store| {
                self.choice.is_in(store)
                    && !catalogue.remembered.iter().any(|(name, _)| *name == store.name)
                    && !unseen.iter().any(|unseen| unseen.store == store.name)
            };
            let mut early = early(plan, is_asked, &means.contact()).await;
            early.retain(|early| early.is_known);
            Ok((catalogue, unseen, early))
        })?;
        let points = self.choice.of(&catalogue)?;
        let unclean = self.choice.unclean(&catalogue, &points)?;
        let is_well = unseen.is_empty() && unclean.is_empty() && has_a_way_back(&points);
        let strays = catalogue.strays.as_slice();
        let remembered = catalogue.remembered.as_slice();
        let shown = Shown {
            context,
            plan,
            points,
            unclean,
            catalogue: &catalogue,
            unseen: &unseen,
            strays,
            remembered,
            early: &early,
        };
        if context.out().is_json() {
            json::print(&shown)?;
        } else if let Some(point) = self.choice.one(&shown.points) {
            detail::print(&shown, point)?;
        } else {
            table::print(&shown)?;
        }
        let exit = if is_well { Exit::Done } else { Exit::Attention };
        // Taking ten thousand apart again would take a sixth of all the time, and the process ends here.
        std::mem::forget(catalogue);
        Ok(exit)
    }
}

/// Whether of each component among them at least one can be restored from.
fn has_a_way_back(points: &[&Point]) -> bool {
    let mut of: HashMap<Option<&str>, bool> = HashMap::new();
    for point in points {
        let has_one = of.entry(point.component.as_deref()).or_default();
        // To tell how one stands takes a while, where there are ten thousand.
        *has_one = *has_one || point.state().is_restorable();
    }
    !of.is_empty() && of.into_values().all(|has_one| has_one)
}
