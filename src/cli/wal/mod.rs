//! `lifeboat wal`: takes the log of a database as its server writes it, and gives it back.

mod bring;
mod fetch;
mod push;

use super::{Changes, Context, Failure, Group, Info};
use crate::text::Exit;

/// The registry's entries.
pub const VERBS: &[Info] = &[
    Info {
        path: "wal",
        group: Group::Platform,
        changes: Changes::Never,
        examples: &[
            ("lifeboat wal push %p", "What PostgreSQL runs as archive_command"),
            ("lifeboat wal fetch %f %p", "What it runs as restore_command"),
        ],
    },
    Info {
        path: "wal push",
        group: Group::Platform,
        changes: Changes::Always,
        examples: &[
            ("lifeboat wal push %p", "In postgresql.conf: archive_command = 'lifeboat --plan PLAN wal push %p'"),
            ("lifeboat wal push --of orders %p", "Where the plan keeps the logs of several"),
        ],
    },
    Info {
        path: "wal fetch",
        group: Group::Platform,
        changes: Changes::Always,
        examples: &[
            (
                "lifeboat wal fetch %f %p",
                "In postgresql.conf: restore_command = 'lifeboat --plan PLAN wal fetch %f %p'",
            ),
            ("lifeboat wal fetch --in offsite 000000010000000000000001 segment", "One segment, out of one store"),
        ],
    },
    Info {
        path: "wal bring",
        group: Group::Platform,
        changes: Changes::Always,
        examples: &[
            ("lifeboat wal bring", "After a store was away: bring what it missed (its job and `watch` do so too)"),
            ("lifeboat wal bring --of orders", "Where the plan keeps the logs of several"),
        ],
    },
];

/// `lifeboat wal`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Keep what the server hands over, in every store of its job
    Push(push::Args),
    /// Give it back to a server that is being restored, or follows
    Fetch(fetch::Args),
    /// Bring to each store what it has missed and another has
    Bring(bring::Args),
}

impl Args {
    /// Does it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Push(arguments) => arguments.run(context),
            Verb::Fetch(arguments) => arguments.run(context),
            Verb::Bring(arguments) => arguments.run(context),
        }
    }
}
