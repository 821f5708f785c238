//! Setting aside what stands at the end of a chain and is no whole line: what an interrupted write left,
//! or a line that was altered after it was written.

use std::path::Path;

use serde_json::json;

use super::draft::Draft;
use super::event::Kind;
use super::medium::Medium;
use super::tail::{self, Tail};
use super::trouble::DiskError;
use super::{Digest, segment};

/// What such a file is called at its end, and which event tells of it.
const TORN: &str = ".torn";
const ALTERED: &str = ".altered";

/// Keeps it in a file: if it was never acknowledged it may still tell something, and if it was altered
/// it may be all that is left of an acknowledged event.
pub(super) fn keep(medium: &dyn Medium, directory: &Path, tail: &Tail) -> Result<(), DiskError> {
    let suffix = if tail::is_altered(&tail.torn) { ALTERED } else { TORN };
    let path = directory.join(format!("{}{}{suffix}", prefix(tail), Digest::of(&tail.torn).short()));
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
    let note = |name: &String| {
        let (kind, what) = if name.ends_with(ALTERED) {
            (Kind::TAIL_ALTERED, "the last line was not as it had been written; it may have been acknowledged")
        } else if name.ends_with(TORN) {
            (Kind::TAIL_SET_ASIDE, "the last write was interrupted; it had not been acknowledged")
        } else {
            return None;
        };
        Some(Draft::new(kind, "journal").with(json!({
            "what": what, "file": name, "segment": segment::name(tail.segment), "offset": tail.offset
        })))
    };
    Ok(names.iter().filter(|name| name.starts_with(&prefix(tail))).filter_map(note).collect())
}

/// Whether a file of this name keeps what an interrupted write left.
pub(super) fn is_torn(name: &str) -> bool {
    name.ends_with(TORN)
}

/// Whether a file of this name keeps anything that stood at an end.
pub(super) fn is_ours(name: &str) -> bool {
    name.ends_with(TORN) || name.ends_with(ALTERED)
}

fn prefix(tail: &Tail) -> String {
    format!("{:012}-{}-", tail.segment, tail.offset)
}
