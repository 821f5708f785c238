//! The help pages: the verbs in their groups on the first, examples at the end of every other.

use std::fmt::Write;

use clap::builder::styling::{Effects, Style, Styles};
use clap::builder::{StyledStr, Styles as ClapStyles};
use clap::{ColorChoice, Command, CommandFactory};

use super::verbs::{self, Group};
use super::{Info, Program};

const HEADING: Style = Style::new().effects(Effects::BOLD);
const STYLES: ClapStyles = Styles::plain().header(HEADING).usage(HEADING).literal(HEADING).error(HEADING);

/// The widest that lines of prose get; longer ones are hard to read.
const WIDEST: usize = 100;

const CLOSING: &str = "\
`lifeboat VERB --help` ends in examples; `lifeboat man` is the whole manual.
Ends with 0 done, 1 failed, 2 wrong usage or plan, 3 needs attention, 4 refused,
130 interrupted.";

/// The command line as clap understands it, with every help page complete.
pub fn command(no_color: bool) -> Command {
    let mut command = Program::command().styles(STYLES).max_term_width(WIDEST);
    if no_color {
        command = command.color(ColorChoice::Never);
    }
    for info in verbs::all() {
        let path: Vec<&str> = info.path.split(' ').collect();
        command = edit(command, &path, |verb| {
            verb.after_help(examples(info)).subcommand_value_name("VERB").subcommand_help_heading("Verbs")
        });
    }
    let template = template(&command);
    command.help_template(template)
}

fn edit(command: Command, path: &[&str], change: impl FnOnce(Command) -> Command) -> Command {
    match path {
        [] => change(command),
        // A name without a verb would make clap panic; a test finds it instead.
        [name, ..] if command.find_subcommand(name).is_none() => command,
        [name, rest @ ..] => command.mut_subcommand(*name, |below| edit(below, rest, change)),
    }
}

/// The command at a path of the registry: `lab up`.
pub fn find<'c>(command: &'c Command, path: &str) -> Option<&'c Command> {
    path.split(' ').try_fold(command, |command, name| command.find_subcommand(name))
}

fn examples(info: &Info) -> StyledStr {
    let mut text = format!("{HEADING}Examples:{HEADING:#}");
    for (line, purpose) in info.examples {
        let _ = write!(text, "\n  {HEADING}{line}{HEADING:#}\n      {purpose}");
    }
    text.into()
}

/// The first page. The verbs and their purposes are those of the commands themselves.
fn template(command: &Command) -> StyledStr {
    let mut text = "{about}\n\n{usage-heading} {usage}\n".to_owned();
    let shown = || verbs::all().filter_map(|info| Some((info, purpose(command, info)?)));
    let widest = shown().map(|(info, _)| info.path.len()).max().unwrap_or(0);
    for group in Group::ALL {
        let mut members = shown().filter(|(info, _)| info.group == group).peekable();
        if members.peek().is_none() {
            continue;
        }
        let _ = write!(text, "\n{HEADING}{}:{HEADING:#}\n", group.title());
        for (info, purpose) in members {
            let _ = writeln!(text, "  {HEADING}{:widest$}{HEADING:#}  {purpose}", info.path);
        }
    }
    let _ = write!(text, "\n{HEADING}Options:{HEADING:#}\n{{options}}\n\n{CLOSING}");
    text.into()
}

/// What a verb is for, if it does anything itself and is meant for people.
fn purpose(command: &Command, info: &Info) -> Option<String> {
    let verb = find(command, info.path)?;
    let only_groups = verb.has_subcommands() && verb.is_subcommand_required_set();
    if only_groups || verb.is_hide_set() { None } else { verb.get_about().map(ToString::to_string) }
}
