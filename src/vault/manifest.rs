//! The manifest: what a recovery point is, beside it in every store. Written last, it makes the point valid.

mod form;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::media::is_below;
use super::naming::Sort;
use super::pass::{Packing, Sum};
use super::piece::{Account, Restore};
use crate::plan::types::{Method, Platform};
use crate::reach::quote;
use crate::text::Size;

/// The form that this version writes and reads.
pub const FORM: u32 = 1;
/// The rows of a hundred thousand tables fit.
pub const LARGEST: u64 = 64 << 20;

/// What a recovery point is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "form::Whole")]
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
    /// What may not lie in this store, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub withheld: Vec<String>,
}

/// Of what a recovery point was taken, why and by whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The platform.
    pub platform: String,
    /// Its environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The component.
    pub component: String,
    /// How it was taken.
    pub method: Method,
    /// The job that took it, or as which it was taken by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The host that it was taken from.
    pub host: String,
    /// Who took it.
    pub actor: String,
    /// Which version of this program.
    pub program: String,
}

impl Origin {
    /// Whether it was taken of this platform; of this environment of it, where both say which.
    pub(super) fn is_of(&self, platform: &Platform) -> bool {
        let environments = self.environment.as_ref().zip(platform.environment.as_ref());
        self.platform == platform.name && environments.is_none_or(|(theirs, ours)| theirs == ours)
    }

    /// The platform and its environment: `shop`, `shop/staging`.
    pub(super) fn platform_told(&self) -> String {
        match &self.environment {
            Some(environment) => format!("{}/{environment}", self.platform),
            None => self.platform.clone(),
        }
    }
}

/// A file of a recovery point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "form::OfFile")]
pub struct File {
    /// Its name below the store.
    pub key: String,
    /// What it holds.
    pub holds: Sort,
    /// What `sha256sum` says of it.
    #[serde(flatten)]
    pub stored: Sum,
    /// How it is packed outside.
    pub packing: Packing,
    /// To whom it is encrypted with age.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub encrypted_to: Vec<String>,
    /// The same before it was encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<Sum>,
    /// How many bytes its system handed over.
    pub handed_over: u64,
    /// The line that restores it with standard tools alone.
    pub restore: String,
    /// The command in that line: the same file has another line where it lies encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Restore>,
}

impl File {
    /// How its name ends before it is packed and encrypted: `dump`, `roles.sql`.
    pub(super) fn format(&self) -> &str {
        let ending = file_name(&self.key).split_once('.').map_or("", |(_, ending)| ending);
        ending.trim_end_matches(".age").trim_end_matches(self.packing.ending())
    }

    /// The line that restores the same file where it has this name.
    pub(super) fn restore_there(&self, key: &str, is_sealed: bool) -> String {
        match &self.command {
            Some(command) => File::restore_line(command, key, self.packing, is_sealed),
            None if is_sealed && self.encrypted_to.is_empty() => {
                let quoted = |name: &str| String::from_utf8_lossy(&quote(std::ffi::OsStr::new(name))).into_owned();
                let (sealed, plain) = (file_name(key), file_name(&self.key));
                format!("age -d -i KEY {} > {} && {}", quoted(sealed), quoted(plain), self.restore)
            }
            None => self.restore.clone(),
        }
    }

    /// The line that restores a file with standard tools alone.
    pub(super) fn restore_line(restore: &Restore, key: &str, packing: Packing, is_sealed: bool) -> String {
        let file = String::from_utf8_lossy(&quote(std::ffi::OsStr::new(file_name(key)))).into_owned();
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

fn file_name(key: &str) -> &str {
    key.rsplit('/').next().unwrap_or(key)
}

impl Manifest {
    /// What this copy lacks of what there was: it could not be read, or may not lie in this store.
    pub fn lacks(&self) -> impl Iterator<Item = &String> {
        self.source.lacks.iter().chain(&self.withheld)
    }

    /// What a file beside a recovery point says, where we wrote it.
    pub fn read(bytes: &[u8]) -> Result<Manifest, NotOurs> {
        let manifest: Manifest = serde_json::from_slice(bytes).map_err(|error| NotOurs::of(bytes, &error))?;
        let is_plain = || is_below(&manifest.point) && manifest.files.iter().all(|file| is_below(&file.key));
        match manifest.lifeboat {
            FORM if is_plain() => Ok(manifest),
            FORM => Err(NotOurs::Outside),
            newer => Err(NotOurs::Newer(newer)),
        }
    }

    /// As it is written.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, NotWritten> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        let length = bytes.len() as u64;
        if length > LARGEST { Err(NotWritten::TooLarge(length)) } else { Ok(bytes) }
    }
}

/// Why a manifest is not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// There are no words for it.
    #[error("its manifest cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// Nobody would read it.
    #[error(
        "its manifest would have {}, and one of more than {} is never read: it counts too many tables or files",
        Size(*.0).approx(),
        Size(LARGEST).approx()
    )]
    TooLarge(u64),
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
    /// It names what is no part of its store.
    #[error("its manifest names files that lie outside its store: somebody has forged it")]
    Outside,
    /// A newer version wrote it.
    #[error("its manifest has the form {0}, which only a newer version reads")]
    Newer(u32),
}

