//! `lifeboat help`: the help of the program or of a verb.

use super::{Changes, Context, Failure, Group, Info, page};
use crate::text::Exit;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "help",
    group: Group::Program,
    changes: Changes::Never,
    examples: &[
        ("lifeboat help", "Every verb with its purpose"),
        ("lifeboat help paths", "The same as `lifeboat paths --help`"),
    ],
}];

/// `lifeboat help [VERB]...`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The verb, and the verb below it
    #[arg(value_name = "VERB")]
    verbs: Vec<String>,
}

impl Args {
    /// Prints the page that the verb's own `--help` prints.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let line = ["lifeboat".to_owned()].into_iter().chain(self.verbs).chain(["--help".to_owned()]);
        match page::command(context.globals().no_color).try_get_matches_from(line) {
            Ok(_) => Ok(Exit::Done),
            Err(page) => Err(page.into()),
        }
    }
}
