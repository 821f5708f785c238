//! `lifeboat man`: the manual, as one page or as a page per verb.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;

use super::{Changes, Context, Failure, Group, Info, page};
use crate::text::{Exit, Explain};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "man",
    group: Group::Program,
    changes: Changes::With("dir"),
    examples: &[
        ("lifeboat man | man -l -", "Read the manual"),
        ("lifeboat man --dir ~/.local/share/man/man1", "Install a page per verb: `man lifeboat-paths`"),
    ],
}];

/// `lifeboat man [--dir DIR]`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write a page per verb into this folder instead
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

impl Args {
    /// Prints or writes it.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut command = page::command(true);
        command.build();
        let Some(dir) = self.dir else {
            return context.out().bulk(|out| whole(&command, out)).map(|()| Exit::Done);
        };
        fs::create_dir_all(&dir).map_err(|source| NotWritten { path: dir.clone(), source })?;
        let mut written = Vec::new();
        each(&command, &dir, &mut written)?;
        if context.out().is_json() {
            context.out().json(&written)?;
        } else {
            context.out().note(format!("{} pages written to {}", written.len(), dir.display()));
        }
        Ok(Exit::Done)
    }
}

fn whole(command: &Command, out: &mut dyn io::Write) -> io::Result<()> {
    Man::new(command.clone()).render(&mut &mut *out)
}

fn each(command: &Command, dir: &Path, written: &mut Vec<PathBuf>) -> Result<(), NotWritten> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let path = dir.join(format!("{name}.1"));
    let mut page = Vec::new();
    let rendered = Man::new(command.clone().name(name)).render(&mut page);
    rendered.and_then(|()| fs::write(&path, &page)).map_err(|source| NotWritten { path: path.clone(), source })?;
    written.push(path);
    command.get_subcommands().try_for_each(|verb| each(verb, dir, written))
}

/// A page could not be written.
#[derive(Debug, thiserror::Error)]
#[error("the page {} could not be written: {source}", path.display())]
struct NotWritten {
    path: PathBuf,
    source: io::Error,
}

impl Explain for NotWritten {
    fn next_step(&self) -> String {
        "Name a folder you may write to, or print the whole manual with `lifeboat man`.".to_owned()
    }
}
