//! `PostgreSQL`, over its own protocol.
//!
//! A login with `pg_monitor` sees everything that is asked; what another may not see is said. Every question is asked
//! in a transaction that can write nothing.

mod amcheck;
mod answers;
mod archive;
mod base_log;
pub mod base_tar;
mod checks;
mod counters;
mod follow;
mod login;
mod manager;
pub mod mend;
mod past;
mod probe;
mod questions;
mod rare;
mod replicas;
mod rights;
pub mod rows;
mod session;
mod sessions;
mod slots;
mod switch;
mod tables;
pub mod take;
mod trail;
mod trouble;
mod vital;
pub mod wal;
mod wanted;

pub use mend::clients;
pub use probe::probe;
pub use switch::{Switched, switch_wal};

use std::time::Duration;

use super::contact::{Answer, Contact, clock_offset};
use super::trouble::{ContactError, refusal};
use crate::plan::types::Component;

/// Logs in and asks for version, role and time.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let address = login::Address::of(component)?;
    let session = address.open(component, with).await.map_err(|failure| failure.into_error(component))?;
    let asked = with.clock.now();
    let answers = session.ask(questions::CORE).await.map_err(|error| trouble::contact(component, &error, &session))?;
    let core = answers.first().ok_or_else(|| refusal(component, "it says nothing of itself"))?;
    if !vital::is_core(core) {
        return Err(ContactError::strange(component, vital::NO_CORE));
    }
    Ok(Answer {
        identity: vital::identity(core),
        clock: core.moment("now").map(|theirs| clock_offset(asked, theirs, with, Duration::from_micros(1))),
    })
}
