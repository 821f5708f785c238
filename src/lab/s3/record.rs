//! What is remembered of one version of one object. A version exists from the moment this is on disk.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::archive::Thaw;
use super::digest::Sum;

/// The version id of what was written while the bucket did not keep versions.
pub(super) const NULL: &str = "null";

/// One version of one object, or a marker that says it was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) key: String,
    pub(super) version: String,
    /// Grows with every write to the bucket; the greatest of a key is its current version.
    pub(super) order: u64,
    /// Of a copy made by replication: the order of its original, which tells copies apart that share one here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) original: Option<u64>,
    pub(super) modified: DateTime<Utc>,
    /// Nothing for a delete marker.
    pub(super) content: Option<Content>,
}

/// The bytes of a version and everything said about them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) size: u64,
    pub(super) etag: String,
    pub(super) pieces: Vec<Piece>,
    /// The upload in parts that this came from; it owns its pieces no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) upload: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sum: Option<Sum>,
    #[serde(flatten)]
    pub(super) traits: Traits,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) thaw: Option<Thaw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) replication: Option<Replication>,
}

/// A file that holds some of the bytes, in the folder `data` of the bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Piece {
    pub(super) file: String,
    pub(super) size: u64,
}

/// What the writer said about an object, given back with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Traits {
    /// The storage class; `STANDARD` if nothing was said.
    pub(super) class: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) cache_control: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) expires: Option<DateTime<Utc>>,
    pub(super) metadata: BTreeMap<String, String>,
    /// The encryption asked for, and its key; kept and reported, not done.
    pub(super) encryption: Option<(String, Option<String>)>,
}

impl Traits {
    /// The storage class by name.
    pub(super) fn class(&self) -> &str {
        self.class.as_deref().unwrap_or("STANDARD")
    }
}

/// How far the copy in the other region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Replication {
    /// Not yet there.
    Pending,
    /// There, and acknowledged.
    Completed,
    /// Refused by the other side.
    Failed,
    /// This is itself a copy.
    Replica,
}

impl Replication {
    /// The word of the protocol.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Replication::Pending => "PENDING",
            Replication::Completed => "COMPLETED",
            Replication::Failed => "FAILED",
            Replication::Replica => "REPLICA",
        }
    }
}

impl Record {
    /// The name of the file of this record: made of a hash and an id of our own, never of the key.
    pub(super) fn file_name(&self) -> String {
        record_file(&self.key, &self.version)
    }

    /// Its place among the versions of its key: the greatest is the current one.
    pub(super) fn place(&self) -> (u64, Option<u64>) {
        (self.order, self.original)
    }

    /// Whether this says that the object was deleted.
    pub(super) fn is_marker(&self) -> bool {
        self.content.is_none()
    }

    /// The files this version needs.
    pub(super) fn pieces(&self) -> &[Piece] {
        self.content.as_ref().map_or(&[], |content| &content.pieces)
    }
}

/// The name of the file that the record of `version` of `key` lies in.
pub(super) fn record_file(key: &str, version: &str) -> String {
    use sha2::Digest as _;
    format!("{}.{version}.json", crate::text::hex(&sha2::Sha256::digest(key.as_bytes())))
}

/// Whether a version id from outside may become part of a file's name.
pub(super) fn is_version_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_key_becomes_a_path(key in any::<String>()) {
            let name = record_file(&key, NULL);
            prop_assert!(name.len() < 150);
            prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'));
            prop_assert!(!name.contains(".."));
        }
    }

    #[test]
    fn a_version_id_cannot_leave_its_folder() {
        for id in ["", "../x", "a/b", "a.b", &"a".repeat(65)] {
            assert!(!is_version_id(id), "{id}");
        }
        assert!(is_version_id(NULL) && is_version_id("00ab12"));
    }
}
