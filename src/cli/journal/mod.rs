//! `lifeboat journal`: look at the record, prove that nothing in it was changed, take it elsewhere.

mod export;
mod show;
mod verify;

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use super::{Changes, Context, Failure, Group, Info};
use crate::journal::{Filter, Place};
use crate::text::{Clock, Exit, Shape, Span, SystemClock, instant, untrusted};

/// The registry's entries.
pub const VERBS: &[Info] = &[
    Info {
        path: "journal",
        group: Group::Record,
        changes: Changes::Never,
        examples: &[
            ("lifeboat journal show --since 2h", "What happened in the last two hours"),
            ("lifeboat journal verify", "Whether anything in it was changed or lost"),
        ],
    },
    Info {
        path: "journal show",
        group: Group::Record,
        changes: Changes::Never,
        examples: &[
            ("lifeboat journal show --subject postgres --since 1d", "All about a component since yesterday"),
            ("lifeboat journal show --follow --last 20", "What happens now"),
            ("lifeboat journal show --kind operation --actor alice --json", "One JSON line an event, for scripts"),
        ],
    },
    Info {
        path: "journal verify",
        group: Group::Record,
        changes: Changes::Never,
        examples: &[
            ("lifeboat journal verify", "Every link; ends with 3 if one is broken"),
            ("lifeboat journal verify --json > heads.json", "Where every chain ends, to be kept elsewhere"),
            ("lifeboat journal verify --heads heads.json", "Also whether all of that is still there"),
        ],
    },
    Info {
        path: "journal export",
        group: Group::Record,
        changes: Changes::Never,
        examples: &[
            ("lifeboat journal export --format json > journal.json", "Everything, as one JSON array"),
            ("lifeboat journal export --since 8h > incident.md", "A night as a Markdown table"),
        ],
    },
];

/// `lifeboat journal`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Show events, and follow as they happen
    Show(show::Args),
    /// Prove that nothing was changed or lost
    Verify(verify::Args),
    /// Print events as JSON or Markdown
    Export(export::Args),
}

impl Args {
    /// Does it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Show(arguments) => arguments.run(context),
            Verb::Verify(arguments) => arguments.run(context),
            Verb::Export(arguments) => arguments.run(context),
        }
    }
}

/// Which events.
#[derive(Debug, clap::Args)]
struct Choice {
    /// Not before this: an instant with its zone, or how long ago (2h)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<DateTime<Utc>>,
    /// Before this: an instant with its zone, or how long ago
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<DateTime<Utc>>,
    /// Of this kind, or of one below it: operation, operation.started
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// About this: a component, an operation, an incident
    #[arg(long, value_name = "SUBJECT")]
    subject: Vec<String>,
    /// By this user: a name or a number
    #[arg(long, value_name = "USER")]
    actor: Vec<String>,
}

impl Choice {
    fn filter(self) -> Filter {
        Filter { since: self.since, until: self.until, kinds: self.kind, subjects: self.subject, actors: self.actor }
    }
}

pub(super) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(ago) = text.parse::<Span>() {
        let ago = chrono::TimeDelta::from_std(ago.approx()).map_err(|error| error.to_string())?;
        return Ok(SystemClock.now() - ago);
    }
    instant::parse(text).map_err(|error| format!("{error}; or say how long ago, like 2h"))
}

/// Says what was found damaged.
fn tell(context: &Context, damage: &[String]) {
    for damage in damage {
        let damage = untrusted(damage, Shape::line(1_000));
        context.out().note(format!("{damage}; `lifeboat journal verify` shows it."));
    }
}

/// The directory of the journal in force. Without events there is none yet.
fn directory(context: &Context) -> Result<PathBuf, Failure> {
    let place = Place::of(&context.state()?.path)?;
    if !place.exists {
        let path = place.path.display();
        context.out().note(format!("There is no journal yet ({path}); it begins with the first action."));
    }
    Ok(place.path)
}
