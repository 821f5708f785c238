//! What every error of the program can tell its reader: what failed, and what to do next.

/// How the process ends; the numbers are a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Exit {
    /// Everything that was asked for was done.
    Done = 0,
    /// It was tried and failed.
    Failed = 1,
    /// The command line or the plan is wrong.
    Usage = 2,
    /// Something is degraded, down, unknown or beyond its objective.
    Attention = 3,
    /// A safety rule refused, or a confirmation was not given.
    Refused = 4,
    /// Nobody can tell (`wal fetch`): recovery must not go on as if the log ended here. Whatever is above 125 stops it.
    Unsure = 200,
    /// Interrupted by a signal.
    Interrupted = 130,
}

/// An error that knows the way out.
///
/// `Display` says what failed, where and why, in that order; [`Explain::next_step`] says what to do.
pub trait Explain: std::error::Error + Send + Sync + 'static {
    /// What the reader should do next, as one or two sentences or a command.
    fn next_step(&self) -> String;

    /// The exit code that this error ends the program with.
    fn exit(&self) -> Exit {
        Exit::Failed
    }
}
