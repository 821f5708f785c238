//! Authorities and certificates of a test's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// An authority that nobody else knows.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
    name: String,
}

/// A certificate with its key.
pub struct Issued {
    pub certificate: String,
    pub key: String,
}

/// For when a certificate is good.
#[derive(Clone, Copy)]
pub enum Good {
    /// From 2020 until 2080.
    Long,
    /// In 2020 only.
    Once,
    /// From 2080 on.
    Later,
    /// Until so many days from now.
    Days(i64),
}

impl Issued {
    /// One that is signed by its own key, and may call itself an authority.
    pub fn by_itself(names: &[&str], is_authority: bool) -> Issued {
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
        if is_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        Issued { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    }
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let params = Authority::params(name);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem, name: name.to_owned() }
    }

    fn params(name: &str) -> CertificateParams {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params
    }

    /// One between this authority and the servers.
    pub fn below(&self, name: &str) -> Authority {
        let key = KeyPair::generate().unwrap();
        let params = Authority::params(name);
        let pem = params.signed_by(&key, &self.issuer).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem, name: name.to_owned() }
    }

    pub fn issue(&self, names: &[&str], good: Good) -> Issued {
        let key = KeyPair::generate().unwrap();
        self.issue_for(&key, names, good)
    }

    pub fn issue_for(&self, key: &KeyPair, names: &[&str], good: Good) -> Issued {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let common = names.first().cloned().unwrap_or_else(|| self.name.clone());
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name.push(DnType::CommonName, common);
        let now = chrono::Utc::now();
        let days = |days: i64| {
            let at = (now + chrono::TimeDelta::days(days)).timestamp();
            date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(u64::try_from(at).unwrap())
        };
        (params.not_before, params.not_after) = match good {
            Good::Long => (date_time_ymd(2020, 1, 1), date_time_ymd(2080, 1, 1)),
            Good::Once => (date_time_ymd(2020, 1, 1), date_time_ymd(2020, 12, 31)),
            Good::Later => (date_time_ymd(2080, 1, 1), date_time_ymd(2081, 1, 1)),
            Good::Days(until) => (days(-1), days(until)),
        };
        let certificate = params.signed_by(key, &self.issuer).unwrap().pem();
        Issued { certificate, key: key.serialize_pem() }
    }

    /// The authority's certificate in a file.
    pub fn write(&self, folder: &Path) -> PathBuf {
        let path = folder.join(format!("{}.pem", self.name));
        std::fs::write(&path, &self.pem).unwrap();
        path
    }
}

impl Issued {
    /// How a server serves it, with what lies between it and its root.
    pub fn served_with(&self, between: &str) -> Arc<ServerConfig> {
        let pem = format!("{}{between}", self.certificate);
        let chain = CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect();
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        Arc::new(ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap())
    }

    pub fn served(&self) -> Arc<ServerConfig> {
        self.served_with("")
    }
}
