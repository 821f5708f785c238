//! `lifeboat schedule`: what makes cron or systemd run the jobs of the plan.

use serde::Serialize;

use super::{Changes, Context, Failure, Group, Info};
use crate::plan::{locate, zone_of};
use crate::protect::timetable::{Call, crontab, units};
use crate::text::{Exit, Explain};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "schedule",
    group: Group::Plan,
    changes: Changes::Never,
    examples: &[
        ("lifeboat schedule", "The line for `crontab -e` that runs whatever is due"),
        ("lifeboat schedule --user lifeboat", "The same for a file in /etc/cron.d"),
        ("lifeboat schedule --systemd --user lifeboat", "A service and its timer, to be put into /etc/systemd/system"),
    ],
}];

/// `lifeboat schedule`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Lines for cron; the same as nothing
    #[arg(long, conflicts_with = "systemd")]
    crontab: bool,
    /// Services and timers for systemd
    #[arg(long)]
    systemd: bool,
    /// As whom jobs are run: the user's column of /etc/cron.d, `User=` of systemd
    #[arg(long, value_name = "NAME", value_parser = user)]
    user: Option<String>,
    /// A line or a timer for each job, instead of one for all
    #[arg(long)]
    each: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    crontab: Option<String>,
    units: Vec<OneUnit<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct OneUnit<'a> {
    name: &'a str,
    text: &'a str,
}

impl Args {
    /// Prints it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.plan()?;
        let call = self.call(context)?;
        let out = context.out();
        if !self.systemd {
            let table = crontab(plan, &call, self.each);
            if out.is_json() {
                out.json(&Report { crontab: Some(table), units: Vec::new(), notes: &[] })?;
            } else {
                out.line(table.trim_end())?;
            }
            return Ok(Exit::Done);
        }
        let (units, notes) = units(plan, &call, self.each);
        if out.is_json() {
            let units = units.iter().map(|unit| OneUnit { name: &unit.name, text: &unit.text }).collect();
            out.json(&Report { crontab: None, units, notes: &notes })?;
            return Ok(Exit::Done);
        }
        for unit in &units {
            out.line(format!("# /etc/systemd/system/{}\n{}", unit.name, unit.text))?;
        }
        for note in &notes {
            out.line(note)?;
        }
        out.line("# Then: systemctl daemon-reload && systemctl enable --now NAME.timer")?;
        Ok(Exit::Done)
    }

    /// The program as cron and systemd find it, whatever folder they begin in.
    fn call(&self, context: &Context) -> Result<Call, Failure> {
        let program = std::env::current_exe().map_err(Nameless)?;
        let mut words = vec![program.display().to_string()];
        let globals = context.globals();
        if globals.lab {
            words.push("--lab".to_owned());
            // Of a lab the state folder is named that it lies in.
            let beside = context.lab()?.parent().map(|beside| locate::whole(beside).display().to_string());
            words.extend(beside.into_iter().flat_map(|state| ["--state".to_owned(), state]));
        } else {
            let plan = locate::whole(&context.plan_path()?.path);
            words.extend(["--plan".to_owned(), plan.display().to_string()]);
            for overlay in &globals.overlay {
                words.extend(["--overlay".to_owned(), whole_overlay(overlay)]);
            }
            let state = locate::whole(&context.state()?.path);
            words.extend(["--state".to_owned(), state.display().to_string()]);
        }
        let zone = zone_of(&context.plan()?.platform).name().to_owned();
        Ok(Call { program: words, user: self.user.clone(), zone })
    }
}

/// An overlay is a name beside the plan, or a file.
fn whole_overlay(overlay: &str) -> String {
    let path = std::path::Path::new(overlay);
    if path.is_file() { locate::whole(path).display().to_string() } else { overlay.to_owned() }
}

/// A user's name that breaks no line.
fn user(name: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-$".contains(c);
    if !name.is_empty() && !name.starts_with('-') && name.chars().all(is_plain) {
        Ok(name.to_owned())
    } else {
        Err("a user's name has letters, digits, dots, dashes and underscores".to_owned())
    }
}

/// The program does not know where it lies.
#[derive(Debug, thiserror::Error)]
#[error("the path of this program cannot be had: {0}")]
struct Nameless(std::io::Error);

impl Explain for Nameless {
    fn next_step(&self) -> String {
        "Look whether /proc is there, and whether the program was replaced while it ran.".to_owned()
    }
}
