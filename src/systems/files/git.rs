//! What git says about the files of a component.

use std::path::Path;

use crate::plan::Place;
use crate::reach::{Command, Reach, ReachError};
use crate::systems::contact::Contact;

/// What git says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Git {
    /// They are not kept in it.
    None,
    /// They are, at this commit, and perhaps with changes that are not committed.
    Kept {
        /// The commit that they were last taken from.
        commit: Option<String>,
        /// Whether something was changed since.
        changed: bool,
    },
    /// It will not say.
    Silent(String),
}

/// Asks git at a place. Nothing is written, and no program that the repository names is run.
pub async fn state(path: &Path, place: &Place, with: &Contact<'_>) -> Result<Git, ReachError> {
    let reach = Reach::open(place, with.reach).await?;
    let status = reach.run(git(&["status", "--porcelain", "--", "."], path, with)).await?;
    if !status.is_ok() {
        let said = status.stderr.shown(&with.reach.redactor, 300);
        if said.contains("not a git repository") {
            return Ok(Git::None);
        }
        return Ok(Git::Silent(match said.lines().next() {
            Some(line) => line.to_owned(),
            None => status.ok().err().map(|error| error.to_string()).unwrap_or_default(),
        }));
    }
    let head = reach.run(git(&["rev-parse", "--short=12", "HEAD"], path, with)).await?;
    let commit = head.is_ok().then(|| String::from_utf8_lossy(&head.stdout.end()).trim().to_owned());
    Ok(Git::Kept { commit, changed: status.stdout.total() > 0 })
}

/// One more question to git; nothing where it has no answer.
pub async fn ask(
    question: &[&str],
    path: &Path,
    place: &Place,
    with: &Contact<'_>,
) -> Result<Option<String>, ReachError> {
    let answer = Reach::open(place, with.reach).await?.run(git(question, path, with)).await?;
    Ok(answer.is_ok().then(|| String::from_utf8_lossy(&answer.stdout.end()).trim().to_owned()))
}

fn git(arguments: &[&str], path: &Path, with: &Contact<'_>) -> Command {
    let quiet = ["--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-C"];
    let command = Command::new("git").args(quiet).arg(path).args(arguments.iter().copied());
    command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").keep(64 * 1024).cancelled_by(with.stop.clone())
}
