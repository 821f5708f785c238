//! What one lab is and how far it was made: the file `lab.json`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::home::Home;
use super::network::Network;
use super::{LabError, Layout, files};

/// What one lab is. Written once when it is made; only `done` grows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
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
    /// The record of the lab in `layout`, if there is one and it is where it was made.
    pub(super) fn load(layout: &Layout) -> Result<Option<Record>, LabError> {
        let found = Record::load_to_end(layout)?;
        match found.as_ref().and_then(|record| record.home.as_ref()) {
            Some(home) if !home.is_here(layout) => Err(home.moved(layout)),
            _ => Ok(found),
        }
    }

    /// The same for whoever only ends it, which a lab that was moved allows and a copy of one does not.
    pub(super) fn load_to_end(layout: &Layout) -> Result<Option<Record>, LabError> {
        let found: Option<Record> = files::read_record(&layout.record())?;
        match found.as_ref().and_then(|record| record.home.as_ref()) {
            Some(home) if !home.is_here(layout) && home.is_still_there() => Err(home.copied(layout)),
            _ => Ok(found),
        }
    }

    /// Writes it down.
    pub(super) fn save(&self, layout: &Layout) -> Result<(), LabError> {
        files::write_json(&layout.record(), self, 0o600, None)
    }
}
