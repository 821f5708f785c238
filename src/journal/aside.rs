//! Setting aside what an interrupted write left at the end of a chain.

use std::path::Path;

use serde_json::json;

use super::draft::Draft;
use super::event::Kind;
use super::medium::Medium;
use super::tail::Tail;
use super::trouble::DiskError;
use super::{Digest, segment};

/// Keeps it in a file: it was never acknowledged, and it may still tell something.
pub(super) fn keep(medium: &dyn Medium, directory: &Path, tail: &Tail) -> Result<(), DiskError> {
    let path = directory.join(format!("{}{}.torn", prefix(tail), Digest::of(&tail.torn).short()));
    let kept = match medium.create(&path) {
        // Kept by one who died before it could go on; perhaps not wholly.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => medium.open(&path),
        created => created,
    };
    kept.and_then(|sheet| sheet.write_at(0, &tail.torn).and_then(|()| sheet.sync()))
        .and_then(|()| medium.sync_names(directory))
        .map_err(DiskError::new("write", &path))
}

/// What has to be said of files kept at the very end: had it been said, that would stand behind them.
pub(super) fn unsaid(medium: &dyn Medium, directory: &Path, tail: &Tail) -> Result<Vec<Draft>, DiskError> {
    let names = medium.names(directory).map_err(DiskError::new("read", directory))?;
    let note = |name: String| {
        Draft::new(Kind::TAIL_SET_ASIDE, "journal").with(json!({
            "what": "the last write was interrupted; it had not been acknowledged",
            "file": name, "segment": segment::name(tail.segment), "offset": tail.offset
        }))
    };
    Ok(names.into_iter().filter(|name| name.starts_with(&prefix(tail))).map(note).collect())
}

fn prefix(tail: &Tail) -> String {
    format!("{:012}-{}-", tail.segment, tail.offset)
}
