//! What is asked of a folder elsewhere, and what it answers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::vault::media::trouble::MediaError;

/// A question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    /// It is about this folder from now on, and about what is mounted there.
    Open {
        folder: PathBuf,
        #[serde(default)]
        mount: Option<PathBuf>,
    },
    /// Is there such a file?
    Has { key: String },
    /// A small file; what it says follows the answer, if there is one.
    Get { key: String, at_most: u64 },
    /// A file; its bytes follow the answer.
    Read { key: String },
    /// What follows is a file without a name.
    Write { key: String },
    /// The file that was written last gets its name.
    Publish,
    /// What follows is a small file.
    Put { key: String, only_new: bool },
    /// Remove a file.
    Remove { key: String },
    /// Every file; the list follows the answer.
    List,
    /// What the notes beside recovery points say; they follow the answer.
    Notes,
}

/// An answer.
pub type Answer = Result<Reply, MediaError>;

/// A good answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// It is done.
    Done,
    /// There is such a file.
    Yes,
    /// There is none.
    No,
    /// It comes now.
    Follows,
}
