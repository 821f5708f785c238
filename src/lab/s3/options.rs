//! How one endpoint is started, and what can be changed while it runs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::S3Error;
use crate::text::{Size, Span};

/// One endpoint of one region, as the lab starts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The folder that holds every byte of the endpoint; made if it is not there.
    pub directory: PathBuf,
    /// Where it listens.
    pub listen: SocketAddr,
    /// The region its new buckets belong to: `us-east-1`.
    pub region: String,
    /// The name of the one user.
    pub access_key: String,
    /// The file with the secret of the one user; nobody else may read it.
    pub secret_file: PathBuf,
    /// Buckets that exist from the first start on.
    #[serde(default)]
    pub buckets: Vec<BucketOptions>,
    /// Endpoints of other regions, which hold the buckets that replication goes to.
    #[serde(default)]
    pub peers: Vec<Peer>,
}

/// A bucket that exists from the first start on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketOptions {
    /// Its name, by the rules of AWS.
    pub name: String,
    /// Whether it keeps every version of an object.
    #[serde(default)]
    pub versioned: bool,
    /// The bucket of a peer that everything written here is copied to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicate_to: Option<String>,
}

/// A bucket elsewhere, and the way to it; the same user is known there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its name.
    pub bucket: String,
    /// The endpoint that serves it: `http://127.0.0.2:9000`.
    pub endpoint: String,
    /// The region of that endpoint.
    pub region: String,
}

/// What can be changed while the endpoint runs: it reads this file again whenever it has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How much may lie in all buckets together; beyond it the store is full.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quota: Option<Size>,
    /// How long an object of an archive class takes to thaw once `RestoreObject` asked for it.
    pub thaw: Span,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { quota: None, thaw: Span::from_hours(4) }
    }
}

impl Settings {
    /// The file of the settings of the endpoint in `directory`.
    pub fn path(directory: &Path) -> PathBuf {
        directory.join("settings.json")
    }

    /// What is in force for the endpoint in `directory`; the defaults if nothing was ever saved.
    pub fn load(directory: &Path) -> Result<Settings, S3Error> {
        let path = Settings::path(directory);
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|why| S3Error::Damaged { path, why: why.to_string() }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Settings::default()),
            Err(error) => Err(S3Error::file("read", path)(error)),
        }
    }
}