impl NotOurs {
    /// What it is that cannot be read as a manifest of ours.
    fn of(bytes: &[u8], error: &serde_json::Error) -> NotOurs {
        #[derive(Deserialize)]
        struct Form {
            lifeboat: Option<u32>,
        }
        match serde_json::from_slice(bytes) {
            Ok(Form { lifeboat: None }) => NotOurs::Foreign,
            Ok(Form { lifeboat: Some(newer) }) if newer != FORM => NotOurs::Newer(newer),
            Ok(_) | Err(_) => NotOurs::Damaged(error.to_string()),
        }
    }
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

    /// A manifest that counts these.
    fn counting(counts: impl Iterator<Item = (String, u64)>) -> Manifest {
        let text = r#"{"lifeboat":1,"point":"postgres/x","platform":"p","component":"db","method":"dump","host":"h",
            "actor":"a","program":"p","begun":"2024-11-18T02:00:00Z","ended":"2024-11-18T02:00:00Z",
            "source":{"system":"PostgreSQL 15","as_of":null},"files":[]}"#;
        let mut manifest = Manifest::read(text.as_bytes()).unwrap();
        manifest.source.counts = counts.collect();
        manifest
    }

    #[test]
    fn the_rows_of_a_hundred_thousand_tables_fit_and_what_nobody_would_read_is_not_written() {
        let name = |index: u32| format!("{}.{}_{index:06}", "s".repeat(63), "t".repeat(56));
        let many = counting((0..100_000).map(|index| (name(index), u64::MAX)));
        assert_eq!(Manifest::read(&many.bytes().unwrap()), Ok(many));
        let most = usize::try_from(LARGEST).unwrap();
        let told = counting(std::iter::once(("x".repeat(most), 1))).bytes().unwrap_err().to_string();
        assert!(told.contains("is never read") && told.contains("67.1MB"), "{told}");
    }

    #[test]
    fn a_file_that_is_encrypted_on_its_way_has_the_line_of_one_that_always_was() {
        let command = Restore::Named("pg_restore -d DATABASE {}".to_owned());
        let of = |key: &str, is_sealed| File {
            key: key.to_owned(),
            holds: Sort::Dump,
            stored: Sum { bytes: 1, sha256: String::new() },
            packing: Packing::None,
            encrypted_to: if is_sealed { vec!["age1x".to_owned()] } else { Vec::new() },
            inside: None,
            handed_over: 1,
            restore: File::restore_line(&command, key, Packing::None, is_sealed),
            command: Some(command.clone()),
        };
        let (plain, sealed) = (of("f/daily/x.dump", false), of("f/daily/x.dump.age", true));
        assert_eq!(plain.restore_there("f/2024/x.dump.age", true), sealed.restore);
        assert_eq!(sealed.restore_there("f/2024/x.dump.age", true), sealed.restore);
        assert_eq!(plain.restore_there("f/2024/x.dump", false), plain.restore);
        let before = File { command: None, ..plain };
        assert_eq!(
            before.restore_there("f/2024/x.dump.age", true),
            "age -d -i KEY x.dump.age > x.dump && pg_restore -d DATABASE x.dump"
        );
    }

    #[test]
    fn what_others_wrote_is_told_apart() {
        assert_eq!(Manifest::read(br#"{"size": 3}"#), Err(NotOurs::Foreign));
        assert_eq!(Manifest::read(br#"{"lifeboat": 7}"#), Err(NotOurs::Newer(7)));
        assert!(matches!(Manifest::read(br#"{"lifeboat": 1}"#), Err(NotOurs::Damaged(_))));
        assert!(matches!(Manifest::read(b"{"), Err(NotOurs::Damaged(_))));
    }
}
