//! `lifeboat wal bring`: what a store has missed of a log, out of another that has it.

use serde::Serialize;

use crate::cli::output::Style;
use crate::cli::{Context, Failure};
use crate::protect::wal::{Brought, LogOf, bring_missing};
use crate::text::wrap::wrap;
use crate::text::{Exit, Shape, untrusted};
use crate::vault::Cache;
use crate::watch::Means;

/// `lifeboat wal bring`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Whose log it is, where the plan keeps the logs of several
    #[arg(long, value_name = "COMPONENT")]
    of: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    stores: Vec<One<'a>>,
    not_looked_into: Vec<Unlooked<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    store: &'a str,
    files: usize,
    bytes: u64,
    left: Vec<Left<'a>>,
}

#[derive(Serialize)]
struct Left<'a> {
    file: &'a str,
    why: String,
}

#[derive(Serialize)]
struct Unlooked<'a> {
    store: &'a str,
    why: &'a str,
}

impl Args {
    /// Brings it. Ends with 3 where a store lacks something still, or could not be looked into.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let log = LogOf::of(plan, self.of.as_deref())?;
        let cache = context.state().ok().map(|state| Cache::in_state(&state.path).fresh());
        let (brought, unseen) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            Ok(bring_missing(plan, &log, |_| true, cache.as_ref(), &means.contact()).await)
        })?;
        let is_well = unseen.is_empty() && brought.iter().all(|one| one.left.is_empty());
        let out = context.out();
        if out.is_json() {
            let unlooked = unseen.iter().map(|unseen| Unlooked { store: &unseen.store, why: &unseen.why });
            out.json(&Report { stores: brought.iter().map(one).collect(), not_looked_into: unlooked.collect() })?;
        } else {
            let line = |style: Style, text: String| {
                out.line(out.styled(style, &wrap(&untrusted(text, Shape::line(600)), out.width(), "", "  ")))
            };
            for one in &brought {
                line(if one.left.is_empty() { Style::Good } else { Style::Warning }, one.told())?;
            }
            for unseen in &unseen {
                line(Style::Warning, format!("{} cannot be looked into: {}", unseen.store, unseen.why))?;
            }
            if brought.is_empty() && is_well {
                line(Style::Good, format!("Each store has what another has of the log of {}.", log.component.name))?;
            }
        }
        Ok(if is_well { Exit::Done } else { Exit::Attention })
    }
}

fn one(one: &Brought) -> One<'_> {
    let left = one.left.iter().map(|(file, why)| Left { file, why: untrusted(why, Shape::line(300)) });
    One { store: &one.store, files: one.files, bytes: one.bytes, left: left.collect() }
}
