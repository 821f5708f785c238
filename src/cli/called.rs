//! The verb that was called, and what follows from which one it is.

use super::Failure;
use crate::text::{Exit, Explain};

/// The verb that was called.
#[derive(Debug)]
pub struct Called {
    /// Its name; below another verb with that one's before it: `lab up`.
    pub path: String,
    /// Whether it changes anything, called like this.
    pub changes: bool,
}

impl Called {
    /// Refuses what changes something where only looking is allowed.
    pub fn permit(&self, read_only: bool) -> Result<(), Failure> {
        if read_only && self.changes { Err(ReadOnly(self.path.clone()).into()) } else { Ok(()) }
    }

    /// Whether it works on the lab, whatever plan is in force.
    pub fn is_about_the_lab(&self) -> bool {
        self.first() == "lab"
    }

    /// Whether it needs neither plan nor state, or has a log of its own: the console begins it after its first picture,
    /// and a server writes down what is told it when it hands over its log.
    pub fn keeps_no_log(&self) -> bool {
        matches!(self.first(), "help" | "man" | "completions" | "console" | "there")
            || matches!(self.path.as_str(), "plan schema" | "lab serve" | "wal push" | "wal fetch")
    }

    fn first(&self) -> &str {
        self.path.split(' ').next().unwrap_or_default()
    }
}

/// `--read-only` met a verb that changes something.
#[derive(Debug, thiserror::Error)]
#[error("`lifeboat {0}` changes something, and --read-only allows looking only; nothing was done")]
struct ReadOnly(String);

impl Explain for ReadOnly {
    fn next_step(&self) -> String {
        "If you mean it, say the same without --read-only.".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Refused
    }
}
