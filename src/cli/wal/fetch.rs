//! `lifeboat wal fetch`: what `PostgreSQL` runs as `restore_command`.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::status::unknown;
use crate::cli::{Context, Failure};
use crate::plan::types::Store;
use crate::protect::wal::{LogOf, NotFetched, fetch};
use crate::text::{Exit, Shape, untrusted};
use crate::watch::Means;

/// What lies in the data directory of a server that follows another, and asks again and again.
const FOLLOWS: &str = "standby.signal";

/// `lifeboat wal fetch`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What is wanted (%f)
    #[arg(value_name = "NAME")]
    name: String,
    /// Where it is wanted (%p)
    #[arg(value_name = "FILE")]
    to: PathBuf,
    /// Whose log it is, where the plan keeps the logs of several
    #[arg(long, value_name = "COMPONENT")]
    of: Option<String>,
    /// Only out of this store; may be repeated
    #[arg(long = "in", value_name = "STORE")]
    store: Vec<String>,
}

fn is_following() -> bool {
    Path::new(FOLLOWS).exists()
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    store: &'a str,
}

impl Args {
    /// Gives it. Ends with 1 where the log ends before it, and with a code that stops recovery where nobody can tell.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        // Without a plan nobody can tell either.
        let stops = |failure: Failure| if is_following() { failure } else { failure.ending_with(Exit::Unsure) };
        let plan = context.readable().map_err(stops)?;
        let names = || plan.store.iter().map(|store| store.name.as_str());
        if let Some(name) = self.store.iter().find(|name| !names().any(|known| known == *name)) {
            return Err(stops(unknown("store", name, names())));
        }
        let log = LogOf::of(plan, self.of.as_deref()).map_err(|error| stops(error.into()))?;
        let is_chosen = |store: &Store| self.store.is_empty() || self.store.contains(&store.name);
        let fetched = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            Ok(fetch(&log, &self.name, &self.to, is_chosen, &means.contact()).await)
        });
        let fetched = fetched.map_err(stops)?;
        let fetched = match fetched {
            // One that follows asks again; it must not be ended by a store that is away for a while.
            Err(error @ NotFetched::Unsure { .. }) if is_following() => {
                context.out().note(format!("lifeboat: {}", untrusted(error.to_string(), Shape::line(600))));
                return Ok(Exit::Failed);
            }
            // At the end of every log, and no news.
            Err(NotFetched::NotThere(_)) if !context.out().is_json() => return Ok(Exit::Failed),
            fetched => fetched?,
        };
        if context.out().is_json() {
            context.out().json(&Report { file: &self.name, store: &fetched.store })?;
        }
        for (store, why) in &fetched.passed_over {
            context.out().note(format!("lifeboat: {store}: {}", untrusted(why, Shape::line(600))));
        }
        Ok(Exit::Done)
    }
}
