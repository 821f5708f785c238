//! `lifeboat plan`: look at the recovery plan, check it, begin one.

mod check;
mod new;
mod schema;
mod show;

use super::{Changes, Context, Failure, Group, Info};
use crate::text::Exit;

/// The registry's entries.
pub const VERBS: &[Info] = &[
    Info {
        path: "plan",
        group: Group::Plan,
        changes: Changes::Never,
        examples: &[
            ("lifeboat plan check", "Everything that is wrong with the plan in force"),
            ("lifeboat plan show --runbook > runbook.txt", "Every procedure on paper"),
        ],
    },
    Info {
        path: "plan check",
        group: Group::Plan,
        changes: Changes::Never,
        examples: &[
            ("lifeboat plan check", "Mistakes and objectives that do not hold"),
            ("lifeboat --plan ./plan.toml plan check --strict", "In a pipeline: warnings fail too"),
            ("lifeboat plan check --json", "For scripts: each finding with its rule, file and line"),
        ],
    },
    Info {
        path: "plan show",
        group: Group::Plan,
        changes: Changes::Never,
        examples: &[
            ("lifeboat plan show", "Objectives, protections, procedures"),
            ("lifeboat plan show --runbook | lpr", "Every procedure as a page"),
            ("lifeboat plan show --json", "The complete plan, for scripts"),
        ],
    },
    Info {
        path: "plan new",
        group: Group::Plan,
        changes: Changes::Always,
        examples: &[
            ("lifeboat plan new", "A commented beginning in the configuration folder"),
            ("lifeboat plan new --from agent-framework ./plan.toml", "A shipped plan to change"),
        ],
    },
    Info {
        path: "plan schema",
        group: Group::Plan,
        changes: Changes::Never,
        examples: &[
            ("lifeboat plan schema > plan.schema.json", "For editors that complete and check"),
            ("lifeboat plan schema | less", "Every key with its meaning"),
        ],
    },
];

/// `lifeboat plan`
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// Find mistakes, and objectives that do not hold
    Check(check::Args),
    /// Show objectives, protections and procedures
    Show(show::Args),
    /// Begin a plan
    New(new::Args),
    /// Print the JSON Schema of plans
    Schema,
}

impl Args {
    /// Does it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self.verb {
            Verb::Check(arguments) => arguments.run(context),
            Verb::Show(arguments) => arguments.run(context),
            Verb::New(arguments) => arguments.run(context),
            Verb::Schema => schema::print(context),
        }
    }
}
