//! Why the application cannot start.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::text::Explain;

/// Why the application cannot start. What goes wrong later is answered and logged.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The log cannot be written.
    #[error("cannot write the log {path}: {source}", path = path.display())]
    Log {
        /// The log.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The certificate and its key are of no use.
    #[error("cannot serve with the certificate {path}: {why}", path = path.display())]
    Certificate {
        /// The certificate.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

impl Explain for AppError {
    fn next_step(&self) -> String {
        match self {
            AppError::Listen { .. } => "Choose another address, or end what listens there.".to_owned(),
            AppError::Log { .. } => "Look at the owner and the permissions of that path.".to_owned(),
            AppError::Certificate { .. } => "Put a certificate and its key in PEM there.".to_owned(),
        }
    }
}
