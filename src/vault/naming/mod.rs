//! The folders and names of a store, and what a name in it is.
//!
//! ```text
//! postgres/daily/backup_20241118_020000.dump.gz      a folder of this or another machine
//! postgres/metadata/backup_20241118_020000.json
//! redis/hourly/snapshot_20241118_02.rdb
//! redis/daily/snapshot_20241118.rdb.gz
//! redis/daily/appendonly_20241118_020000.tar
//! redis/metadata/snapshot_20241118_020000.acl        its users; .conf: its settings
//! rabbitmq/daily/definitions_20241118.json           queues_…, metadata_…
//! rabbitmq/messages/dump_20241118.txt
//! postgres/2024/11/daily/backup_20241118_020000/.dump.gz      a bucket
//! postgres/monthly/2024-11-backup-full/…
//! redis/daily/snapshot_20241118.tar.gz
//! rabbitmq/daily/messages_20241118.tar.gz
//! config/archive_20241118.tar.gz                     what is secret in it: .env.tar, .key.tar
//! memory/daily/export_20241118_020000.ndjson         of any system: .json, .bin
//! 2024/2024-01-compliance-archive.tar                an archive
//! ```

mod forms;

use std::borrow::Cow;

use super::taken::Taken;
pub use forms::{is_segment, named};

/// Whether a file is called as one of this recovery point is.
pub fn is_of(key: &str, point: &str) -> bool {
    named(key).is_some_and(|named| named.is_of(point))
}

/// What a recovery point, or a part of one, holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// A database, in the custom format of `pg_dump`.
    Dump,
    /// A database, as SQL.
    Sql,
    /// The roles of a server and their settings, as SQL.
    Roles,
    /// A whole server, file by file.
    Base,
    /// What Redis holds.
    Snapshot,
    /// The append-only file of Redis, with its manifest.
    Appendonly,
    /// The users of a server, or its settings.
    Settings,
    /// What `RabbitMQ` is set up to be.
    Definitions,
    /// Its queues.
    Queues,
    /// Messages.
    Messages,
    /// Configuration.
    Files,
    /// What a program or a system exports.
    Export,
    /// What a month leaves for good.
    Archive,
}

impl Sort {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Sort::Dump => "dump",
            Sort::Sql => "sql",
            Sort::Roles => "roles",
            Sort::Base => "base",
            Sort::Snapshot => "snapshot",
            Sort::Appendonly => "appendonly",
            Sort::Settings => "settings",
            Sort::Definitions => "definitions",
            Sort::Queues => "queues",
            Sort::Messages => "messages",
            Sort::Files => "files",
            Sort::Export => "export",
            Sort::Archive => "archive",
        }
    }

    /// Every sort.
    pub const ALL: [Sort; 13] = [
        Sort::Dump,
        Sort::Sql,
        Sort::Roles,
        Sort::Base,
        Sort::Snapshot,
        Sort::Appendonly,
        Sort::Settings,
        Sort::Definitions,
        Sort::Queues,
        Sort::Messages,
        Sort::Files,
        Sort::Export,
        Sort::Archive,
    ];
}

/// What a file of a recovery point is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// What one restores from.
    Artefact(Sort),
    /// What is known about it.
    Note(Note),
}

/// What is written about a recovery point, beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// What it is; of whoever wrote it.
    Manifest,
    /// That it was begun: without a manifest, it was not finished.
    Begun,
    /// That it was read to its end, and what was found.
    Verified,
    /// That it was restored, and what was found.
    Proven,
    /// Since when it is not to be trusted.
    Tainted,
    /// That its thaw was asked for.
    Thawing,
}

impl Note {
    /// How its name ends.
    pub const fn ending(self) -> &'static str {
        match self {
            Note::Manifest => "json",
            Note::Begun => "begun.json",
            Note::Verified => "verified.json",
            Note::Proven => "proven.json",
            Note::Tainted => "tainted.json",
            Note::Thawing => "thawing.json",
        }
    }

    /// Every note, the longest endings first.
    pub const ALL: [Note; 6] =
        [Note::Begun, Note::Verified, Note::Proven, Note::Tainted, Note::Thawing, Note::Manifest];
}

impl Named<'_> {
    /// The name of its recovery point in any store: `postgres/backup_20241118_020000`.
    pub fn id(&self) -> String {
        if self.folder.is_empty() { self.point.to_string() } else { [self.folder, "/", &self.point].concat() }
    }

    /// Whether that is its name.
    fn is_of(&self, point: &str) -> bool {
        let (folder, name) = point.rsplit_once('/').unwrap_or(("", point));
        folder == self.folder && name == self.point
    }
}

/// What a name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'k> {
    /// The folder of whatever it belongs to; empty for what belongs to all.
    pub folder: &'k str,
    /// The recovery point that it is part of, unique in its folder and the same in every store.
    pub point: Cow<'k, str>,
    /// When that was taken.
    pub taken: Taken,
    /// What it is for.
    pub part: Part,
}

#[cfg(test)]
mod tests;
