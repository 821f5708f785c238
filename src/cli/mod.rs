//! The command line: a file per verb, with arguments, printing and exit codes, and nothing else.
//!
//! May use every room below it. Holds no logic of its own: a verb asks a room and prints the answer.

mod again;
pub mod backup;
mod called;
pub mod completions;
mod confirm;
pub mod console;
pub mod context;
pub mod doctor;
pub mod expire;
pub mod failure;
pub mod globals;
pub mod help;
pub mod hold;
pub mod jobs;
pub mod journal;
#[cfg(feature = "lab")]
pub mod lab;
#[cfg(feature = "lab")]
pub mod lab_fault;
#[cfg(feature = "lab")]
pub mod lab_load;
#[cfg(feature = "lab")]
pub mod lab_serve;
pub mod log;
pub mod man;
pub mod manual;
pub mod output;
pub mod page;
pub mod paths;
pub mod plan;
pub mod points;
mod progress;
mod recorded;
mod runtime;
pub mod schedule;
pub mod see;
pub mod status;
pub mod taint;
pub mod there;
mod usage;
pub mod verbs;
pub mod verify;
pub mod wal;
pub mod watch;
pub mod window;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{FromArgMatches, Parser};

pub use again::Again;
pub use called::Called;
pub use context::Context;
pub use failure::Failure;
pub use globals::{Globals, Overheard};
pub use output::Output;
pub use verbs::{Changes, Group, Info, Verb};

use crate::text::{Exit, Redactor};

/// Everything the command line can say.
#[derive(Debug, Parser)]
#[command(
    name = "lifeboat",
    about = "The disaster-recovery console for a platform, in one binary",
    version = VERSION,
    disable_help_subcommand = true,
    args_override_self = true,
    subcommand_value_name = "VERB"
)]
pub struct Program {
    /// What holds for every verb.
    #[command(flatten)]
    pub globals: Globals,
    /// What to do; on a terminal the console, if nothing is said.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("LIFEBOAT_BUILT_FROM"), ")");

/// The whole program, from its arguments to the code it ends with.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let (spoken, again) = (globals::overheard(&arguments), Again::of(&arguments));
    let exit = log::panic::guarded(|| {
        let redactor = Redactor::new();
        run(&arguments, spoken, &redactor, &again).unwrap_or_else(|failure| failure.report(spoken, &redactor, &again))
    });
    ExitCode::from(exit.unwrap_or(Exit::Failed) as u8)
}

fn run(arguments: &[OsString], spoken: Overheard, redactor: &Redactor, again: &Again) -> Result<Exit, Failure> {
    let (program, called) = parse(arguments, spoken.no_color)?;
    let context = Context::new(program.globals, redactor.clone(), again.clone());
    called.permit(context.globals().read_only)?;
    context.begin_log(&called);
    let verb = program.verb.unwrap_or_else(|| Verb::Console(console::Args::default()));
    verb.run(&context).inspect_err(Failure::log)
}

fn parse(arguments: &[OsString], no_color: bool) -> Result<(Program, Called), Failure> {
    let mut command = page::command(no_color);
    let matches = command.try_get_matches_from_mut(arguments).map_err(|error| {
        let verb = usage::understood(&command, arguments);
        Failure::usage(error, verb)
    })?;
    let program = Program::from_arg_matches(&matches)?;
    if program.verb.is_none() && (program.globals.json || !console::is_possible()) {
        // A script that says no verb has made a mistake; a pipe cannot show the console.
        let strict = command.clone().subcommand_required(true).arg_required_else_help(true);
        strict.try_get_matches_from(arguments).map_err(|error| Failure::usage(error, "lifeboat".to_owned()))?;
    }
    if program.globals.lab && program.globals.plan.is_some() {
        let both = "--lab and --plan each name a plan; give only one of them";
        let error = command.error(clap::error::ErrorKind::ArgumentConflict, both);
        return Err(Failure::usage(error, usage::understood(&command, arguments)));
    }
    Ok((program, verbs::called(&matches)))
}
