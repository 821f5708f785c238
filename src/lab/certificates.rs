//! Certificates of a site: an authority of its own, and servers' certificates that run out at different times.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};

use super::context::Lab;
use super::servers::dns::ZONE;
use super::{LabError, Site, files};

/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// What is wrong with a certificate, if anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    /// It ran out a day ago.
    Expired,
    /// The key beside it belongs to another one.
    KeyOfAnother,
}

/// One certificate of a site: the host's name, and for how many days it is good.
pub(super) struct Wanted {
    pub(super) name: &'static str,
    pub(super) days: u32,
    pub(super) flaw: Flaw,
}

/// One for each thing that can be seen on a certificate.
pub(super) const WANTED: [Wanted; 5] = [
    Wanted { name: "app", days: 365, flaw: Flaw::None },
    Wanted { name: "api", days: 20, flaw: Flaw::None },
    Wanted { name: "hooks", days: 3, flaw: Flaw::None },
    Wanted { name: "legacy", days: 90, flaw: Flaw::Expired },
    Wanted { name: "metrics", days: 90, flaw: Flaw::KeyOfAnother },
];

fn failed(error: &rcgen::Error) -> LabError {
    LabError::Make { what: "a certificate", why: error.to_string() }
}

/// Makes the authority and the certificates of a site, unless they are there.
pub(super) fn prepare(lab: &Lab, site: Site, now: DateTime<Utc>) -> Result<(), LabError> {
    let folder = lab.layout.certificates(site);
    if lab.is_done(&format!("certificates of {site}")) {
        return Ok(());
    }
    files::make_folder(&folder, 0o750, lab.record.account.as_ref())?;
    let key = KeyPair::generate().map_err(|error| failed(&error))?;
    let mut params = CertificateParams::default();
    params.distinguished_name = named(&format!("Lifeboat lab {} {site}", lab.record.id));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    set_validity(&mut params, now, -1, 3650);
    let authority = params.self_signed(&key).map_err(|error| failed(&error))?;
    write(lab, &folder, "ca", &authority.pem(), &key.serialize_pem())?;
    for wanted in &WANTED {
        issue(lab, site, wanted, now)?;
    }
    lab.mark_done(&format!("certificates of {site}"))
}

/// Issues one certificate anew, in the place of the one that is there.
pub(super) fn issue(lab: &Lab, site: Site, wanted: &Wanted, now: DateTime<Utc>) -> Result<(), LabError> {
    let folder = lab.layout.certificates(site);
    let read = |name: &str| fs::read_to_string(folder.join(name)).map_err(LabError::file("read", folder.join(name)));
    let key = KeyPair::from_pem(&read("ca.key")?).map_err(|error| failed(&error))?;
    let mut authority = CertificateParams::default();
    authority.distinguished_name = named(&format!("Lifeboat lab {} {site}", lab.record.id));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = Issuer::new(authority, key);

    let host = format!("{}.{ZONE}", wanted.name);
    let names = vec![host.clone(), format!("{}.{site}.{ZONE}", wanted.name), lab.record.network.site(site).to_string()];
    let mut params = CertificateParams::new(names).map_err(|error| failed(&error))?;
    params.distinguished_name = named(&host);
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let days = i64::from(wanted.days);
    match wanted.flaw {
        Flaw::Expired => set_validity(&mut params, now, -1 - days, -1),
        _ => set_validity(&mut params, now, -1, days),
    }
    // A certificate that takes the place of another is for the same key.
    let leaf = match read(&format!("{}.key", wanted.name)) {
        Ok(pem) => KeyPair::from_pem(&pem),
        Err(_) => KeyPair::generate(),
    };
    let leaf = leaf.map_err(|error| failed(&error))?;
    let certificate = params.signed_by(&leaf, &issuer).map_err(|error| failed(&error))?;
    let beside = match wanted.flaw {
        Flaw::KeyOfAnother => KeyPair::generate().map_err(|error| failed(&error))?,
        _ => leaf,
    };
    write(lab, &folder, wanted.name, &certificate.pem(), &beside.serialize_pem())
}

fn named(name: &str) -> rcgen::DistinguishedName {
    let mut distinguished = rcgen::DistinguishedName::new();
    distinguished.push(DnType::OrganizationName, "Lifeboat lab");
    distinguished.push(DnType::CommonName, name);
    distinguished
}

// rcgen tells time with another library, whose name we need not know as long as we only fill its fields.
fn set_validity(params: &mut CertificateParams, now: DateTime<Utc>, from: i64, to: i64) {
    let after_1970 = |days: i64| {
        let seconds = now.timestamp().saturating_add(days.saturating_mul(DAY));
        Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
    };
    params.not_before = date_time_ymd(1970, 1, 1) + after_1970(from);
    params.not_after = date_time_ymd(1970, 1, 1) + after_1970(to);
}

fn write(lab: &Lab, folder: &Path, name: &str, certificate: &str, key: &str) -> Result<(), LabError> {
    let account = lab.record.account.as_ref();
    files::replace(&folder.join(format!("{name}.key")), key.as_bytes(), 0o600, account)?;
    files::replace(&folder.join(format!("{name}.pem")), certificate.as_bytes(), 0o640, account)
}
