//! How a command ended, as far as that can be known, and what it said.

use std::fmt;
use std::time::Duration;

use super::capture::Captured;
use super::error::{Failure, ReachError};
use super::tag::Tag;
use crate::text::{Redactor, Span};

/// How a command ended. Only the first two are its own word; after the others its effect is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It came to its end with this code.
    Exited(i32),
    /// A signal ended it. At a far place this is the shell's word, which gives 128 and the signal.
    Signalled(i32),
    /// It did not finish in time and was ended.
    Deadline {
        /// How long it was given.
        after: Duration,
        /// Whether it is really gone.
        end: FarEnd,
    },
    /// Somebody called it off.
    Cancelled {
        /// Whether it is really gone.
        end: FarEnd,
    },
    /// What it was to read could not be read to the end, so it was ended.
    InputFailed {
        /// Why the input failed.
        why: String,
        /// Whether it is really gone.
        end: FarEnd,
    },
    /// The connection broke. It may still run, and it may have done its work.
    Lost,
}

/// What is known about a command that was told to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FarEnd {
    /// It was looked for and is gone.
    Gone,
    /// It may still run, for this reason.
    Unknown(String),
}

/// A process at a place. The start time (in ticks since that machine's boot) tells it from a later one
/// with the same number.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProcessId {
    /// Its number at its place.
    pub pid: u32,
    /// When it was started; 0 where the place does not tell.
    pub started: u64,
}

/// A process that still carries a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundProcess {
    /// Which one.
    pub id: ProcessId,
    /// The short name its system gives it.
    pub name: String,
}

/// What became of the processes of a tag that were told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// None was there any more.
    NothingThere,
    /// All went when they were asked to.
    Asked,
    /// Some had to be killed; none is left.
    Killed,
}

/// A command that is over: how it ended and what it said.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub ending: Ending,
    /// Its standard output, unless that was taken as a stream.
    pub stdout: Captured,
    /// Its error output.
    pub stderr: Captured,
    /// The process it ran as.
    pub process: ProcessId,
    /// By what it can be found, should it still run.
    pub tag: Tag,
    /// How long it took.
    pub took: Duration,
    /// Why the file with the whole output is not whole, if it is not.
    pub file_trouble: Option<String>,
    pub(super) place: String,
    pub(super) line: String,
    pub(super) redactor: Redactor,
}

impl Output {
    /// Whether it came to its end with code 0.
    pub fn is_ok(&self) -> bool {
        self.ending == Ending::Exited(0)
    }

    /// This output if it ended with code 0, else an error with its last words.
    pub fn ok(self) -> Result<Output, ReachError> {
        if self.is_ok() {
            return Ok(self);
        }
        Err(ReachError::Failed(Box::new(Failure {
            place: self.place,
            command: self.redactor.redact(&self.line).into_owned(),
            said: self.stderr.last_words(&self.redactor),
            ending: self.ending,
            tag: self.tag,
        })))
    }
}

impl Ending {
    /// Whether the command itself came to an end. If not, its effect is unknown, not absent.
    pub fn is_known(&self) -> bool {
        matches!(self, Ending::Exited(_) | Ending::Signalled(_))
    }

    /// Reads the code that a shell gives: 128 and a number stand for a signal.
    pub(super) fn from_shell(code: i32) -> Ending {
        match code {
            129..=192 => Ending::Signalled(code - 128),
            code => Ending::Exited(code),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Exited(0) => f.write_str("finished"),
            Ending::Exited(code @ (126 | 127)) => {
                write!(f, "failed with exit code {code} (the program is missing there or cannot be run)")
            }
            Ending::Exited(code) => write!(f, "failed with exit code {code}"),
            Ending::Signalled(signal) => match signal_name(*signal) {
                Some(name) => write!(f, "was ended by signal {signal} ({name})"),
                None => write!(f, "was ended by signal {signal}"),
            },
            Ending::Deadline { after, end } => {
                write!(f, "did not finish within {}, {end}", Span::from(*after))
            }
            Ending::Cancelled { end } => write!(f, "was cancelled, {end}"),
            Ending::InputFailed { why, end } => write!(f, "could not be given its whole input ({why}), {end}"),
            Ending::Lost => f.write_str("lost its connection: whether it ran to its end is unknown"),
        }
    }
}

impl fmt::Display for FarEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FarEnd::Gone => f.write_str("and is gone; what it had done until then is unknown"),
            FarEnd::Unknown(why) => write!(f, "and may still run: {why}"),
        }
    }
}

fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "HUP",
        2 => "INT",
        3 => "QUIT",
        6 => "ABRT",
        9 => "KILL",
        11 => "SEGV",
        13 => "PIPE",
        15 => "TERM",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_and_unknown_are_told_apart() {
        assert_eq!(Ending::Exited(3).to_string(), "failed with exit code 3");
        assert_eq!(Ending::from_shell(137).to_string(), "was ended by signal 9 (KILL)");
        assert_eq!(Ending::from_shell(255), Ending::Exited(255));
        assert!(Ending::Lost.to_string().contains("unknown") && !Ending::Lost.is_known());
        let late = Ending::Deadline { after: Duration::from_secs(90), end: FarEnd::Gone };
        assert_eq!(
            late.to_string(),
            "did not finish within 1min 30s, and is gone; what it had done until then is unknown"
        );
    }
}
