//! The log of a database as it lies in a store.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::kept::LogKey;
use super::name::{LogFile, Lsn, SegmentName};
use super::told::Told;
use crate::vault::directory::Holding;
use crate::vault::folders::Folders;
use crate::vault::look::Known;
use crate::vault::naming::is_segment;

/// The log of one database in one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The store.
    pub store: String,
    /// Its folder there.
    pub folder: String,
    /// Whose log it is, where its folder tells.
    pub component: Option<String>,
    /// Its segments, in the order of their names.
    pub pieces: Vec<Piece>,
    /// What else lies there: how timelines begin, what base backups span, by their names.
    pub beside: Vec<Beside>,
}

/// A file of a log that is no segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// What it is.
    pub file: LogFile,
    /// What its server calls it.
    pub name: String,
    /// The file in the store.
    pub holding: Holding,
}

/// A segment of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its name.
    pub name: SegmentName,
    /// The file that it lies in.
    pub file: Holding,
    /// What is told of it; nothing where somebody else has put it there, or it was not looked into.
    pub told: Option<Box<Told>>,
    /// Why it cannot be read.
    pub flaw: Option<String>,
}

/// The logs in a store, out of all that is no part of a recovery point.
pub(in crate::vault) fn logs(store: &str, files: Vec<(Holding, Option<Known>)>, folders: &Folders) -> Vec<Log> {
    let mut logs: BTreeMap<String, Log> = BTreeMap::new();
    for (file, known) in files {
        if file.size == 0 || !is_segment(&file.key) {
            continue;
        }
        let (place, name) = file.key.rsplit_once('/').unwrap_or_default();
        let Some((what, plain)) = log_file(name) else { continue };
        let folder = place.strip_suffix("wal").unwrap_or_default().trim_end_matches('/');
        let log = logs.entry(folder.to_owned()).or_insert_with(|| Log {
            store: store.to_owned(),
            folder: folder.to_owned(),
            component: folders.component(folder).map(str::to_owned),
            pieces: Vec::new(),
            beside: Vec::new(),
        });
        let LogFile::Segment(name) = what else {
            log.beside.push(Beside { file: what, name: plain, holding: file });
            continue;
        };
        let (told, flaw) = match known {
            Some(Known::Log(told)) => (Some(told), None),
            Some(Known::Unreadable(why)) => (None, Some(why)),
            _ => (None, None),
        };
        log.pieces.push(Piece { name, file, told, flaw });
    }
    let mut logs: Vec<Log> = logs.into_values().collect();
    for log in &mut logs {
        // The same may lie there twice, packed by us and by a script: what is whole counts, and what is told of.
        log.pieces.sort_by_key(|piece| (piece.name, piece.flaw.is_some(), piece.told.is_none()));
        log.pieces.dedup_by_key(|piece| piece.name);
    }
    logs
}

/// Whether a file is a segment as we put it into a store, by its name.
pub(in crate::vault) fn is_ours(key: &str) -> bool {
    let plain = key.strip_suffix(".age").unwrap_or(key).strip_suffix(".zst");
    let plain = plain.and_then(|plain| plain.rsplit_once("/wal/"));
    plain.is_some_and(|(_, name)| SegmentName::of(name).is_some())
}

/// Where it is noted what a segment holds, where it cannot be read there itself.
pub(in crate::vault) fn told_beside(key: &str) -> Option<String> {
    let (folder, name) = key.strip_suffix(".zst.age")?.rsplit_once("/wal/")?;
    Some(LogKey::of(folder, name)?.note())
}

