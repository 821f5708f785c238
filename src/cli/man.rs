//! `lifeboat man`: the manual, as one page or as a page per verb.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Command;

use super::{Changes, Context, Failure, Group, Info, Output, manual, page, verbs};
use crate::text::{Exit, Explain};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "man",
    group: Group::Program,
    changes: Changes::With(&["dir"]),
    examples: &[
        ("lifeboat man | man -l -", "Read the manual"),
        ("lifeboat man --dir ~/.local/share/man/man1", "Install a page per verb: `man lifeboat-paths`"),
    ],
}];

const HOW_TO_READ: &str = "\
The manual is written for `man`. Read it with
  lifeboat man | man -l -
or install a page per verb and read them with `man lifeboat`:
  lifeboat man --dir ~/.local/share/man/man1";

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
            if context.out().is_terminal() {
                // As it is, nobody can read it: it is written for `man`.
                context.out().line(HOW_TO_READ)?;
                return Ok(Exit::Done);
            }
            return context.out().bulk(|out| manual::whole(&command, out)).map(|()| Exit::Done);
        };
        let not_written = |path: &Path| {
            let path = path.to_owned();
            move |source| NotWritten { path, source }
        };
        fs::create_dir_all(&dir).map_err(not_written(&dir))?;
        let mut written = Vec::new();
        for (name, page) in pages(&command) {
            let path = dir.join(name);
            page.and_then(|page| fs::write(&path, page)).map_err(not_written(&path))?;
            written.push(path);
        }
        if context.out().is_json() {
            context.out().json(&written.iter().map(|path| path.display().to_string()).collect::<Vec<_>>())?;
        } else {
            context.out().note(format!("{} pages written to {}", written.len(), Output::safe(dir.display())));
        }
        Ok(Exit::Done)
    }
}

/// The page of the program and one for every verb, each with the name of its file.
fn pages(command: &Command) -> impl Iterator<Item = (String, io::Result<Vec<u8>>)> + '_ {
    let into = |render: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
        let mut page = Vec::new();
        render(&mut page).map(|()| page)
    };
    let whole = ("lifeboat.1".to_owned(), into(&|out| manual::whole(command, out)));
    let each = verbs::all().map(move |info| {
        let name = format!("lifeboat-{}.1", info.path.replace(' ', "-"));
        (name, into(&|out| manual::of_verb(command, info, out)))
    });
    std::iter::once(whole).chain(each)
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
