//! Looking at the stores of a plan, each by itself: one that hangs delays no other.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use super::directory::{Holding, list};
use crate::plan::Plan;
use crate::plan::types::{Store, StoreKind};

/// What a look at a folder gives.
type Listed = io::Result<Vec<Holding>>;

/// What lies in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The store.
    pub store: String,
    /// Every file in it.
    pub holdings: Vec<Holding>,
}

/// A store of which nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The store.
    pub store: String,
    /// Why not.
    pub why: String,
}

/// Looks at the chosen stores of a plan, for so long at most.
pub fn look(plan: &Plan, chosen: impl Fn(&Store) -> bool, patience: Duration) -> (Vec<Listing>, Vec<Unseen>) {
    let begun: Vec<(&Store, Result<Receiver<Listed>, String>)> =
        plan.store.iter().filter(|store| chosen(store)).map(|store| (store, begin(store))).collect();
    let end = Instant::now() + patience;
    let (mut listings, mut unseen) = (Vec::new(), Vec::new());
    for (store, answer) in begun {
        match answer.and_then(|answer| taken(&answer, end)) {
            Ok(holdings) => listings.push(Listing { store: store.name.clone(), holdings }),
            Err(why) => unseen.push(Unseen { store: store.name.clone(), why }),
        }
    }
    (listings, unseen)
}

fn begin(store: &Store) -> Result<Receiver<Listed>, String> {
    let is_folder = matches!(store.kind, StoreKind::Directory | StoreKind::Archive);
    let Some(path) = store.path.clone().filter(|_| is_folder) else {
        return Err(match store.kind {
            StoreKind::S3 => "this version lists no buckets".to_owned(),
            StoreKind::Archive => "this version lists no vaults".to_owned(),
            StoreKind::Git => "what git keeps are no recovery points".to_owned(),
            StoreKind::Directory => "the plan gives it no path".to_owned(),
        });
    };
    if let Some(place) = store.reach.as_ref().filter(|place| !place.is_here()) {
        return Err(format!("it lies at {place}, where this version does not look"));
    }
    let (tell, told) = sync_channel(1);
    let look = move || {
        // Whoever asked may have lost patience.
        let _ = tell
            .send(list(&path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))));
    };
    std::thread::Builder::new().spawn(look).map_err(|error| error.to_string())?;
    Ok(told)
}

fn taken(answer: &Receiver<Listed>, end: Instant) -> Result<Vec<Holding>, String> {
    match answer.recv_timeout(end.saturating_duration_since(Instant::now())) {
        Ok(listed) => listed.map_err(|error| error.to_string()),
        Err(RecvTimeoutError::Timeout) => Err("it does not answer; its file system may hang".to_owned()),
        Err(RecvTimeoutError::Disconnected) => Err("looking at it came to an unexpected end".to_owned()),
    }
}