/// The segments at which something begins or ends in a store, and some before: what is told of those says how far its
/// logs lead, without looking into all of them.
pub(in crate::vault) fn edges(holdings: &[Holding]) -> BTreeSet<&str> {
    const BEFORE: usize = 3;
    let segment = |holding: &'_ Holding| SegmentName::of(holding.key.rsplit('/').next()?.get(..24)?);
    let mut ours: Vec<(&str, SegmentName, &str)> = Vec::new();
    for holding in holdings.iter().filter(|holding| is_ours(&holding.key)) {
        let folder = holding.key.rsplit_once('/').map_or("", |(folder, _)| folder);
        ours.extend(segment(holding).map(|name| (folder, name, holding.key.as_str())));
    }
    ours.sort_unstable();
    let runs = ours.chunk_by(|one, next| one.0 == next.0 && next.1.follows(one.1));
    let ends = runs.flat_map(|run| run.first().into_iter().chain(&run[run.len().saturating_sub(BEFORE)..]));
    ends.map(|(.., key)| *key).collect()
}

/// What a file is by its name in a store, however it is packed, and what its server calls it.
fn log_file(name: &str) -> Option<(LogFile, String)> {
    let name = name.strip_suffix(".age").unwrap_or(name);
    let plain = [".zst", ".gz"].iter().find_map(|packed| name.strip_suffix(packed)).unwrap_or(name);
    Some((LogFile::of(plain)?, plain.to_owned()))
}

impl Log {
    /// How large its segments are, where that is told.
    fn segment_size(&self) -> Option<u64> {
        self.pieces.iter().find_map(|piece| piece.told.as_ref()).map(|told| told.bytes)
    }

    /// Its files that end before a place in the log, and how many bytes each has; the oldest first. How timelines begin is
    /// part of all of it.
    pub fn files_before(&self, place: Lsn) -> Vec<(String, u64)> {
        let Some(size) = self.segment_size() else { return Vec::new() };
        let pieces = self.pieces.iter().map(|piece| (Some(piece.name), &piece.file));
        let beside = self.beside.iter().map(|beside| (beside.file.segment(), &beside.holding));
        let ends = |segment: SegmentName| segment.begins(size)?.checked_add(size);
        let is_before = |segment: &Option<SegmentName>| segment.and_then(ends).is_some_and(|end| end <= place.0);
        let before = pieces.chain(beside).filter(|(segment, _)| is_before(segment));
        let mut before: Vec<(String, u64)> = before.map(|(_, file)| (file.key.clone(), file.size)).collect();
        before.sort_unstable();
        before
    }

    /// The names of its files that are whole, as far as is known, and not from before a place in the log. How timelines
    /// begin belongs to all of it.
    pub fn whole_since(&self, from: Option<Lsn>) -> impl Iterator<Item = String> {
        let pieces = self.pieces.iter().filter(|piece| piece.flaw.is_none());
        let pieces = pieces.map(|piece| (Some(piece.name), piece.name.to_string()));
        let beside = self.beside.iter().map(|beside| (beside.file.segment(), beside.name.clone()));
        let since = from.zip(self.segment_size());
        let is_since = move |segment: Option<SegmentName>| match (segment, since) {
            (Some(segment), Some((from, size))) => segment.begins(size).is_none_or(|begins| begins + size > from.0),
            _ => true,
        };
        pieces.chain(beside).filter(move |(segment, _)| is_since(*segment)).map(|(_, name)| name)
    }
}

impl Piece {
    /// When the last transaction in it was committed; else, where that is not told, when it was written, which is later.
    pub fn until(&self) -> Option<DateTime<Utc>> {
        match self.told.as_ref().and_then(|told| told.segment.as_ref()) {
            Some(segment) => segment.last,
            None => Some(self.file.written),
        }
    }
}

impl Log {
    /// One of a made-up store, with a segment written at each of these moments.
    #[cfg(test)]
    pub(crate) fn made_up(store: &str, component: &str, written: &[DateTime<Utc>]) -> Log {
        let piece = |(low, written): (usize, &DateTime<Utc>)| {
            let name = SegmentName { timeline: 1, high: 0, low: u32::try_from(low).unwrap_or_default() };
            let file = Holding { key: format!("postgres/wal/{name}"), size: 9, written: *written };
            Piece { name, file, told: None, flaw: None }
        };
        Log {
            store: store.to_owned(),
            folder: "postgres".to_owned(),
            component: Some(component.to_owned()),
            pieces: written.iter().enumerate().map(piece).collect(),
            beside: Vec::new(),
        }
    }
}
