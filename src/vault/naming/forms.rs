//! The forms of names, folder by folder.

use super::{Named, Note, Part, Sort};
use crate::vault::taken::Taken;

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
