//! A manifest as it is read: one table without tables in it, as bringing it together from parts takes as long again as
//! reading it.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{File, Manifest, Origin};
use crate::plan::types::Method;
use crate::vault::naming::Sort;
use crate::vault::pass::{Packing, Sum};
use crate::vault::piece::{Account, Restore};

/// All that a manifest says.
#[derive(Deserialize)]
pub(super) struct Whole {
    lifeboat: u32,
    point: String,
    platform: String,
    environment: Option<String>,
    component: String,
    method: Method,
    job: Option<String>,
    host: String,
    actor: String,
    program: String,
    begun: DateTime<Utc>,
    ended: DateTime<Utc>,
    source: Account,
    files: Vec<File>,
    #[serde(default)]
    withheld: Vec<String>,
}

impl From<Whole> for Manifest {
    fn from(whole: Whole) -> Manifest {
        let Whole { lifeboat, point, begun, ended, source, files, withheld, .. } = whole;
        let Whole { platform, environment, component, method, job, host, actor, program, .. } = whole;
        let taking = Origin { platform, environment, component, method, job, host, actor, program };
        Manifest { lifeboat, point, taking, begun, ended, source, files, withheld }
    }
}

/// All that it says of a file.
#[derive(Deserialize)]
pub(super) struct OfFile {
    key: String,
    holds: Sort,
    bytes: u64,
    sha256: String,
    #[serde(default)]
    packing: Packing,
    #[serde(default)]
    encrypted_to: Vec<String>,
    inside: Option<Sum>,
    handed_over: u64,
    restore: String,
    command: Option<Restore>,
}

impl From<OfFile> for File {
    fn from(file: OfFile) -> File {
        let OfFile { key, holds, bytes, sha256, packing, encrypted_to, inside, handed_over, restore, command } = file;
        let stored = Sum { bytes, sha256 };
        File { key, holds, stored, packing, encrypted_to, inside, handed_over, restore, command }
    }
}
