//! What one lab is and how far it was made: the file `lab.json`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::home::Home;
use super::network::Network;
use super::{LabError, Layout, Nodes, ServerId, files};

/// Which servers a lab has. Counted up when labs get others, because those of before cannot be completed.
pub(super) const FORMAT: u32 = 1;

/// What one lab is. Written once when it is made; only `done` grows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    /// Which servers it has; labs of before this was written down have none.
    #[serde(default)]
    pub(super) format: u32,
    /// How many nodes there are of what can have several.
    #[serde(default)]
    pub(super) nodes: Nodes,
    /// The folder it was made in; labs of before this was written down have none.
    #[serde(default)]
    pub(super) home: Option<Home>,
    /// Sets its processes apart from those of every other lab of this machine.
    pub(super) id: String,
    pub(super) made: DateTime<Utc>,
    /// How much data was asked for.
    pub(super) scale: f64,
    /// Whom the servers run as, if not as whoever made it.
    pub(super) account: Option<Account>,
    /// Where the folders of the sites really are.
    pub(super) sites: PathBuf,
    /// The program that serves what is embedded in Lifeboat.
    pub(super) program: PathBuf,
    pub(super) network: Network,
    /// Steps of making it that are complete, so that a second `up` goes on where the first one stopped.
    pub(super) done: BTreeSet<String>,
}

impl Record {
    /// The record of the lab in `layout`, if there is one, it is where it was made, and it has the servers that we know.
    pub(super) fn load(layout: &Layout) -> Result<Option<Record>, LabError> {
        let found = Record::load_to_end(layout)?;
        if let Some(home) = found.as_ref().and_then(|record| record.home.as_ref())
            && !home.is_here(layout)
        {
            return Err(home.moved(layout));
        }
        match &found {
            Some(record) if record.format < FORMAT => {
                Err(LabError::OtherVersion { lab: layout.root().to_owned(), is_newer: false })
            }
            _ => Ok(found),
        }
    }

    /// The same for whoever only ends it, which a lab that was moved or made by an older version allows, and a copy of
    /// one does not.
    pub(super) fn load_to_end(layout: &Layout) -> Result<Option<Record>, LabError> {
        let found: Option<Record> = files::read_record(&layout.record())?;
        if found.as_ref().is_some_and(|record| record.format > FORMAT) {
            return Err(LabError::OtherVersion { lab: layout.root().to_owned(), is_newer: true });
        }
        match found.as_ref().and_then(|record| record.home.as_ref()) {
            Some(home) if !home.is_here(layout) && home.is_still_there() => Err(home.copied(layout)),
            _ => Ok(found),
        }
    }

    /// Every server of the lab.
    pub(super) fn servers(&self) -> Vec<ServerId> {
        ServerId::all(self.nodes)
    }

    /// Writes it down.
    pub(super) fn save(&self, layout: &Layout) -> Result<(), LabError> {
        files::write_json(&layout.record(), self, 0o600, None)
    }
}
