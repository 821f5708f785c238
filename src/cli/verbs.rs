//! The registry: every verb, the group it is shown in, whether it changes anything, its examples.

use clap::{ArgMatches, Subcommand};

use super::{
    Called, Context, Failure, backup, completions, console, doctor, expire, help, hold, jobs, journal, man, paths,
    plan, points, schedule, see, status, taint, there, verify, wal, watch, window,
};
#[cfg(feature = "lab")]
use super::{lab, lab_fault, lab_load, lab_serve};
use crate::text::Exit;

/// What the program can be asked to do. The first line of each comment is its line in the help.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open the console; the same as no verb at all
    Console(console::Args),
    /// Ask every component once and say how it is
    Status(status::Args),
    /// Look whether this bastion could do its work tonight
    Doctor(doctor::Args),
    /// Watch without a screen, record every change, serve metrics
    Watch(watch::Args),
    /// Tell another bastion what is seen from here
    #[command(hide = true)]
    See(see::Args),
    /// Take a recovery point for another bastion
    #[command(hide = true)]
    There(there::Args),
    /// Take recovery points, into every store at once
    Backup(backup::Args),
    /// Show the recovery points in the stores
    Points(points::Args),
    /// Show how far back one could go now, and after each loss
    Window(window::Args),
    /// Read recovery points to their end, as what they claim to be
    Verify(verify::Args),
    /// Throw away what the plan no longer keeps
    Expire(expire::Args),
    /// Let nobody throw anything away, in any store
    Hold(hold::Args),
    /// Mark recovery points as not to be trusted
    Taint(taint::Args),
    /// Keep the log of a database as it is written, and give it back
    Wal(wal::Args),
    /// Show when each job ran, how that ended, and which are late
    Jobs(jobs::Args),
    /// Check and show the recovery plan, or begin one
    Plan(plan::Args),
    /// Print what makes cron or systemd run the jobs of the plan
    Schedule(schedule::Args),
    /// Show, prove and export the record of what happened
    Journal(journal::Args),
    /// Show which files and folders are in force, and why
    Paths(paths::Args),
    /// Run a private platform of real servers, on two sites, here
    #[cfg(feature = "lab")]
    Lab(lab::Args),
    /// Print the completions for a shell
    Completions(completions::Args),
    /// Print the manual page, or write one per verb
    Man(man::Args),
    /// Show the help of a verb
    Help(help::Args),
}

impl Verb {
    /// Does it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Verb::Console(arguments) => arguments.run(context),
            Verb::Status(arguments) => arguments.run(context),
            Verb::Doctor(arguments) => arguments.run(context),
            Verb::Watch(arguments) => arguments.run(context),
            Verb::See(arguments) => arguments.run(context),
            Verb::There(arguments) => arguments.run(context),
            Verb::Backup(arguments) => arguments.run(context),
            Verb::Points(arguments) => arguments.run(context),
            Verb::Window(arguments) => arguments.run(context),
            Verb::Verify(arguments) => arguments.run(context),
            Verb::Expire(arguments) => arguments.run(context),
            Verb::Hold(arguments) => arguments.run(context),
            Verb::Taint(arguments) => arguments.run(context),
            Verb::Wal(arguments) => arguments.run(context),
            Verb::Jobs(arguments) => arguments.run(context),
            Verb::Plan(arguments) => arguments.run(context),
            Verb::Schedule(arguments) => arguments.run(context),
            Verb::Journal(arguments) => arguments.run(context),
            Verb::Paths(arguments) => arguments.run(context),
            #[cfg(feature = "lab")]
            Verb::Lab(arguments) => arguments.run(context),
            Verb::Completions(arguments) => arguments.run(context),
            Verb::Man(arguments) => arguments.run(context),
            Verb::Help(arguments) => arguments.run(context),
        }
    }
}

/// What is known of every verb and of every verb below a verb.
pub fn all() -> impl Iterator<Item = &'static Info> {
    let verbs = [
        console::VERBS,
        status::VERBS,
        doctor::VERBS,
        watch::VERBS,
        see::VERBS,
        there::VERBS,
        backup::VERBS,
        points::VERBS,
        window::VERBS,
        verify::VERBS,
        expire::VERBS,
        hold::VERBS,
        taint::VERBS,
        wal::VERBS,
        jobs::VERBS,
        plan::VERBS,
        schedule::VERBS,
        journal::VERBS,
        paths::VERBS,
        completions::VERBS,
        man::VERBS,
        help::VERBS,
    ];
    verbs.into_iter().chain(LAB).flatten()
}

#[cfg(feature = "lab")]
const LAB: [&[Info]; 4] = [lab::VERBS, lab_fault::VERBS, lab_load::VERBS, lab_serve::VERBS];
#[cfg(not(feature = "lab"))]
const LAB: [&[Info]; 0] = [];

/// The heading under which `lifeboat --help` shows a verb, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// How the platform is now.
    Platform,
    /// What the recovery plan says.
    Plan,
    /// What happened.
    Record,
    /// The private platform to try things on.
    Lab,
    /// The program itself.
    Program,
}

impl Group {
    /// Every group in the order of the help.
    pub const ALL: [Group; 5] = [Group::Platform, Group::Plan, Group::Record, Group::Lab, Group::Program];

    /// The heading.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Platform => "The platform",
            Group::Plan => "The plan",
            Group::Record => "The record",
            Group::Lab => "The lab",
            Group::Program => "This program",
        }
    }
}

/// Whether a verb changes anything outside its own output; `--read-only` refuses what does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    /// It only looks.
    Never,
    /// It changes something whenever it runs.
    Always,
    /// It changes something when one of these arguments (their clap ids) is given.
    With(&'static [&'static str]),
}

/// What the registry knows about one verb.
#[derive(Debug)]
pub struct Info {
    /// Its name; below another verb with that one's before it: `lab up`.
    pub path: &'static str,
    /// The heading it is shown under. Verbs below a verb share the one of the first.
    pub group: Group,
    /// Whether `--read-only` refuses it.
    pub changes: Changes,
    /// Two or three real command lines, each with what it is good for. A test parses every one.
    pub examples: &'static [(&'static str, &'static str)],
}

/// The verb that `matches` call.
pub fn called(matches: &ArgMatches) -> Called {
    let (mut path, mut inner) = (String::new(), matches);
    while let Some((name, below)) = inner.subcommand() {
        if !path.is_empty() {
            path.push(' ');
        }
        path.push_str(name);
        inner = below;
    }
    if path.is_empty() {
        console::VERBS[0].path.clone_into(&mut path);
    }
    let given =
        |id: &&str| inner.value_source(id).is_some_and(|source| source != clap::parser::ValueSource::DefaultValue);
    let changes = match all().find(|info| info.path == path).map(|info| info.changes) {
        Some(Changes::Never) => false,
        Some(Changes::With(ids)) => ids.iter().any(given),
        Some(Changes::Always) | None => true,
    };
    Called { path, changes }
}
