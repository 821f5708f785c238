//! What was done to the lab, in the lab's own journal: drills are told and scored from it.

use serde_json::Value;

use super::Layout;
use crate::journal::{Draft, Journal, Kind, Settings, State};

/// The lab was brought up.
pub(super) const UP: Kind = Kind::new("lab.up");
/// Its servers were ended.
pub(super) const DOWN: Kind = Kind::new("lab.down");
/// Something is about to be broken on purpose.
pub(super) const FAULT: Kind = Kind::new("lab.fault");
/// A fault was undone.
pub(super) const UNDONE: Kind = Kind::new("lab.fault-undone");

/// Records an event, and returns once it lasts. The lab goes on without it: what is tried on it may well be a
/// full disk.
pub(super) fn record(layout: &Layout, kind: Kind, subject: &str, body: Value) {
    let write = || -> Result<(), String> {
        let state = State::open(&layout.state(), None).map_err(|error| error.to_string())?;
        let journal = Journal::open(&state, Settings::here()).map_err(|error| error.to_string())?;
        let pending = journal.record(Draft::new(kind, subject).with(body)).map_err(|error| error.to_string())?;
        pending.wait().map(|_| ()).map_err(|error| error.to_string())
    };
    // On a thread of its own, since it waits and our caller may be a task.
    let recorded = std::thread::scope(|scope| scope.spawn(write).join());
    if let Err(why) = recorded.unwrap_or_else(|_| Err("its thread ended".to_owned())) {
        tracing::warn!(kind = kind.as_str(), subject, "the lab's journal could not be written: {why}");
    }
}
