//! Why a secret could not be fetched, and what to do about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ReachError;
use super::quote;
use super::resolve::LONGEST;
use super::secret::TooShort;
use crate::plan::SecretRef;
use crate::text::{Explain, Span};

/// Why a secret could not be fetched. Never holds the value.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set, or is empty.
    #[error("{reference}: this variable is not set")]
    NoVariable {
        /// The reference.
        reference: SecretRef,
    },
    /// The file could not be read.
    #[error("secret file {path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: Arc<std::io::Error>,
    },
    /// Others than its owner may read the file.
    #[error("secret file {path}: others may read it (mode {mode:04o})", path = path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Somebody else could change the file.
    #[error("secret file {path}: it belongs to user {owner}, neither to root nor to this user", path = path.display())]
    Owner {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
    },
    /// It is a folder, a device or a pipe.
    #[error("secret file {path}: it is no regular file", path = path.display())]
    NoFile {
        /// Which file.
        path: PathBuf,
    },
    /// The value is too long to be a secret.
    #[error("{reference}: the value is longer than {LONGEST} bytes")]
    TooLong {
        /// The reference.
        reference: SecretRef,
    },
    /// The value is too short to be kept out of logs.
    #[error("{reference}: {source}")]
    TooShort {
        /// The reference.
        reference: SecretRef,
        /// How short.
        source: TooShort,
    },
    /// The program has not come to its end. Whoever is asked with the secret has no part in that.
    #[error("the program for a secret has not ended within {within}: {command}")]
    Late {
        /// The program with its arguments.
        command: String,
        /// How long was waited.
        within: Span,
    },
    /// The program did not tell it.
    #[error("the program for a secret failed: {0}")]
    Command(Arc<ReachError>),
}

impl Explain for SecretError {
    fn next_step(&self) -> String {
        let word = |path: &Path| String::from_utf8_lossy(&quote(path)).into_owned();
        match self {
            SecretError::NoVariable { reference } => {
                let name = reference.to_string();
                format!("Set the variable {} for this program, or refer to a file.", name.trim_start_matches("env:"))
            }
            SecretError::File { path, source } if source.kind() == std::io::ErrorKind::NotFound => {
                format!("Write the secret to {} and run chmod 600 {0}, or correct the plan.", word(path))
            }
            SecretError::File { path, .. } => format!("Check who may read it: ls -l {}", word(path)),
            SecretError::Open { path, .. } => format!("chmod 600 {}", word(path)),
            SecretError::Owner { path, .. } => format!("chown root {}, or to the user who runs this.", word(path)),
            SecretError::NoFile { .. } => "Name a regular file in the plan.".to_owned(),
            SecretError::TooLong { .. } => "Check that the reference names a secret, not some other file.".to_owned(),
            SecretError::TooShort { .. } => "Use a longer secret; 20 random characters are a good length.".to_owned(),
            SecretError::Late { command, .. } => {
                format!("Run it by hand and see what it waits for, perhaps for an answer on a terminal: {command}")
            }
            SecretError::Command(error) => error.next_step(),
        }
    }
}
