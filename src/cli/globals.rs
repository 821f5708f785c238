//! The options that every verb understands.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::plan::locate::Asked;

/// The options that every verb understands, before or after its name.
#[derive(Clone, Debug, Default, clap::Args)]
#[allow(clippy::doc_markdown, reason = "these comments are the help that people read")]
#[command(next_help_heading = "Options for every verb")]
pub struct Globals {
    /// The plan [default: LIFEBOAT_PLAN, else as configured]
    #[arg(long, global = true, value_name = "PATH", value_hint = clap::ValueHint::AnyPath)]
    pub plan: Option<PathBuf>,
    /// Lay this over the plan; may be repeated
    #[arg(long, global = true, value_name = "NAME")]
    pub overlay: Vec<String>,
    /// The state folder [default: the plan's, else the user's]
    #[arg(long, global = true, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub state: Option<PathBuf>,
    /// Work on the lab: its plan and its state
    #[arg(long, global = true)]
    pub lab: bool,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    pub json: bool,
    /// Print results and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Print without colours and emphasis
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Refuse whatever would change anything
    #[arg(long, global = true)]
    pub read_only: bool,
}

impl Globals {
    /// The same choice of plan and state for another process, wherever that works.
    pub fn options(&self) -> Vec<OsString> {
        let whole = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone()).into_os_string();
        let with = |name: &str, value: OsString| [OsString::from(name), value];
        let plan = self.plan.iter().flat_map(|plan| with("--plan", whole(plan)));
        let overlays = self.overlay.iter().flat_map(|overlay| with("--overlay", overlay.into()));
        let state = self.state.iter().flat_map(|state| with("--state", whole(state)));
        let lab = self.lab.then(|| OsString::from("--lab"));
        plan.chain(overlays).chain(state).chain(lab).collect()
    }

    /// What was asked for where plan and state are looked up.
    pub fn asked(&self) -> Asked {
        Asked { plan: self.plan.clone(), state: self.state.clone(), lab: self.lab }
    }
}

/// How to speak, as far as it can be heard before the arguments are understood; an error in the
/// arguments has to be told in the right form too.
#[derive(Clone, Copy, Debug, Default)]
pub struct Overheard {
    /// `--json` is among the arguments.
    pub json: bool,
    /// `--quiet` is among the arguments.
    pub quiet: bool,
    /// `--no-color` is among the arguments.
    pub no_color: bool,
}

/// Looks for the options that decide how an error is told.
pub fn overheard(arguments: &[OsString]) -> Overheard {
    let options = || arguments.iter().skip(1).take_while(|argument| *argument != "--");
    let heard = |name: &str| options().any(|argument| argument == name);
    Overheard { json: heard("--json"), quiet: heard("--quiet") || heard("-q"), no_color: heard("--no-color") }
}
