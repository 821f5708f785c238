//! Redis, over its own protocol: a server, a node of a cluster, or a Sentinel.
//!
//! A login that may use `INFO` sees nearly everything that is asked; what another may not see is said. Nothing is
//! asked that changes anything or takes the server long.

pub mod appendonly;
mod cluster;
mod growth;
mod info;
mod login;
mod memory;
pub mod mend;
mod past;
mod persistence;
mod probe;
pub mod rdb;
mod replication;
mod rewrite;
mod sentinel;
mod session;
mod shallow;
pub mod take;
mod traffic;
mod trouble;
mod vital;
mod wanted;

pub use probe::probe;
pub use rewrite::{Rewritten, rewrite};

use std::time::Duration;

use super::contact::{Answer, Contact, clock_offset};
use super::trouble::{ContactError, refusal};
use crate::plan::types::Component;

/// Logs in and asks for version, role and time.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let address = login::Address::of(component)?;
    let mut session = address.open(component, with).await.map_err(|failure| failure.into_error(component))?;
    let asked = with.clock.now();
    let questions = session::Questions::new().ask(&["TIME"]).ask(&["INFO", "server", "replication"]);
    let answers = session.ask(&questions).await;
    let answers = answers.map_err(|error| trouble::asking(component, &error, &session).into_error(component))?;
    let said = answers.text(1).map_err(|error| trouble::asking(component, error, &session).into_error(component))?;
    let info = info::Info::of(&said);
    let clock = answers.time(0).map(|theirs| clock_offset(asked, theirs, with, Duration::from_micros(1)));
    match vital::identity(&info) {
        Some(identity) => Ok(Answer { identity, clock }),
        None => Err(refusal(component, "INFO tells neither version nor role")),
    }
}
