//! `lifeboat paths`: which files and folders are in force, and why.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::context::WITHOUT_PLAN;
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
    path: PathBuf,
    why: String,
    exists: bool,
}

impl Row {
    fn new(name: &'static str, path: impl Into<PathBuf>, why: impl Into<String>) -> Row {
        let path = path.into();
        Row { name, exists: path.exists(), path, why: why.into() }
    }
}

#[derive(Serialize)]
struct Report {
    plan: Option<Row>,
    overlays: Vec<Row>,
    looked_at: Vec<PathBuf>,
    folders: Vec<Row>,
}

impl Args {
    /// Prints them. What cannot be said, because the plan cannot be read, is told last, as an error.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (plan, looked_at) = match context.plan_place()? {
            PlanPlace::Found(found) => {
                (Some(Row::new("plan", locate::whole(&found.path), plan_why(found.why))), Vec::new())
            }
            PlanPlace::Nowhere(looked_at) => (None, looked_at),
        };
        let known = plan.is_some() || context.globals().state.is_some();
        let (mut folders, failure) = match known.then(|| context.state_place()) {
            Some(Ok(state)) => (below_state(&state.path, state_why(state.why)), None),
            Some(Err(failure)) => (Vec::new(), Some(failure)),
            None => (Vec::new(), None),
        };
        folders.extend(fixed(context));
        let report = Report { plan, overlays: overlays(context), looked_at, folders };
        if context.out().is_json() {
            context.out().json(&report)?;
        } else {
            print(context, &report)?;
        }
        failure.map_or(Ok(Exit::Done), Err)
    }
}

/// The files laid over the plan, as far as the plan can be read. They come last among its files.
fn overlays(context: &Context) -> Vec<Row> {
    let count = context.globals().overlay.len();
    let files = context.loaded().map_or(&[][..], |loaded| &loaded.sources);
    let overlays = files.iter().skip(files.len().saturating_sub(count));
    overlays.map(|file| Row::new("overlay", locate::whole(&file.path), "--overlay names it")).collect()
}

fn below_state(state: &Path, why: &str) -> Vec<Row> {
    vec![
        Row::new("state", state, why),
        Row::new("journal", state.join("journal"), "below the state"),
        Row::new("claims", state.join("claims"), "below the state"),
        Row::new("log", state.join("log"), "below the state"),
    ]
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
            out.line(below(&Output::safe(path.display())))?;
        }
    }
    for row in report.plan.iter().chain(&report.overlays).chain(&report.folders) {
        let missing = if row.exists { "" } else { " (not there yet)" };
        out.line(head(row.name, &Output::safe(row.path.display())))?;
        out.line(below(&out.styled(Style::Faint, &format!("{}{missing}", row.why))))?;
    }
    if report.plan.is_none() {
        out.line(format!("\nThere is no plan yet.\n{}", WITHOUT_PLAN.join("\n")))?;
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
