//! Why a log cannot be read.

use std::path::PathBuf;

use crate::reach::ReachError;
use crate::text::Explain;

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The plan names none.
    #[error("the plan does not say where the log of {component} is")]
    NoLog {
        /// Of which component.
        component: String,
    },
    /// A file here could not be read.
    #[error("log {path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What came is not what was asked for.
    #[error("log {name}: {why}")]
    Strange {
        /// Of which file or unit.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// The way to it failed, or the command that reads it.
    #[error("log: {0}")]
    Reach(#[from] ReachError),
}

impl LogError {
    /// Whether this user may not read it.
    pub(super) fn is_about_rights(&self) -> bool {
        matches!(self, LogError::File { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied)
    }
}

impl Explain for LogError {
    fn next_step(&self) -> String {
        match self {
            LogError::NoLog { component } => {
                format!("give component {component} a `log`: a path, \"journal:UNIT\" or \"container\"")
            }
            LogError::File { path, .. } => {
                format!("look whether it is there and may be read: ls -l {}", path.display())
            }
            LogError::Strange { .. } => "look at it where it lies".to_owned(),
            LogError::Reach(error) => error.next_step(),
        }
    }
}
