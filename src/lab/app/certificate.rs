//! The certificate that is served: read again when the file changes, the last good one kept when the new
//! one is of no use.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{AppError, Tls};

/// What tells a file from what it was before.
type Seen = (SystemTime, u64);

/// A certificate that follows its file.
pub(super) struct Certificate {
    tls: Tls,
    held: Mutex<(Option<Seen>, Arc<ServerConfig>)>,
}

impl Certificate {
    /// Reads it for the first time.
    pub(super) fn open(tls: Tls) -> Result<Certificate, AppError> {
        let config = read(&tls)?;
        Ok(Certificate { held: Mutex::new((changed(&tls.certificate), Arc::new(config))), tls })
    }

    /// What the next connection is to be served with, and why it is not what lies in the file.
    pub(super) fn current(&self) -> (Arc<ServerConfig>, Option<AppError>) {
        let changed = changed(&self.tls.certificate);
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.0 == changed {
            return (Arc::clone(&held.1), None);
        }
        held.0 = changed;
        let trouble = match read(&self.tls) {
            Ok(config) => {
                held.1 = Arc::new(config);
                None
            }
            Err(error) => Some(error),
        };
        (Arc::clone(&held.1), trouble)
    }
}

fn changed(path: &Path) -> Option<Seen> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn read(tls: &Tls) -> Result<ServerConfig, AppError> {
    let useless = |why: String| AppError::Certificate { path: tls.certificate.clone(), why };
    let chain = CertificateDer::pem_file_iter(&tls.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| useless(error.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&tls.key).map_err(|error| useless(format!("its key: {error}")))?;
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| useless(error.to_string()))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| useless(error.to_string()))
}
