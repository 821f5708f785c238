//! Whether a private key belongs to a certificate. The key is compared and forgotten.

use std::path::Path;

use rustls::InconsistentKeys;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use crate::reach::{Command, Output};
use crate::text::Redactor;

/// The word of the fact `key`, and why where it is not a good one.
pub fn compare(
    certificate: &CertificateDer<'static>,
    pem: &Zeroizing<Vec<u8>>,
    provider: &CryptoProvider,
) -> (&'static str, String) {
    let key = match PrivateKeyDer::from_pem_slice(pem) {
        Ok(key) => key,
        Err(_) if is_encrypted(pem) => return ("unreadable", "it is protected by a passphrase".to_owned()),
        Err(_) => return ("unreadable", "there is no private key in it".to_owned()),
    };
    let key = match provider.key_provider.load_private_key(key) {
        Ok(key) => key,
        Err(error) => return ("unreadable", error.to_string()),
    };
    match CertifiedKey::new(vec![certificate.clone()], key).keys_match() {
        Ok(()) => ("matches", String::new()),
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            ("different", "it belongs to another certificate".to_owned())
        }
        Err(error) => ("unreadable", error.to_string()),
    }
}

/// Asks for the public half of a key where it lies.
pub fn public_half(path: &Path) -> Command {
    let command = Command::new("openssl").args(["pkey", "-pubout", "-outform", "DER", "-passin", "pass:", "-in"]);
    command.arg(path).env("LC_ALL", "C")
}

/// The same from the answer to that.
pub fn compare_public(
    certificate: &CertificateDer<'static>,
    answer: &Output,
    redactor: &Redactor,
) -> (&'static str, String) {
    let said = answer.stderr.shown(redactor, 1_000);
    match answer.stdout.whole().filter(|_| answer.is_ok()) {
        Some(public) => match ParsedCertificate::try_from(certificate) {
            Ok(parsed) if parsed.subject_public_key_info().as_ref() == &*public => ("matches", String::new()),
            Ok(_) => ("different", "it belongs to another certificate".to_owned()),
            Err(error) => ("unreadable", error.to_string()),
        },
        None if said.contains("No such file") => ("missing", "it is not there".to_owned()),
        None => ("unreadable", said.lines().next().unwrap_or_default().to_owned()),
    }
}

fn is_encrypted(pem: &[u8]) -> bool {
    memchr::memmem::find(pem, b"ENCRYPTED").is_some()
}
