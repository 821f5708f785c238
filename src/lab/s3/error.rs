//! Why an endpoint cannot start or go on; what a client is told is in `answer`.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::text::Explain;

/// Why the endpoint cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum S3Error {
    /// A file or folder of the endpoint could not be used.
    #[error("cannot {what} {path}: {source}", path = path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// On which path.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A file of the endpoint does not hold what it should.
    #[error("{path} is damaged: {why}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// Another process serves this folder.
    #[error("{path} is served by another process", path = path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The secret of the user could not be read.
    #[error("cannot learn the secret of the endpoint's user: {0}")]
    Secret(#[from] crate::lab::password::PasswordError),
}

impl S3Error {
    /// For `map_err` after an operation on `path`.
    pub(super) fn file(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> S3Error {
        let path = path.into();
        move |source| S3Error::File { what, path, source }
    }
}

impl Explain for S3Error {
    fn next_step(&self) -> String {
        match self {
            S3Error::File { .. } => "Look at the owner, the permissions and the free space of that path.".to_owned(),
            S3Error::Damaged { path, .. } => {
                format!("Remove {} (what it describes is lost) or make the lab anew.", path.display())
            }
            S3Error::Busy { .. } => "End the other endpoint first: lifeboat lab down.".to_owned(),
            S3Error::Listen { .. } => "Choose another address, or end what listens there.".to_owned(),
            S3Error::Secret(_) => "Make the file readable for its owner alone: chmod 600.".to_owned(),
        }
    }
}
