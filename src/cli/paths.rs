//! `lifeboat paths`: which files and folders are in force, and why.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::context::without_plan;
use super::output::Style;
use super::{Changes, Context, Failure, Group, Info, Output};
use crate::plan::locate::{self, PlanPlace, PlanWhy, SYSTEM_CONFIGURATION, StateWhy};
use crate::text::Exit;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "paths",
    group: Group::Plan,
    changes: Changes::Never,
    examples: &[
        ("lifeboat paths", "The plan and the folders in force, and why those"),
        ("lifeboat --lab paths", "The same for the lab"),
        ("lifeboat paths --json", "For scripts; `exists` says what is there already"),
    ],
}];

/// `lifeboat paths`
#[derive(Debug, clap::Args)]
pub struct Args {}

/// One file or folder in force.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    #[serde(serialize_with = "as_shown")]
    path: PathBuf,
    why: String,
    exists: bool,
}

/// Not every path is text, and no path is a reason to say nothing.
fn as_shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

impl Row {
    fn new(name: &'static str, path: impl Into<PathBuf>, why: impl Into<String>) -> Row {
        let path = locate::whole(&path.into());
        Row { name, exists: path.exists(), path, why: why.into() }
    }
}

#[derive(Serialize)]
struct Report {
    plan: Option<Row>,
    overlays: Vec<Row>,
    looked_at: Vec<String>,
    folders: Vec<Row>,
}

impl Args {
    /// Prints them. What cannot be said, because the plan cannot be read, is told last, as an error.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (plan, looked_at) = match context.plan_place()? {
            PlanPlace::Found(found) => (Some(Row::new("plan", found.path, plan_why(found.why))), Vec::new()),
            PlanPlace::Nowhere(looked_at) => (None, looked_at),
        };
        let mut failures = Vec::new();
        let overlays = overlays(context).unwrap_or_else(|failure| noted(failure, &mut failures));
        let known = plan.is_some() || context.globals().state.is_some();
        let state = known.then(|| below_state(context).unwrap_or_else(|failure| noted(failure, &mut failures)));
        let mut folders = state.unwrap_or_default();
        folders.extend(fixed(context));
        let looked_at = looked_at.iter().map(|path| path.display().to_string()).collect();
        let report = Report { plan, overlays, looked_at, folders };
        if context.out().is_json() {
            context.out().json(&report)?;
        } else {
            print(context, &report)?;
        }
        failures.into_iter().next().map_or(Ok(Exit::Done), Err)
    }
}

/// Nothing to show for it, but a failure to tell in the end.
fn noted(failure: Failure, failures: &mut Vec<Failure>) -> Vec<Row> {
    failures.push(failure);
    Vec::new()
}

/// The files laid over the plan; they come last among its files.
fn overlays(context: &Context) -> Result<Vec<Row>, Failure> {
    let count = context.globals().overlay.len();
    if count == 0 {
        return Ok(Vec::new());
    }
    let files = &context.loaded()?.sources;
    let overlays = files.iter().skip(files.len().saturating_sub(count));
    Ok(overlays.map(|file| Row::new("overlay", &file.path, "--overlay names it")).collect())
}

fn below_state(context: &Context) -> Result<Vec<Row>, Failure> {
    let state = context.state()?;
    let below = |name| Row::new(name, state.path.join(name), "below the state");
    Ok(vec![Row::new("state", &state.path, state_why(state.why)), below("journal"), below("claims"), below("log")])
}

fn fixed(context: &Context) -> Vec<Row> {
    let around = context.around();
    let lab_why = if context.globals().state.is_some() { "below --state" } else { "below the user's state folder" };
    let lab = context.lab().ok().map(|path| Row::new("lab", path, lab_why));
    let user = around.configuration.clone().map(|path| Row::new("configuration", path, "the user's; looked at first"));
    let system = Row::new("configuration", SYSTEM_CONFIGURATION, "the machine's; looked at second");
    lab.into_iter().chain(user).chain([system]).collect()
}

fn print(context: &Context, report: &Report) -> Result<(), Failure> {
    let out = context.out();
    let head = |name: &str, text: &str| format!("{}  {text}", out.styled(Style::Strong, &format!("{name:13}")));
    let below = |text: &str| format!("{:15}{text}", "");
    if report.plan.is_none() {
        out.line(head("plan", "none; it was looked for, in this order, at"))?;
        for path in &report.looked_at {
            out.line(below(&Output::safe(path)))?;
        }
    }
    for row in report.plan.iter().chain(&report.overlays).chain(&report.folders) {
        let missing = if row.exists { "" } else { " (not there yet)" };
        out.line(head(row.name, &Output::safe(row.path.display())))?;
        out.line(below(&out.styled(Style::Faint, &format!("{}{missing}", row.why))))?;
    }
    if report.plan.is_none() {
        out.line(format!("\nThere is no plan yet.\n{}", without_plan(context.lab_is_there())))?;
    }
    Ok(())
}

fn plan_why(why: PlanWhy) -> &'static str {
    match why {
        PlanWhy::Option => "--plan names it",
        PlanWhy::Lab => "--lab: the plan the lab writes",
        PlanWhy::Variable => "LIFEBOAT_PLAN names it",
        PlanWhy::UserConfiguration => "found in the user's configuration folder",
        PlanWhy::SystemConfiguration => "found in the machine's configuration folder",
    }
}

fn state_why(why: StateWhy) -> &'static str {
    match why {
        StateWhy::Option => "--state names it",
        StateWhy::Lab => "--lab: the lab's own state",
        StateWhy::Plan => "the plan names it",
        StateWhy::UserState => "the user's state folder, one per platform",
    }
}
