//! `lifeboat status`: asks every component once and says how it is; with `--watch` again and again.

mod backups;
mod choice;
mod data;
mod follow;
mod json;
pub mod line;
pub mod news;
mod report;
mod report_file;
mod screen;
mod table;

use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;

use super::{Changes, Context, Failure, Group, Info};
use crate::desk::Shelf;
use crate::plan::Plan;
use crate::plan::facts::Verdict;
use crate::protect::standing::metrics as protection_metrics;
use crate::text::{Clock, Exit, SystemClock};
use crate::watch::{Means, Picture, metrics, once};
use choice::Choice;
pub use choice::unknown;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "status",
    group: Group::Platform,
    changes: Changes::With(&["report"]),
    examples: &[
        ("lifeboat status", "Ask everything once; exit code 3 if anything is not well"),
        ("lifeboat status --report status.md", "The same, and everything that is known in a report"),
        ("lifeboat status --watch --plain", "A line for each change, for screen readers and logs"),
    ],
}];

/// `lifeboat status`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    choice: Choice,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "table", conflicts_with_all = ["watch", "plain"])]
    format: Format,
    /// Write a detailed report to this file, as Markdown
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with = "watch")]
    report: Option<PathBuf>,
    /// Go on asking, and show what changes, until interrupted
    #[arg(long, short)]
    watch: bool,
    /// Only append lines: nothing is redrawn, no table is lined up
    #[arg(long)]
    plain: bool,
}

/// How a status is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For scripts; the same as --json
    Json,
    /// For the textfile collector of Prometheus
    Prometheus,
}

/// What is shown: a picture of the plan, as far as it was asked for.
struct Status<'a> {
    context: &'a Context,
    plan: &'a Plan,
    picture: &'a Picture,
    shelf: &'a Shelf,
    choice: &'a Choice,
}

impl Args {
    /// Prints it; ends with 3 when something that was asked for is not well.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = Arc::new(context.readable()?.clone());
        self.choice.check(&plan)?;
        if self.watch {
            return follow::follow(context, &plan, &self.choice, self.plain);
        }
        let wanted = |index: usize| self.choice.asks(&plan.component[index]);
        let state = context.state().map(|state| state.path).ok();
        let (picture, shelf) = context.block_on(async |stop| {
            let means = Arc::new(Means::new(context.redactor(), stop).only_looking(context.globals().read_only));
            Ok(tokio::join!(once(&plan, &means, wanted), data::once(&plan, &means, &self.choice, state)))
        })?;
        let status = Status { context, plan: &plan, picture: &picture, shelf: &shelf, choice: &self.choice };
        if let Some(path) = &self.report {
            report::write(&status, path)?;
        }
        match self.format {
            _ if context.out().is_json() => json::print(&status)?,
            Format::Json => json::print(&status)?,
            Format::Prometheus => {
                let mut text = metrics(&picture, SystemClock.now(), |index| status.shows(index));
                text += &protection_metrics(&data::asked(&status, SystemClock.now()), SystemClock.now());
                context.out().bulk(|out| out.write_all(text.as_bytes()))?;
            }
            Format::Table if self.plain => line::all(&status)?,
            Format::Table => table::print(&status)?,
        }
        Ok(status.exit())
    }
}

impl Status<'_> {
    /// Whether the component at this place is among those to be shown.
    fn shows(&self, index: usize) -> bool {
        let component = &self.plan.component[index];
        self.choice.asks(component) && self.choice.has(self.picture.seen(index).verdict())
    }

    /// Whether everything of a site was asked: else nothing can be said of it as a whole.
    fn asked_all_of(&self, site: &str) -> bool {
        let mut of_site = self.plan.component.iter().filter(|component| component.site.as_deref() == Some(site));
        of_site.all(|component| self.choice.asks(component))
    }

    fn shown(&self) -> Vec<usize> {
        (0..self.plan.component.len()).filter(|index| self.shows(*index)).collect()
    }

    /// Whatever was asked for counts, shown or not.
    fn exit(&self) -> Exit {
        let asked = self.plan.component.iter().enumerate().filter(|(_, component)| self.choice.asks(component));
        let well = asked.into_iter().all(|(index, _)| self.picture.seen(index).verdict() == Verdict::Healthy);
        if well && data::is_well(self) { Exit::Done } else { Exit::Attention }
    }
}
