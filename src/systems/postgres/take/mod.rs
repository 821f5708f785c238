//! Taking a database: as a dump, as SQL, or the whole server file by file.
//!
//! What the programs of `PostgreSQL` say of themselves is not believed: what they write is read to its end while it
//! goes by, and its rows are compared with those of the snapshot that it was taken in.

mod base;
mod custom;
mod dump;
mod program;
mod restore;
mod roles;
mod snapshot;
mod stream;

pub use base::base;
pub use dump::{dump, sql};

use crate::plan::types::Component;
use crate::reach::{Command, Reach};
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use program::Programs;
use snapshot::Snapshot;

/// The present moment of a database, the programs that know its version, and one of them ready to run.
async fn open(
    program: &str,
    component: &Component,
    with: &Contact<'_>,
    at: &Reach,
) -> Result<(Snapshot, Programs, Command), TakeError> {
    let snapshot = Snapshot::begin(component, with).await?;
    let programs = Programs::find(component, snapshot.major, at).await?;
    let command = programs.run(program, component, snapshot.server(), with).await?;
    Ok((snapshot, programs, command))
}
