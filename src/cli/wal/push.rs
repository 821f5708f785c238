//! `lifeboat wal push`: what `PostgreSQL` runs as `archive_command`.

use std::path::PathBuf;

use serde::Serialize;

use crate::cli::output::Style;
use crate::cli::{Context, Failure, Output};
use crate::protect::wal::{LogOf, Pushed, ToStore, kept_before, push};
use crate::text::wrap::wrap;
use crate::text::{Exit, Shape, untrusted};
use crate::vault::log::Outcome;
use crate::watch::Means;

/// `lifeboat wal push`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file, as the server names it (%p)
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Whose log it is, where the plan keeps the logs of several
    #[arg(long, value_name = "COMPONENT")]
    of: Option<String>,
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    stores: Vec<One<'a>>,
    flaw: Option<&'a str>,
}

#[derive(Serialize)]
struct One<'a> {
    store: &'a str,
    outcome: &'static str,
    why: Option<String>,
}

impl Args {
    /// Keeps it. The server may throw its own away when this ends with 0: at least one store has it on its disk then.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.readable()?;
        let log = LogOf::of(plan, self.of.as_deref())?;
        let state = context.state().ok().map(|state| state.path);
        let before = state.as_deref().and_then(|state| kept_before(&log, &self.file, state));
        let pushed = match before {
            Some(pushed) => pushed,
            None => context.block_on(async |stop| {
                let means = Means::new(context.redactor(), stop);
                Ok(push(&log, &self.file, state.as_deref(), &means.contact()).await?)
            })?,
        };
        if context.out().is_json() {
            let stores = pushed.stores.iter().map(one).collect();
            context.out().json(&Report { file: &pushed.name, stores, flaw: pushed.flaw.as_deref() })?;
        } else {
            tell(context, &pushed)?;
        }
        Ok(Exit::Done)
    }
}

fn one(ToStore { store, outcome: done }: &ToStore) -> One<'_> {
    let outcome = match done {
        Ok(Outcome::Written) => "written",
        Ok(Outcome::WasThere) => "was there",
        Err(_) => "missing",
    };
    let why = done.as_ref().err().map(|why| untrusted(why, Shape::line(300)));
    One { store, outcome, why }
}

/// What is not as it should be: the log of the server need not be told of each segment that is well.
fn tell(context: &Context, pushed: &Pushed) -> Result<(), Failure> {
    let out = context.out();
    let line = |text: String| {
        let text = untrusted(text, Shape::line(600));
        out.line(out.styled(Style::Warning, &wrap(&text, out.width(), "", "  ")))
    };
    for ToStore { store, outcome } in &pushed.stores {
        if let Err(why) = outcome {
            line(format!("{} is not in {store}: {why}", Output::safe(&pushed.name)))?;
        }
    }
    match &pushed.flaw {
        Some(flaw) => line(format!("{} is kept, and was not whole already: {flaw}", Output::safe(&pushed.name))),
        None => Ok(()),
    }
}
