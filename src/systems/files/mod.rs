//! Files: whether they are there, what changed since the last backup, and how much room their disk has left.

mod commit;
mod git;
mod glance;
mod pattern;
mod probe;
mod regular;
pub mod take;
mod touched;
mod tree;

pub use commit::{Committed, Committing, commit};
pub use pattern::fits;
pub use probe::FilesProbe;
pub use regular::{NoFile, fetch};
pub use touched::Touched;

use super::contact::{Answer, Contact, address};
use super::trouble::{ContactError, failed, refusal};
use crate::plan::types::Component;
use crate::reach::{Command, Reach};

/// Whether the file or folder is there.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let path = address(component)?;
    if run(component, with, Command::new("test").args(["-r", path])).await? {
        Ok(Answer { identity: format!("{path} can be read"), clock: None })
    } else {
        Err(refusal(component, "it is not there, or cannot be read"))
    }
}

/// Whether commands can be run where it lives.
pub async fn answers(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    if run(component, with, Command::new("true")).await? {
        Ok(Answer { identity: "runs commands".to_owned(), clock: None })
    } else {
        Err(refusal(component, "`true` failed there"))
    }
}

async fn run(component: &Component, with: &Contact<'_>, command: Command) -> Result<bool, ContactError> {
    let place = component.reach.clone().unwrap_or_default();
    let reach = Reach::open(&place, with.reach).await.map_err(|error| failed(component, &error))?;
    Ok(reach.run(command.cancelled_by(with.stop.clone())).await.map_err(|error| failed(component, &error))?.is_ok())
}
