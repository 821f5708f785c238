//! Receipts: what was found about a recovery point, kept beside it in its store, so that every bastion sees it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::directory::Holding;
use super::naming::Note;

/// The form that this version writes and reads.
const FORM: u32 = 1;

/// What was found about a recovery point in one store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The form of this file.
    pub lifeboat: u32,
    /// The recovery point.
    pub point: String,
    /// When it was looked at.
    pub at: DateTime<Utc>,
    /// By which host.
    pub host: String,
    /// Whether all of it was found whole.
    pub whole: bool,
    /// What was found, a file each.
    pub files: Vec<Found>,
}

/// What was found about one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its name below the store.
    pub key: String,
    /// Its length then.
    pub bytes: u64,
    /// When it had been written then: what was written later was not looked at.
    pub written: DateTime<Utc>,
    /// What `sha256sum` says of it.
    pub sha256: String,
    /// What it holds, or what is wrong with it.
    pub told: String,
    /// Whether this one was found whole; as all of them, where that is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<bool>,
}

impl Receipt {
    /// What was found.
    pub fn new(point: &str, at: DateTime<Utc>, host: String, whole: bool, files: Vec<Found>) -> Receipt {
        Receipt { lifeboat: FORM, point: point.to_owned(), at, host, whole, files }
    }

    /// What a file beside a recovery point says, where it is a receipt of ours.
    pub fn read(bytes: &[u8]) -> Option<Receipt> {
        serde_json::from_slice(bytes).ok().filter(|receipt: &Receipt| receipt.lifeboat == FORM)
    }

    /// Whether a file was found whole.
    pub fn is_whole(&self, found: &Found) -> bool {
        found.whole.unwrap_or(self.whole)
    }

    /// As it is written.
    pub fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Whether it speaks of just these files, as they are.
    pub fn is_of<'h>(&self, files: impl Iterator<Item = &'h Holding>) -> bool {
        let is_known = |file: &Holding| {
            let found = self.files.iter().find(|found| found.key == file.key);
            found.is_some_and(|found| found.bytes == file.size && found.written == file.written)
        };
        let mut count = 0;
        let all = files.inspect(|_| count += 1).all(is_known);
        all && count == self.files.len()
    }
}

/// Since when a recovery point, and all that were taken later, are not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taint {
    /// The form of this file.
    pub lifeboat: u32,
    /// Since when.
    pub since: DateTime<Utc>,
    /// What happened.
    pub why: String,
    /// Who says so, and when.
    pub by: String,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// Whether it is only about what was taken of its component later: the one beside which it lies is from before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_later: bool,
}

impl Taint {
    /// What is said now.
    pub fn new(since: DateTime<Utc>, why: String, by: String, at: DateTime<Utc>) -> Taint {
        Taint { lifeboat: FORM, since, why, by, at, of_later: false }
    }

    /// As it is written.
    pub fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// The key of a note about a recovery point whose file lies there.
pub fn note_key(artefact: &str, point: &str, note: Note) -> String {
    let name = point.rsplit('/').next().unwrap_or(point);
    let steps: Vec<&str> = artefact.split('/').collect();
    let beside = match *steps.as_slice() {
        [folder, year, month, "daily", group, _] => format!("{folder}/{year}/{month}/daily/{group}"),
        [folder, "monthly", group, _] => format!("{folder}/monthly/{group}"),
        [year, _] if year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit()) => year.to_owned(),
        [folder, ..] => format!("{folder}/metadata"),
        [] => String::new(),
    };
    format!("{beside}/{name}.{}", note.ending())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::naming::{Part, named};

    #[test]
    fn a_note_lies_where_it_is_found_again() {
        for artefact in [
            "postgres/daily/backup_20241118_020000.dump.gz",
            "postgres/2024/11/daily/backup_20241118_020000/.dump.gz",
            "postgres/monthly/2024-11-backup-full/x.dump.gz",
            "redis/hourly/snapshot_20241118_02.rdb",
            "rabbitmq/messages/dump_20241118.txt",
            "config/archive_20241118.tar.gz",
            "2024/2024-01-compliance-archive.tar",
        ] {
            let of = named(artefact).unwrap();
            for note in Note::ALL {
                let key = note_key(artefact, &format!("{}/{}", of.folder, of.point), note);
                let found = named(&key).unwrap_or_else(|| panic!("{key}"));
                assert_eq!((found.folder, &found.point, found.part), (of.folder, &of.point, Part::Note(note)), "{key}");
            }
        }
    }

    #[test]
    fn a_receipt_speaks_of_what_was_there_then() {
        let at: DateTime<Utc> = "2024-11-18T02:00:00Z".parse().unwrap();
        let file = |size, written| Holding { key: "k".to_owned(), size, written };
        let found = Found {
            key: "k".to_owned(),
            bytes: 3,
            written: at,
            sha256: String::new(),
            told: String::new(),
            whole: None,
        };
        let receipt = Receipt::new("p", at, "host".to_owned(), true, vec![found]);
        assert!(receipt.is_of([file(3, at)].iter()));
        assert!(!receipt.is_of([file(4, at)].iter()));
        assert!(!receipt.is_of([file(3, at + chrono::Duration::seconds(1))].iter()));
        assert!(!receipt.is_of([].iter()));
        assert_eq!(Receipt::read(&receipt.bytes().unwrap()), Some(receipt));
    }
}
