//! The forms of names, folder by folder.

use std::borrow::Cow;

use super::{Named, Note, Part, Sort};
use crate::vault::taken::Taken;

/// The deepest file of a recovery point: `postgres/2024/11/daily/backup_20241118_020000/.dump`.
const DEEPEST: usize = 6;

/// What a file is, from its folders and its name below its store; nothing for what is no part of a recovery point.
pub fn named(key: &str) -> Option<Named<'_>> {
    let (mut steps, mut depth) = ([""; DEEPEST], 0);
    for step in key.split('/') {
        *steps.get_mut(depth)? = step;
        depth += 1;
    }
    match steps[..depth] {
        [year, name] if is_number(year, 4) => of_all(year, name),
        [folder, name] | [folder, "env" | "certs", name] => Some(one_of(name, &ARCHIVED)?.into_named(folder)),
        [folder, "daily", name] => Some(daily(name)?.into_named(folder)),
        [folder, "hourly", name] => Some(one_of(name, &HOURLY)?.into_named(folder)),
        [folder, "base", name] => Some(one_of(name, &BASE)?.into_named(folder)),
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
struct Found<'k> {
    point: Cow<'k, str>,
    taken: Taken,
    part: Part,
}

impl<'k> Found<'k> {
    fn into_named(self, folder: &'k str) -> Named<'k> {
        Named { folder, point: self.point, taken: self.taken, part: self.part }
    }

    /// The same of the recovery point whose name begins otherwise.
    fn called(self, prefix: &str, instead: &str) -> Found<'k> {
        Found { point: self.point.replacen(prefix, instead, 1).into(), ..self }
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

/// A form of names: how it begins and ends, and what is called so.
type Form = (&'static str, &'static str, Part);

const HOURLY: [Form; 1] = [("snapshot_", "rdb", Part::Artefact(Sort::Snapshot))];
const BASE: [Form; 1] = [("base_", "tar", Part::Artefact(Sort::Base))];
const DUMPED: [Form; 1] = [("dump_", "txt", Part::Artefact(Sort::Messages))];
const ARCHIVED: [Form; 3] = [
    ("archive_", "tar", Part::Artefact(Sort::Files)),
    ("archive_", "env.tar", Part::Artefact(Sort::Files)),
    ("archive_", "key.tar", Part::Artefact(Sort::Files)),
];
const DAILY: [Form; 11] = [
    ("backup_", "dump", Part::Artefact(Sort::Dump)),
    ("backup_", "sql", Part::Artefact(Sort::Sql)),
    ("snapshot_", "rdb", Part::Artefact(Sort::Snapshot)),
    ("snapshot_", "tar", Part::Artefact(Sort::Snapshot)),
    ("appendonly_", "tar", Part::Artefact(Sort::Appendonly)),
    ("definitions_", "json", Part::Artefact(Sort::Definitions)),
    ("queues_", "json", Part::Artefact(Sort::Queues)),
    ("messages_", "tar", Part::Artefact(Sort::Messages)),
    ("export_", "ndjson", Part::Artefact(Sort::Export)),
    ("export_", "json", Part::Artefact(Sort::Export)),
    ("export_", "bin", Part::Artefact(Sort::Export)),
];
/// One file for all that was exported that day.
const EXPORTED: [Form; 1] = [("metadata_", "json", Part::Note(Note::Manifest))];

/// `PREFIX20241118_020000.FORMAT`, compressed or not; the recovery point is called as the file without its ending.
fn one_of<'k>(name: &'k str, forms: &[Form]) -> Option<Found<'k>> {
    let (stem, ending) = name.split_once('.')?;
    forms.iter().find_map(|(prefix, format, part)| {
        let at = stem.strip_prefix(prefix).filter(|_| ends_as(ending, format))?;
        Some(Found { point: stem.into(), taken: Taken::of_day(at)?, part: *part })
    })
}

fn daily(name: &str) -> Option<Found<'_>> {
    one_of(name, &DAILY).or_else(|| Some(one_of(name, &EXPORTED)?.called("metadata_", "definitions_")))
}

/// What is known of a recovery point, and the small files that lie there with it.
fn metadata(name: &str) -> Option<Found<'_>> {
    let (stem, ending) = name.split_once('.')?;
    let at = PREFIXES.iter().find_map(|prefix| stem.strip_prefix(prefix))?;
    let taken = Taken::of_day(at)?;
    Some(Found { point: stem.into(), taken, part: beside(ending)? })
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
fn dumped(name: &str) -> Option<Found<'_>> {
    Some(one_of(name, &DUMPED)?.called("dump_", "messages_"))
}

/// In a bucket a recovery point is a folder; what lies in it is called by its ending alone, or in full.
fn grouped<'k>(group: &'k str, name: &str) -> Option<Found<'k>> {
    let taken = Taken::of_day(group.strip_prefix("backup_")?)?;
    let ending = name.strip_prefix(group).unwrap_or(name).strip_prefix('.')?;
    Some(Found { point: group.into(), taken, part: part_of(ending)? })
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
fn monthly<'k>(group: &'k str, name: &'k str) -> Option<Found<'k>> {
    let taken = Taken::of_month(group.strip_suffix("-backup-full")?)?;
    let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
    let part = part_of(ending).unwrap_or(Part::Artefact(Sort::Archive));
    // What is named in full is one by itself.
    if let Some(taken) = stem.strip_prefix("backup_").and_then(Taken::of_day) {
        return Some(Found { point: stem.into(), taken, part });
    }
    Some(Found { point: group.into(), taken, part })
}

/// `2024/2024-01-compliance-archive.tar`
fn of_all<'k>(year: &str, name: &'k str) -> Option<Named<'k>> {
    let (stem, ending) = name.split_once('.')?;
    let month = stem.strip_suffix("-compliance-archive").filter(|month| month.starts_with(year))?;
    let part = if ends_as(ending, "tar") { Part::Artefact(Sort::Archive) } else { beside(ending)? };
    Some(Found { point: stem.into(), taken: Taken::of_month(month)?, part }.into_named(""))
}
