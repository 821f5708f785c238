//! The manifest: what a recovery point is, beside it in every store. Written last, it makes the point valid.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::naming::Sort;
use super::pass::{Packing, Sum};
use super::piece::{Account, Restore};
use crate::plan::types::Method;
use crate::reach::quote;

/// The form that this version writes and reads.
pub const FORM: u32 = 1;
/// Rows of ten thousand tables fit.
pub const LARGEST: u64 = 4 << 20;

/// What a recovery point is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this file; what is no number here was not written by us.
    pub lifeboat: u32,
    /// The recovery point's name, the same in every store.
    pub point: String,
    /// Of what, and by whom.
    #[serde(flatten)]
    pub taking: Origin,
    /// When it was begun.
    pub begun: DateTime<Utc>,
    /// When it was whole.
    pub ended: DateTime<Utc>,
    /// What its system told.
    pub source: Account,
    /// Every file of it in this store.
    pub files: Vec<File>,
}

/// Of what a recovery point was taken, why and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The platform.
    pub platform: String,
    /// Its environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The component.
    pub component: String,
    /// How it was taken.
    pub method: Method,
    /// The job that took it; nothing where somebody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The host that it was taken from.
    pub host: String,
    /// Who took it.
    pub actor: String,
    /// Which version of this program.
    pub program: String,
}

/// A file of a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name below the store.
    pub key: String,
    /// What it holds.
    pub holds: Sort,
    /// What `sha256sum` says of it.
    #[serde(flatten)]
    pub stored: Sum,
    /// How it is packed outside.
    #[serde(default)]
    pub packing: Packing,
    /// To whom it is encrypted with age.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub encrypted_to: Vec<String>,
    /// The same before it was encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inside: Option<Sum>,
    /// How many bytes its system handed over.
    pub handed_over: u64,
    /// The line that restores it with standard tools alone.
    pub restore: String,
}

impl File {
    /// How its name ends before it is packed and encrypted: `dump`, `roles.sql`.
    pub(super) fn format(&self) -> &str {
        let name = self.key.rsplit('/').next().unwrap_or_default();
        let ending = name.split_once('.').map_or("", |(_, ending)| ending);
        ending.trim_end_matches(".age").trim_end_matches(self.packing.ending())
    }

    /// The line that restores a file with standard tools alone.
    pub(super) fn restore_line(restore: &Restore, key: &str, packing: Packing, is_sealed: bool) -> String {
        let name = key.rsplit('/').next().unwrap_or(key);
        let file = String::from_utf8_lossy(&quote(std::ffi::OsStr::new(name))).into_owned();
        let opened = is_sealed || packing != Packing::None;
        let open = match (is_sealed, packing.unpack()) {
            (true, Some(unpack)) => format!("age -d -i KEY {file} | {unpack}"),
            (true, None) => format!("age -d -i KEY {file}"),
            (false, Some(unpack)) => format!("{unpack} {file}"),
            (false, None) => String::new(),
        };
        match restore {
            Restore::Named(command) if opened => format!("{open} > RESTORE && {}", command.replace("{}", "RESTORE")),
            Restore::Named(command) => command.replace("{}", &file),
            Restore::Fed(command) if opened => format!("{open} | {command}"),
            Restore::Fed(command) => format!("{command} < {file}"),
        }
    }
}

impl Manifest {
    /// What a file beside a recovery point says, where we wrote it.
    pub fn read(bytes: &[u8]) -> Result<Manifest, NotOurs> {
        #[derive(Deserialize)]
        struct Form {
            lifeboat: Option<u32>,
        }
        let form: Form = serde_json::from_slice(bytes).map_err(|error| NotOurs::Damaged(error.to_string()))?;
        match form.lifeboat {
            None => Err(NotOurs::Foreign),
            Some(FORM) => serde_json::from_slice(bytes).map_err(|error| NotOurs::Damaged(error.to_string())),
            Some(newer) => Err(NotOurs::Newer(newer)),
        }
    }

    /// As it is written.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Why a file beside a recovery point is no manifest of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOurs {
    /// A script wrote it.
    #[error("it was written by something else")]
    Foreign,
    /// It cannot be read.
    #[error("its manifest is damaged: {0}")]
    Damaged(String),
    /// A newer version wrote it.
    #[error("its manifest has the form {0}, which only a newer version reads")]
    Newer(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_restores_is_one_to_paste() {
        let named = Restore::Named("pg_restore -d DATABASE {}".to_owned());
        let fed = Restore::Fed("psql -d DATABASE".to_owned());
        let line = |restore, packing, is_sealed| File::restore_line(restore, "f/daily/x.dump", packing, is_sealed);
        assert_eq!(line(&named, Packing::None, false), "pg_restore -d DATABASE x.dump");
        assert_eq!(
            line(&named, Packing::Zstd, true),
            "age -d -i KEY x.dump | zstd -dc > RESTORE && pg_restore -d DATABASE RESTORE"
        );
        assert_eq!(line(&fed, Packing::None, false), "psql -d DATABASE < x.dump");
        assert_eq!(line(&fed, Packing::Gzip, false), "gzip -dc x.dump | psql -d DATABASE");
        assert_eq!(line(&fed, Packing::None, true), "age -d -i KEY x.dump | psql -d DATABASE");
    }

    #[test]
    fn what_others_wrote_is_told_apart() {
        assert_eq!(Manifest::read(br#"{"size": 3}"#), Err(NotOurs::Foreign));
        assert_eq!(Manifest::read(br#"{"lifeboat": 7}"#), Err(NotOurs::Newer(7)));
        assert!(matches!(Manifest::read(br#"{"lifeboat": 1}"#), Err(NotOurs::Damaged(_))));
        assert!(matches!(Manifest::read(b"{"), Err(NotOurs::Damaged(_))));
    }
}
