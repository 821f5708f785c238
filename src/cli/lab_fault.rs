//! `lifeboat lab fault`: break the lab on purpose, list what is broken, mend it.

use std::path::Path;

use serde::Serialize;

use super::output::Style;
use super::{Changes, Context, Failure, Group, Info, Output};
use crate::lab::faults::{self, Applied, FAULTS, Fault, Heals};
use crate::text::{Exit, wrap::table};

/// The registry's entries.
pub const VERBS: &[Info] = &[Info {
    path: "lab fault",
    group: Group::Lab,
    changes: Changes::With(&["name", "undo"]),
    examples: &[
        ("lifeboat lab fault", "List every fault, and those in force"),
        ("lifeboat lab fault kill primary", "Lose the whole primary site"),
        ("lifeboat lab fault kill primary --undo", "Bring it back; without a target, all that was killed"),
    ],
}];

/// `lifeboat lab fault`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which fault; all are listed without one
    name: Option<String>,
    /// What it acts on; the list says what it takes
    #[arg(requires = "name")]
    target: Option<String>,
    /// Undo it; without a name everything that can be undone
    #[arg(long)]
    undo: bool,
}

impl Args {
    /// Does it.
    pub fn run(self, context: &Context, folder: &Path) -> Result<Exit, Failure> {
        match (self.name, self.undo) {
            (name, true) => undo(context, folder, name.as_deref(), self.target.as_deref()),
            (Some(name), false) => apply(context, folder, &name, self.target.as_deref()),
            (None, false) => list(context, folder),
        }
    }
}

/// What can be broken, and what is.
#[derive(Serialize)]
struct List {
    faults: &'static [Fault],
    in_force: Vec<Applied>,
}

fn list(context: &Context, folder: &Path) -> Result<Exit, Failure> {
    let out = context.out();
    let list = List { faults: FAULTS, in_force: faults::in_force(folder)? };
    if out.is_json() {
        out.json(&list)?;
        return Ok(Exit::Done);
    }
    listed(context)?;
    if !list.in_force.is_empty() {
        out.line("")?;
    }
    for applied in &list.in_force {
        in_force(context, applied)?;
    }
    Ok(Exit::Done)
}

/// Every fault below the part of the platform that it breaks, no wider than the terminal.
fn listed(context: &Context) -> Result<(), Failure> {
    let out = context.out();
    let rows: Vec<Vec<String>> = FAULTS.iter().map(|fault| vec![format!("  {}", fault.name), told(fault)]).collect();
    let lines = table(&rows, out.width());
    let mut heading = "";
    for (fault, lines) in FAULTS.iter().zip(lines) {
        if fault.breaks != heading {
            heading = fault.breaks;
            out.line(out.styled(Style::Strong, heading))?;
        }
        lines.iter().try_for_each(|line| out.line(line))?;
    }
    Ok(())
}

/// What a fault does and takes.
fn told(fault: &Fault) -> String {
    let lasting = if fault.heals == Heals::Restore { " (no undo)" } else { "" };
    let takes = match (fault.takes, fault.usual) {
        ("no target", _) => String::new(),
        (takes, "") => format!("; takes {takes}"),
        (takes, usual) => format!("; takes {takes} ({usual} if none is named)"),
    };
    format!("{}{lasting}{takes}", fault.about)
}

/// One line for a fault that was applied and not undone.
pub fn in_force(context: &Context, applied: &Applied) -> Result<(), Failure> {
    let out = context.out();
    let way_out =
        if applied.can_be_undone() { undo_command(context, applied) } else { "no undo; a new lab heals it".to_owned() };
    out.line(format!("{} {} ({way_out})", out.styled(Style::Warning, "in force:"), Output::safe(&applied.what)))
}

fn undo_command(context: &Context, applied: &Applied) -> String {
    let words = ["lab", "fault", &applied.fault, &applied.target, "--undo"];
    Output::safe(context.again(words.into_iter().filter(|word| !word.is_empty())))
}

fn apply(context: &Context, folder: &Path, name: &str, target: Option<&str>) -> Result<Exit, Failure> {
    let applied: Applied = context.block_on(async |_| Ok(faults::apply(folder, name, target).await?))?;
    let out = context.out();
    if out.is_json() {
        out.json(&applied)?;
        return Ok(Exit::Done);
    }
    out.line(format!("Done: {}.", Output::safe(&applied.what)))?;
    if applied.can_be_undone() {
        out.line(format!("Undo it with `{}`.", undo_command(context, &applied)))?;
    } else {
        let (down, up) = (context.again(["lab", "down", "--delete"]), context.again(["lab", "up"]));
        out.line("There is no undo: a recovery brings it back, or a new lab:")?;
        out.line(format!("  {}\n  {}", Output::safe(down), Output::safe(up)))?;
    }
    Ok(Exit::Done)
}

fn undo(context: &Context, folder: &Path, name: Option<&str>, target: Option<&str>) -> Result<Exit, Failure> {
    let undone: Vec<Applied> = context.block_on(async |_| Ok(faults::undo(folder, name, target).await?))?;
    let out = context.out();
    if out.is_json() {
        out.json(&undone)?;
        return Ok(Exit::Done);
    }
    for applied in &undone {
        out.line(format!("Undone: {}.", Output::safe(&applied.what)))?;
    }
    if undone.is_empty() {
        out.line("Nothing that can be undone is in force.")?;
    }
    Ok(Exit::Done)
}
