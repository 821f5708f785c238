//! How far each chain had come, kept beside the chains: within a chain nothing tells that its last events
//! are missing.
//!
//! Written after the acknowledgement, so it may lag behind: a head older than its chain is no fault. Who
//! may remove events may remove this too; what is kept elsewhere (`journal verify --heads`) proves more.

use std::io;
use std::path::Path;

use super::state::Access;
use super::{ChainId, Head, Heads, beside, plain};

/// The directory's name in the journal.
pub(super) const NAME: &str = "heads";
const LONGEST: u64 = 4 << 10;

/// Keeps a chain's head in place of the one before.
pub(super) fn keep(journal: &Path, chain: &ChainId, head: Head, access: Access) -> io::Result<()> {
    let content = serde_json::to_vec(&head)?;
    beside::replace(&journal.join(NAME).join(chain.as_str()), access, &[&content, b"\n"])
}

/// A chain's head as it was kept; none if it was not, or if it cannot be read.
pub(super) fn kept(journal: &Path, chain: &ChainId) -> Option<Head> {
    let content = plain::read(&journal.join(NAME).join(chain.as_str()), LONGEST).ok()?;
    serde_json::from_slice(&content).ok()
}

/// All of them.
pub(super) fn all(journal: &Path) -> Heads {
    let names = plain::names(&journal.join(NAME)).unwrap_or_default();
    let chains = names.iter().filter_map(|name| name.parse::<ChainId>().ok());
    chains.filter_map(|chain| Some((chain.clone(), kept(journal, &chain)?))).collect()
}
