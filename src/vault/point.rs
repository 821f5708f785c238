//! A recovery point: one thing one can restore from, and its copies.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::directory::Holding;
use super::naming::{Note, Sort};
use super::taken::Precision;

/// One thing one can restore from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Its name, the same in every store: `postgres/backup_20241118_020000`.
    pub id: String,
    /// The component that it was taken of, where the plan tells.
    pub component: Option<String>,
    /// What it holds.
    pub sorts: BTreeSet<Sort>,
    /// When it was taken.
    pub taken: DateTime<Utc>,
    /// How exactly that is known.
    pub precision: Precision,
    /// Where it lies, in the order of the plan's stores.
    pub copies: Vec<Copied>,
}

/// A recovery point in one store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The store.
    pub store: String,
    /// What one restores from, each file by its name.
    pub artefacts: Vec<(Sort, Holding)>,
    /// What is written about it.
    pub notes: Vec<(Note, Holding)>,
}

impl Copied {
    /// How many bytes one restores from.
    pub fn size(&self) -> u64 {
        self.artefacts.iter().map(|(_, holding)| holding.size).sum()
    }

    /// Whether a file that one would restore from is empty: then there is nothing to restore from.
    pub fn has_empty(&self) -> bool {
        self.artefacts.iter().any(|(_, holding)| holding.size == 0)
    }
}

impl Point {
    /// How many bytes one restores from; of the largest copy, where they differ.
    pub fn size(&self) -> u64 {
        self.copies.iter().map(Copied::size).max().unwrap_or(0)
    }

    /// Whether there is a copy to restore from.
    pub fn is_there(&self) -> bool {
        self.copies.iter().any(|copied| !copied.artefacts.is_empty() && !copied.has_empty())
    }

    /// Whether copies of the same file differ in size: then one of them is not whole.
    pub fn differs(&self) -> bool {
        let name = |holding: &Holding| holding.key.rsplit('/').next().unwrap_or_default().to_owned();
        let mut sizes = std::collections::BTreeMap::new();
        let all = self.copies.iter().flat_map(|copied| copied.artefacts.iter().map(|(_, holding)| holding));
        all.into_iter().any(|holding| *sizes.entry(name(holding)).or_insert(holding.size) != holding.size)
    }
}
