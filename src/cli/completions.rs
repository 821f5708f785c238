//! `lifeboat completions`: what the Tab key needs to know.

use clap_complete::Shell;

use super::{Changes, Context, Failure, Group, Info, page};
use crate::text::Exit;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "completions",
    group: Group::Program,
    changes: Changes::Never,
    examples: &[
        (
            "lifeboat completions bash > ~/.local/share/bash-completion/completions/lifeboat",
            "For bash, from the next login on",
        ),
        ("lifeboat completions fish > ~/.config/fish/completions/lifeboat.fish", "For fish"),
    ],
}];

/// `lifeboat completions SHELL`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The shell to print them for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Args {
    /// Prints them.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut page::command(true), "lifeboat", &mut script);
        context.out().bulk(|out| out.write_all(&script))?;
        Ok(Exit::Done)
    }
}
