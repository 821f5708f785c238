//! What stands in a certificate, and how those of a chain hang together.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate};
use x509_parser::x509::X509Name;

/// How many certificates of a chain are looked at.
const LONGEST_CHAIN: usize = 20;
/// How many names of a certificate are looked at.
const MOST_NAMES: usize = 200;

/// What stands in a certificate. Texts are as they came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// The names it is good for.
    pub names: Vec<String>,
    /// Its serial number, in hexadecimal.
    pub serial: String,
    /// From when it is good.
    pub begins: DateTime<Utc>,
    /// Until when.
    pub ends: DateTime<Utc>,
    /// Whether it was signed with its own key, by its own word.
    pub own_issuer: bool,
    /// Whether it says where its issuer's certificate can be had: then there is one between it and the root.
    pub names_an_issuer: bool,
}

/// The certificates in a file, the server's own first.
pub fn from_pem(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).take(LONGEST_CHAIN).collect();
    match found {
        Ok(found) if found.is_empty() => Err("there is no certificate in it".to_owned()),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("it is no PEM: {error}")),
    }
}

/// What stands in one.
pub fn read(certificate: &CertificateDer<'_>) -> Result<Seen, String> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|error| format!("it cannot be read: {error}"))?;
    let validity = parsed.validity();
    let moment = |seconds| DateTime::from_timestamp(seconds, 0).ok_or("its dates are beyond any calendar");
    Ok(Seen {
        subject: common_name(parsed.subject()),
        issuer: common_name(parsed.issuer()),
        names: names(&parsed),
        serial: parsed.raw_serial_as_string(),
        begins: moment(validity.not_before.timestamp())?,
        ends: moment(validity.not_after.timestamp())?,
        own_issuer: parsed.subject().as_raw() == parsed.issuer().as_raw(),
        names_an_issuer: parsed
            .extensions()
            .iter()
            .any(|extension| matches!(extension.parsed_extension(), ParsedExtension::AuthorityInfoAccess(_))),
    })
}

/// Whether each certificate was issued by the next one, by their words.
pub fn hangs_together(chain: &[Seen]) -> bool {
    chain.windows(2).all(|pair| pair[0].issuer == pair[1].subject)
}

/// The name that people know it by, else all of it.
fn common_name(name: &X509Name<'_>) -> String {
    let common = name.iter_common_name().next().and_then(|name| name.as_str().ok());
    common.map_or_else(|| name.to_string(), str::to_owned)
}

fn names(parsed: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternative)) = parsed.subject_alternative_name() else { return Vec::new() };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some((*name).to_owned()),
        GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
        _ => None,
    };
    alternative.value.general_names.iter().filter_map(name).take(MOST_NAMES).collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}
