//! How far the chains of other hosts have come, as far as they are here.

use std::path::Path;

use super::medium::Medium;
use super::{ChainId, Head, Heads, line, segment};

/// Two of the longest events: reading this much finds a whole one.
const ENOUGH: u64 = 640 << 10;

/// The last readable event of each chain in the journal except `own`. Best effort: an event names what
/// its writer saw, and seeing nothing is no reason not to write it.
pub(super) fn heads(medium: &dyn Medium, journal: &Path, own: &ChainId) -> Heads {
    let names = medium.names(journal).unwrap_or_default();
    let others = names.iter().filter_map(|name| name.parse::<ChainId>().ok()).filter(|chain| chain != own);
    others.filter_map(|chain| Some((chain.clone(), head(medium, &journal.join(chain.as_str()))?))).collect()
}

fn head(medium: &dyn Medium, directory: &Path) -> Option<Head> {
    let names = medium.names(directory).ok()?;
    segment::among(names.iter().map(String::as_str)).into_iter().rev().find_map(|first| {
        let bytes = medium.read_end(&directory.join(segment::name(first)), ENOUGH).ok()?;
        let whole = &bytes[..bytes.iter().rposition(|byte| *byte == b'\n')?];
        let event = whole.rsplit(|byte| *byte == b'\n').find_map(|line| line::read_checked(line).ok())?;
        Some(Head { seq: event.seq, hash: event.hash.parse().ok()? })
    })
}
