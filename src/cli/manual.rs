//! The manual in roff: the whole program on one page, or a page for one verb. Made of the same
//! commands and registry as the help, so that the three never tell different things.

use std::fmt::Write as _;
use std::io::{self, Write};

use clap::{Arg, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::verbs::{self, Group};
use super::{Info, page};

/// The variables the program reads, beside those every program reads.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("LIFEBOAT_PLAN", "The plan in force where --plan and --lab are not given."),
    (
        "LIFEBOAT_LOG",
        "What to log (error, warn, info, debug, trace, or a level per module); standard error shows it too.",
    ),
    ("LIFEBOAT_THEME", "The console's theme where --theme is not given; before the one of console.toml."),
    ("COLORTERM", "truecolor or 24bit: all colours in the console, over SSH as well; else 16 there."),
    ("XDG_CONFIG_HOME", "Where the user's configuration is; ~/.config if not set."),
    ("XDG_STATE_HOME", "Where the user's state is; ~/.local/state if not set."),
    ("NO_COLOR", "If not empty: no colours and no emphasis."),
];

/// The files and folders, in the order in which they are looked for.
const FILES: &[(&str, &str)] = &[
    ("~/.config/lifeboat/plan.toml, ~/.config/lifeboat/plan.d", "The user's plan: a file, or a folder of files."),
    ("/etc/lifeboat/plan.toml, /etc/lifeboat/plan.d", "The machine's plan, where the user has none."),
    ("~/.config/lifeboat/console.toml", "The console: theme, colours (none, 16, 256, true), ascii (true or false)."),
    ("~/.config/lifeboat/keys.toml", "Keys of the console's actions: freeze = \"F\"."),
    ("~/.config/lifeboat/themes/NAME.toml", "Themes of your own; one of a shipped name goes before the shipped one."),
    ("~/.local/state/lifeboat/PLATFORM", "The state, unless the plan or --state names another: journal, claims, log."),
    ("~/.local/state/lifeboat/lab", "The lab: its plan, its state and its servers."),
];

/// What the program ends with.
pub const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "Done."),
    ("1", "It was tried and failed."),
    ("2", "The command line or the plan is wrong."),
    ("3", "Something needs attention: degraded, down, unknown or beyond its objective."),
    ("4", "Refused, by a safety rule or because a confirmation was not given."),
    ("130", "Interrupted."),
];

/// The whole program on one page.
pub fn whole(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    let man = head(command, out)?;
    man.render_options_section(out)?;
    let mut roff = Roff::new();
    roff.control("SH", ["VERBS"]);
    for group in Group::ALL {
        let mut members = verbs::all().filter(|info| info.group == group).peekable();
        if members.peek().is_some() {
            roff.control("SS", [group.title()]);
        }
        members.for_each(|info| verb(&mut roff, command, info));
    }
    table(&mut roff, "ENVIRONMENT", ENVIRONMENT);
    table(&mut roff, "FILES", FILES);
    table(&mut roff, "EXIT STATUS", EXIT_STATUS);
    roff.to_writer(out)
}

/// The page of one verb.
pub fn of_verb(command: &Command, info: &Info, out: &mut dyn Write) -> io::Result<()> {
    let Some(verb) = page::find(command, info.path) else { return Ok(()) };
    let man = head(verb, out)?;
    man.render_options_section(out)?;
    if verb.has_subcommands() {
        man.render_subcommands_section(out)?;
    }
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLES"]);
    examples(&mut roff, info);
    roff.control("SH", ["SEE ALSO"]);
    roff.text([bold("lifeboat"), roman("(1)")]);
    roff.to_writer(out)
}

fn head(command: &Command, out: &mut dyn Write) -> io::Result<Man> {
    let source = concat!("lifeboat ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source).manual("Lifeboat");
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    Ok(man)
}

fn verb(roff: &mut Roff, command: &Command, info: &Info) {
    let Some(verb) = page::find(command, info.path).filter(|verb| !verb.is_hide_set()) else { return };
    roff.control("TP", []);
    roff.text([bold(format!("lifeboat {}", info.path))]);
    roff.text([roman(about(verb))]);
    roff.control("RS", []);
    for argument in verb.get_arguments().filter(|argument| !argument.is_global_set() && !argument.is_hide_set()) {
        if argument.get_id() != "help" {
            roff.control("TP", []);
            roff.text([italic(argument.to_string())]);
            roff.text([roman(meaning(argument))]);
        }
    }
    examples(roff, info);
    roff.control("RE", []);
}

/// What an argument means, what it may be, and what it is if it is left out.
fn meaning(argument: &Arg) -> String {
    let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let takes_value = argument.get_action().takes_values();
    let possible: Vec<_> = argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    if takes_value && !possible.is_empty() {
        let _ = write!(meaning, " [one of: {}]", possible.join(", "));
    }
    let usual: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes_value && !usual.is_empty() {
        let _ = write!(meaning, " [default: {}]", usual.join(", "));
    }
    meaning
}

fn examples(roff: &mut Roff, info: &Info) {
    for (line, purpose) in info.examples {
        roff.control("PP", []);
        roff.text([roman(format!("{purpose}:"))]);
        roff.control("RS", ["4"]);
        roff.control("nf", []);
        roff.text([bold(*line)]);
        roff.control("fi", []);
        roff.control("RE", []);
    }
}

fn table(roff: &mut Roff, title: &str, rows: &[(&str, &str)]) {
    roff.control("SH", [title]);
    for (name, meaning) in rows {
        roff.control("TP", []);
        roff.text([bold(*name)]);
        roff.text([roman(*meaning)]);
    }
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}
