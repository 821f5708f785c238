//! How the application of one site is started.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::lab::world::Servers;

/// The application of one site, as the lab starts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Which of the applications of its site it is, which it names in its answers.
    pub name: String,
    /// The site it runs at, which it names in its answers.
    pub site: String,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The servers it uses.
    pub servers: Servers,
    /// The file it writes its log to, one JSON object a line.
    pub log: PathBuf,
    /// Served over HTTPS with this certificate; plain HTTP without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}

/// A certificate to serve with, read again whenever the file changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain in PEM, the leaf first.
    pub certificate: PathBuf,
    /// Its private key in PEM.
    pub key: PathBuf,
}
