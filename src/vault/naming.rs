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

use super::taken::Taken;

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

/// What a name tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<'k> {
    /// The folder of whatever it belongs to; empty for what belongs to all.
    pub folder: &'k str,
    /// The recovery point that it is part of, unique in its folder and the same in every store.
    pub point: String,
    /// When that was taken.
    pub taken: Taken,
    /// What it is for.
    pub part: Part,
}

/// What a file is, from its folders and its name below its store; nothing for what is no part of a recovery point.
pub fn named(key: &str) -> Option<Named<'_>> {
    let steps: Vec<&str> = key.split('/').collect();
    match *steps.as_slice() {
        [year, name] if is_number(year, 4) => of_all(year, name),
        [folder, name] | [folder, "env" | "certs", name] => Some(archived(name)?.into_named(folder)),
        [folder, "daily", name] => Some(daily(name)?.into_named(folder)),
        [folder, "hourly", name] => {
            Some(plain(name, "snapshot_", "rdb", Part::Artefact(Sort::Snapshot))?.into_named(folder))
        }
        [folder, "base", name] => Some(plain(name, "base_", "tar", Part::Artefact(Sort::Base))?.into_named(folder)),
        [folder, "metadata", name] => Some(metadata(name)?.into_named(folder)),
        [folder, "messages", name] => Some(dumped(name)?.into_named(folder)),
        [folder, "monthly", group, name] => Some(monthly(group, name)?.into_named(folder)),
        [folder, year, month, "daily", group, name] if is_number(year, 4) && is_number(month, 2) => {
            Some(grouped(group, name)?.into_named(folder))
        }
        _ => None,
    }
}

/// Whether a file is a piece of the log that `PostgreSQL` archives: no recovery point by itself, but what leads on
/// from one.
pub fn is_segment(key: &str) -> bool {
    let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let is_hex = |length| stem.len() == length && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_piece = is_hex(24) || (is_hex(8) && ending.starts_with("history"));
    is_piece && (folder == "wal" || folder.ends_with("/wal"))
}

/// What a name tells without its folder.
struct Found {
    point: String,
    taken: Taken,
    part: Part,
}

impl Found {
    fn into_named(self, folder: &str) -> Named<'_> {
        Named { folder, point: self.point, taken: self.taken, part: self.part }
    }
}

