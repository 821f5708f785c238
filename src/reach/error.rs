//! What can go wrong on the way to a place, each with the way out.

use std::path::PathBuf;
use std::time::Duration;

use super::outcome::Ending;
use super::ssh_trouble::SshTrouble;
use super::tag::Tag;
use crate::text::{Exit, Explain, Span};

/// Why a command could not be run, or did not do its work. What others said is harmless and without secrets.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// No system could run this.
    #[error("{command} cannot be run: {why}")]
    BadCommand {
        /// The command as a line.
        command: String,
        /// What is wrong with it.
        why: String,
    },
    /// The plan names no way, or several, to one place.
    #[error("the place {place} cannot be reached: {why}")]
    BadPlace {
        /// The place as the plan names it.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The program is not installed here.
    #[error("{program} is not installed here, or not in PATH")]
    NoProgram {
        /// Its name.
        program: String,
    },
    /// The system refused to start it.
    #[error("{program} could not be started here: {source}")]
    Spawn {
        /// Its name.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The host could not be reached or refused us.
    #[error("ssh {host}: {trouble}{}", quoted(said))]
    Ssh {
        /// The host as the plan names it.
        host: String,
        /// Which kind of trouble.
        trouble: SshTrouble,
        /// What ssh said.
        said: String,
    },
    /// The container engine does not answer, or refused.
    #[error("container {container}: {why}")]
    Docker {
        /// The container as the plan names it.
        container: String,
        /// What is wrong.
        why: String,
        /// What to do about it.
        next: &'static str,
    },
    /// The way was open, but our wrapper did not come up at its end.
    #[error("{place}: {command} was not started{}", quoted(said))]
    NotStarted {
        /// The place.
        place: String,
        /// The command as a line.
        command: String,
        /// What was said instead.
        said: String,
    },
    /// Nothing came back from the place in time, so nothing was run there.
    #[error("{place}: no answer within {}, nothing was run", Span::from(*after))]
    NoAnswer {
        /// The place.
        place: String,
        /// How long was waited.
        after: Duration,
    },
    /// It was called off before it was told to start: nothing was run.
    #[error("{place}: {command} was cancelled before it started")]
    Cancelled {
        /// The place.
        place: String,
        /// The command as a line.
        command: String,
    },
    /// It ran, and did not end well.
    #[error("{0}")]
    Failed(Box<Failure>),
    /// Processes of a tag could not be ended.
    #[error("{place}: the processes of {tag} are still there after TERM and KILL")]
    StillThere {
        /// The place.
        place: String,
        /// The tag they carry.
        tag: Tag,
    },
    /// There is no folder that could keep the sockets of shared connections private.
    #[error("ssh has no private folder for its shared connections: {refused}")]
    NoSockets {
        /// Which folders were tried, and what is wrong with each.
        refused: String,
        /// How many bytes the path of another may have.
        longest: usize,
    },
    /// Whether processes of a tag are still there cannot be seen.
    #[error("{place}: what still runs of {tag} cannot be seen: {why}")]
    Unseen {
        /// The place.
        place: String,
        /// The tag they would carry.
        tag: Tag,
        /// What hides them.
        why: &'static str,
    },
    /// Our own program could not be brought there.
    #[error("{place}: our program could not be brought there: {why}")]
    NotBrought {
        /// The place.
        place: String,
        /// What stands in the way.
        why: String,
        /// What to do about it.
        next: String,
    },
    /// A file of ours could not be used.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// A command that ran and did not end well.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{place}: {command} {ending}{}", quoted(said))]
pub struct Failure {
    /// The place.
    pub place: String,
    /// The command as a line.
    pub command: String,
    /// How it ended.
    pub ending: Ending,
    /// Its last words.
    pub said: String,
    /// By what it can be found, should it still run.
    pub tag: Tag,
}

fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": {said}") }
}

impl Explain for ReachError {
    fn next_step(&self) -> String {
        match self {
            ReachError::BadCommand { .. } => "Correct the command in the plan.".to_owned(),
            ReachError::BadPlace { .. } => {
                "Name exactly one way in the plan: { ssh = \"host\" }, { docker = \"container\" } or { prefix = [...] }."
                    .to_owned()
            }
            ReachError::NoProgram { program } => format!("Install {program}, or extend PATH for the user running this."),
            ReachError::Spawn { .. } => "Check the file's permissions and this machine's free memory.".to_owned(),
            ReachError::Ssh { host, trouble, .. } => trouble.next_step(host),
            ReachError::Docker { next, .. } => (*next).to_owned(),
            ReachError::NotStarted { place, .. } => {
                format!("The place {place} must have sh and env; run the command there by hand to see more.")
            }
            ReachError::NoAnswer { place, .. } => format!("Check that {place} is up and its network can be reached."),
            ReachError::Cancelled { .. } => "Nothing was done; start it again when you want it.".to_owned(),
            ReachError::Failed(failure) if !failure.ending.is_known() => {
                let Failure { place, tag, .. } = &**failure;
                format!("Check at {place} what was done before trying again; what still runs there carries {tag}.")
            }
            ReachError::Failed(_) => "Mend what the message names, then try again.".to_owned(),
            ReachError::StillThere { place, .. } => {
                format!("Look at {place} for processes in uninterruptible sleep: a hung disk or network file system.")
            }
            ReachError::NoSockets { longest, .. } => format!(
                "Set XDG_RUNTIME_DIR to a folder of this user with mode 700, whose path has at most {longest} bytes."
            ),
            ReachError::Unseen { place, .. } => {
                format!("Look at {place} by hand (`ps -ef`, as root) before trying again; finding needs Linux and grep.")
            }
            ReachError::NotBrought { next, .. } => next.clone(),
            ReachError::File { path, .. } => format!("Check that {} can be written by this user.", path.display()),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            ReachError::BadCommand { .. } | ReachError::BadPlace { .. } => Exit::Usage,
            ReachError::Cancelled { .. } => Exit::Interrupted,
            _ => Exit::Failed,
        }
    }
}
