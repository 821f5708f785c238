//! The certificates that this machine trusts, and authorities that the plan trusts besides. Reading them takes as
//! long as many an answer, so that it is done once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;
use std::{fmt, io};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;
use tokio::sync::OnceCell;

use crate::plan::regular;

/// All authorities of the world together are a tenth of it.
const LARGEST: usize = 4 << 20;

/// Who judges a certificate.
pub type Judge = Arc<dyn ServerCertVerifier>;

/// A file of authorities, and when it was written: a new one is read anew.
type File = Option<(PathBuf, Option<SystemTime>)>;

static JUDGES: LazyLock<Mutex<HashMap<File, Arc<OnceCell<Judge>>>>> = LazyLock::new(Mutex::default);

/// How to speak TLS with whoever this judge accepts. No session is resumed: a server then shows no certificate.
pub fn config(judge: Judge) -> ClientConfig {
    let mut config = ClientConfig::builder().dangerous().with_custom_certificate_verifier(judge).with_no_client_auth();
    config.resumption = Resumption::disabled();
    config
}

/// Judges by the authorities of this machine, and by those in the file at `ca`.
pub async fn judge(ca: Option<&Path>) -> io::Result<Judge> {
    let file = match ca {
        Some(path) => Some((path.to_owned(), tokio::fs::metadata(path).await.and_then(|meta| meta.modified()).ok())),
        None => None,
    };
    let cell = {
        let mut judges = JUDGES.lock().unwrap_or_else(PoisonError::into_inner);
        judges.retain(|known, _| *known == file || known.as_ref().map(|(path, _)| path.as_path()) != ca);
        Arc::clone(judges.entry(file).or_default())
    };
    let ca = ca.map(Path::to_owned);
    let read = || async { tokio::task::spawn_blocking(move || read(ca.as_deref())).await? };
    cell.get_or_try_init(read).await.cloned()
}

/// Judges by the authorities of this machine. They take more memory than all else that is known of a platform, and are
/// read when the first certificate is shown.
fn of_this_machine() -> Judge {
    let known: OnceLock<Option<Verifier>> = OnceLock::new();
    judged_by(move |shown| match known.get_or_init(|| Verifier::new(provider()).ok()) {
        Some(verifier) => shown.to(verifier),
        // A machine without any authority can still speak to whoever needs none.
        None => Err(CertificateError::UnknownIssuer.into()),
    })
}

fn read(ca: Option<&Path>) -> io::Result<Judge> {
    let Some(path) = ca else { return Ok(of_this_machine()) };
    let wrong = |error: &dyn fmt::Display| io::Error::other(format!("authority {}: {error}", path.display()));
    let pem = regular::read(path, LARGEST).map_err(|error| wrong(&error))?;
    let authorities: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let authorities = authorities.map_err(|error| wrong(&error))?;
    if authorities.is_empty() {
        return Err(wrong(&"there is no certificate in it"));
    }
    let verifier = Verifier::new_with_extra_roots(authorities.clone(), provider()).map_err(|error| wrong(&error))?;
    Ok(judged_by(move |shown| named(&verifier, &authorities, shown)))
}

/// The one library of cryptography.
pub fn provider() -> Arc<CryptoProvider> {
    let usual = || Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    CryptoProvider::get_default().map_or_else(usual, Arc::clone)
}

/// Trusts what the verifier trusts, and a server that shows one of these very certificates: whoever signs for itself
/// is often its own authority, which no verifier takes for a server.
fn named(verifier: &Verifier, certificates: &[CertificateDer<'_>], shown: &Shown<'_>) -> Result<(), Error> {
    match shown.to(verifier) {
        // Its dates were looked at before.
        Err(Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_)))
            if certificates.iter().any(|named| named == shown.own) =>
        {
            verify_server_name(&ParsedCertificate::try_from(shown.own)?, shown.name)
        }
        verdict => verdict,
    }
}

/// What is wrong with a certificate, in words for people: the library's own are those of its source.
pub fn flaw_words(flaw: &CertificateError) -> &'static str {
    match flaw {
        CertificateError::BadEncoding => "it cannot be read",
        CertificateError::BadSignature => "its signature does not fit",
        CertificateError::Revoked => "it was revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is meant for something else than a server"
        }
        CertificateError::UnhandledCriticalExtension => "it has an extension that nobody here knows",
        CertificateError::Other(why) if format!("{why:?}").contains("CaUsedAsEndEntity") => {
            "it is the certificate of an authority, and not of a server"
        }
        CertificateError::Other(why) if format!("{why:?}").contains("UnsupportedCertVersion") => {
            "it is of an old version"
        }
        _ => "clients refuse it",
    }
}

/// What a server shows of itself.
pub struct Shown<'a> {
    /// Its own certificate.
    pub own: &'a CertificateDer<'a>,
    /// Those between its own and an authority.
    pub between: &'a [CertificateDer<'a>],
    name: &'a ServerName<'a>,
    ocsp: &'a [u8],
    now: UnixTime,
}

impl Shown<'_> {
    /// What a verifier says of it.
    fn to(&self, verifier: &Verifier) -> Result<(), Error> {
        verifier.verify_server_cert(self.own, self.between, self.name, self.ocsp, self.now).map(|_| ())
    }
}

/// Judges what is shown in this way. In every way whoever shows a certificate must have its key.
pub fn judged_by(judge: impl Fn(&Shown<'_>) -> Result<(), Error> + Send + Sync + 'static) -> Judge {
    Arc::new(Own { judge, algorithms: provider().signature_verification_algorithms })
}

struct Own<F> {
    judge: F,
    algorithms: WebPkiSupportedAlgorithms,
}

impl<F> fmt::Debug for Own<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Own").finish_non_exhaustive()
    }
}

impl<F: Fn(&Shown<'_>) -> Result<(), Error> + Send + Sync> ServerCertVerifier for Own<F> {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        (self.judge)(&Shown { own, between, name, ocsp, now })?;
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