fn is_number(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether an ending is of this format, as it is or compressed or encrypted.
fn ends_as(ending: &str, format: &str) -> bool {
    let Some(packed) = ending.strip_prefix(format) else { return false };
    packed.is_empty()
        || packed
            .strip_prefix('.')
            .is_some_and(|words| words.split('.').all(|word| matches!(word, "gz" | "zst" | "age")))
}

/// `PREFIX20241118_020000.FORMAT`, compressed or not; the recovery point is called as the file without its ending.
fn plain(name: &str, prefix: &str, format: &str, part: Part) -> Option<Found> {
    let (stem, ending) = name.split_once('.')?;
    let taken = Taken::of_day(stem.strip_prefix(prefix)?)?;
    ends_as(ending, format).then(|| Found { point: stem.to_owned(), taken, part })
}

fn daily(name: &str) -> Option<Found> {
    let artefact = |prefix, format, sort| plain(name, prefix, format, Part::Artefact(sort));
    artefact("backup_", "dump", Sort::Dump)
        .or_else(|| artefact("backup_", "sql", Sort::Sql))
        .or_else(|| artefact("snapshot_", "rdb", Sort::Snapshot))
        .or_else(|| artefact("snapshot_", "tar", Sort::Snapshot))
        .or_else(|| artefact("appendonly_", "tar", Sort::Appendonly))
        .or_else(|| artefact("definitions_", "json", Sort::Definitions))
        .or_else(|| artefact("queues_", "json", Sort::Queues))
        .or_else(|| artefact("messages_", "tar", Sort::Messages))
        .or_else(|| ["ndjson", "json", "bin"].into_iter().find_map(|format| artefact("export_", format, Sort::Export)))
        // One file for all that was exported that day.
        .or_else(|| {
            let notes = plain(name, "metadata_", "json", Part::Note(Note::Manifest))?;
            Some(Found { point: notes.point.replacen("metadata_", "definitions_", 1), ..notes })
        })
}

/// What is known of a recovery point, and the small files that lie there with it.
fn metadata(name: &str) -> Option<Found> {
    let (stem, ending) = name.split_once('.')?;
    let at = PREFIXES.iter().find_map(|prefix| stem.strip_prefix(prefix))?;
    let taken = Taken::of_day(at)?;
    Some(Found { point: stem.to_owned(), taken, part: beside(ending)? })
}

/// How the names of recovery points begin.
const PREFIXES: [&str; 9] =
    ["backup_", "base_", "snapshot_", "appendonly_", "definitions_", "queues_", "messages_", "archive_", "export_"];

fn beside(ending: &str) -> Option<Part> {
    if ends_as(ending.strip_prefix("roles.").unwrap_or_default(), "sql") {
        return Some(Part::Artefact(Sort::Roles));
    }
    if ends_as(ending, "acl") || ends_as(ending, "conf") {
        return Some(Part::Artefact(Sort::Settings));
    }
    Note::ALL.into_iter().find(|note| note.ending() == ending).map(Part::Note)
}

/// In a folder it is called a dump, in a bucket it says of what.
fn dumped(name: &str) -> Option<Found> {
    let found = plain(name, "dump_", "txt", Part::Artefact(Sort::Messages))?;
    Some(Found { point: found.point.replacen("dump_", "messages_", 1), ..found })
}

fn archived(name: &str) -> Option<Found> {
    ["tar", "env.tar", "key.tar"]
        .into_iter()
        .find_map(|format| plain(name, "archive_", format, Part::Artefact(Sort::Files)))
}

/// In a bucket a recovery point is a folder; what lies in it is called by its ending alone, or in full.
fn grouped(group: &str, name: &str) -> Option<Found> {
    let taken = Taken::of_day(group.strip_prefix("backup_")?)?;
    let ending = name.strip_prefix(group).unwrap_or(name).strip_prefix('.')?;
    Some(Found { point: group.to_owned(), taken, part: part_of(ending)? })
}

fn part_of(ending: &str) -> Option<Part> {
    let is = |format| ends_as(ending, format);
    if is("dump") {
        Some(Part::Artefact(Sort::Dump))
    } else if is("sql") {
        Some(Part::Artefact(Sort::Sql))
    } else {
        beside(ending)
    }
}

/// `2024-11-backup-full`, and whatever lies in it.
fn monthly(group: &str, name: &str) -> Option<Found> {
    let taken = Taken::of_month(group.strip_suffix("-backup-full")?)?;
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let part = part_of(ending).unwrap_or(Part::Artefact(Sort::Archive));
    // What is named in full is one by itself.
    if let Some(taken) = stem.strip_prefix("backup_").and_then(Taken::of_day) {
        return Some(Found { point: stem.to_owned(), taken, part });
    }
    Some(Found { point: group.to_owned(), taken, part })
}

/// `2024/2024-01-compliance-archive.tar`
fn of_all<'k>(year: &str, name: &'k str) -> Option<Named<'k>> {
    let (stem, ending) = name.split_once('.')?;
    let month = stem.strip_suffix("-compliance-archive").filter(|month| month.starts_with(year))?;
    let part = if ends_as(ending, "tar") { Part::Artefact(Sort::Archive) } else { beside(ending)? };
    Some(Found { point: stem.to_owned(), taken: Taken::of_month(month)?, part }.into_named(""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(key: &str) -> Option<(String, String, String)> {
        let named = named(key)?;
        let part = match named.part {
            Part::Artefact(sort) => sort.word(),
            Part::Note(_) => "notes",
        };
        Some((format!("{}/{}", named.folder, named.point), part.to_owned(), named.taken.at.to_string()))
    }

    #[test]
    fn everything_that_scripts_left_is_recognised() {
        let two = "2024-11-18 02:00:00";
        let midnight = "2024-11-18 00:00:00";
        for (key, point, part, at) in [
            ("postgres/daily/backup_20241118_020000.dump.gz", "postgres/backup_20241118_020000", "dump", two),
            ("postgres/daily/backup_20241118_020000.sql.gz", "postgres/backup_20241118_020000", "sql", two),
            ("postgres/daily/backup_20241118_020000.dump", "postgres/backup_20241118_020000", "dump", two),
            ("postgres/daily/backup_20241118_020000.sql.zst.age", "postgres/backup_20241118_020000", "sql", two),
            ("postgres/metadata/backup_20241118_020000.json", "postgres/backup_20241118_020000", "notes", two),
            ("postgres/2024/11/daily/backup_20241118_020000/.dump.gz", "postgres/backup_20241118_020000", "dump", two),
            (
                "postgres/2024/11/daily/backup_20241118_020000/backup_20241118_020000.sql.gz",
                "postgres/backup_20241118_020000",
                "sql",
                two,
            ),
            ("postgres/2024/11/daily/backup_20241118_020000/.json", "postgres/backup_20241118_020000", "notes", two),
            (
                "postgres/monthly/2024-11-backup-full/x.dump.gz",
                "postgres/2024-11-backup-full",
                "dump",
                "2024-11-01 00:00:00",
            ),
            (
                "postgres/monthly/2024-11-backup-full/all",
                "postgres/2024-11-backup-full",
                "archive",
                "2024-11-01 00:00:00",
            ),
            ("redis/hourly/snapshot_20241118_02.rdb", "redis/snapshot_20241118_02", "snapshot", two),
            ("redis/daily/snapshot_20241118.rdb.gz", "redis/snapshot_20241118", "snapshot", midnight),
            ("redis/daily/snapshot_20241118.tar.gz", "redis/snapshot_20241118", "snapshot", midnight),
            ("redis/metadata/snapshot_20241118.json", "redis/snapshot_20241118", "notes", midnight),
            ("rabbitmq/daily/definitions_20241118.json", "rabbitmq/definitions_20241118", "definitions", midnight),
            ("rabbitmq/daily/definitions_20241118.json.gz", "rabbitmq/definitions_20241118", "definitions", midnight),
            ("rabbitmq/daily/queues_20241118.json", "rabbitmq/queues_20241118", "queues", midnight),
            ("rabbitmq/daily/metadata_20241118.json", "rabbitmq/definitions_20241118", "notes", midnight),
            ("rabbitmq/messages/dump_20241118.txt", "rabbitmq/messages_20241118", "messages", midnight),
            ("rabbitmq/daily/messages_20241118.tar.gz", "rabbitmq/messages_20241118", "messages", midnight),
            ("redis/daily/appendonly_20241118_020000.tar", "redis/appendonly_20241118_020000", "appendonly", two),
            ("redis/metadata/appendonly_20241118_020000.json", "redis/appendonly_20241118_020000", "notes", two),
            ("redis/metadata/snapshot_20241118_020000.acl.age", "redis/snapshot_20241118_020000", "settings", two),
            ("redis/metadata/snapshot_20241118_020000.conf", "redis/snapshot_20241118_020000", "settings", two),
            ("config/archive_20241118.tar.gz", "config/archive_20241118", "files", midnight),
            ("config/archive_20241118_020000.env.tar.age", "config/archive_20241118_020000", "files", two),
            ("tls/archive_20241118_020000.key.tar.zst.age", "tls/archive_20241118_020000", "files", two),
            ("memory/daily/export_20241118_020000.ndjson.zst", "memory/export_20241118_020000", "export", two),
            ("memory/daily/export_20241118_020000.bin.gz", "memory/export_20241118_020000", "export", two),
            ("search/daily/export_20241118_020000.json", "search/export_20241118_020000", "export", two),
            ("memory/metadata/export_20241118_020000.json", "memory/export_20241118_020000", "notes", two),
            ("2024/2024-01-compliance-archive.tar", "/2024-01-compliance-archive", "archive", "2024-01-01 00:00:00"),
        ] {
            assert_eq!(told(key), Some((point.to_owned(), part.to_owned(), at.to_owned())), "{key}");
        }
    }

    #[test]
    fn pieces_of_the_log_are_known() {
        for key in ["postgres/wal/000000010000000000000001", "wal/000000010000000000000001.gz", "wal/00000002.history"]
        {
            assert!(is_segment(key), "{key}");
        }
        for key in ["postgres/daily/000000010000000000000001", "wal/00000001", "wal/x", "000000010000000000000001"] {
            assert!(!is_segment(key), "{key}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for key in [
            "postgres/daily/backup_20241118_020000",
            "postgres/daily/backup_20241118_020000.dump.gz.tmp",
            "postgres/daily/backup_20241318_020000.dump.gz",
            "postgres/daily/.backup_20241118_020000.dump.gz",
            "postgres/daily/snapshot_latest.rdb",
            "postgres/daily/old/backup_20241118_020000.dump.gz",
            "memory/daily/export_20241118_020000.exe",
            "memory/daily/export_20241118_020000.binary",
            "config/archive_20241118_020000.env",
            "redis/metadata/snapshot_20241118_020000.acl.tmp",
            "2023/2024-01-compliance-archive.tar",
            "postgres/wal/000000010000000000000001",
            "backup_20241118_020000.dump.gz",
            "",
            "/",
        ] {
            assert_eq!(told(key), None, "{key}");
        }
    }

    proptest! {
        #[test]
        fn no_name_is_too_strange(key in ".{0,80}") {
            let _ = named(&key);
        }

        #[test]
        fn a_strange_end_is_no_known_one(end in "[a-z]{1,6}") {
            prop_assume!(!matches!(end.as_str(), "gz" | "zst" | "age"));
            let key = format!("postgres/daily/backup_20241118_020000.dump.{end}");
            prop_assert!(named(&key).is_none());
        }
    }
}
