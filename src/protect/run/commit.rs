//! Committing the changed files of a component to git.

use std::path::Path;

use super::component;
use crate::plan::Place;
use crate::plan::types::{Job, Plan, StoreKind};
use crate::protect::due::Outcome;
use crate::systems::{Committing, Contact, commit};

/// Commits what changed, and pushes it to the job's repository where that is another one.
pub(super) async fn run(plan: &Plan, job: &Job, with: &Contact<'_>) -> Outcome {
    let component = match component(plan, job) {
        Ok(component) => component,
        Err(outcome) => return outcome,
    };
    let Some(folder) = component.address.as_deref() else {
        return Outcome::failed(format!("the plan does not say where {} is (`address`)", component.name));
    };
    let place = job.at.as_ref().or(component.reach.as_ref()).cloned().unwrap_or_default();
    let remote = remote(plan, job, &place);
    let message = format!("Changes of {} as of job {}", component.name, job.name);
    let what = Committing {
        folder: Path::new(folder),
        place: &place,
        files: component.files.as_ref(),
        remote: remote.as_deref(),
        message: &message,
    };
    match commit(&what, with).await {
        Err(why) => Outcome::failed(why),
        Ok(committed) => {
            let pushed = if committed.pushed { "; it is pushed" } else { "" };
            match committed.commit {
                Some((id, 1)) => Outcome::done(format!("1 file is committed as {id}{pushed}")),
                Some((id, files)) => Outcome::done(format!("{files} files are committed as {id}{pushed}")),
                None => Outcome::nothing("nothing had changed since the last commit"),
            }
        }
    }
}

/// The repository that the job's store is, as git at the place gets to it.
fn remote(plan: &Plan, job: &Job, place: &Place) -> Option<String> {
    let is_git = |name: &&String| plan.store.iter().any(|store| store.name == **name && store.kind == StoreKind::Git);
    let name = job.to.iter().find(is_git)?;
    let store = plan.store.iter().find(|store| store.name == *name)?;
    if let Some(address) = &store.endpoint {
        return Some(address.clone());
    }
    let path = store.path.as_ref()?.display();
    match store.reach.as_ref().filter(|reach| *reach != place).and_then(|reach| reach.ssh.as_ref()) {
        Some(host) => Some(format!("{host}:{path}")),
        None => Some(path.to_string()),
    }
}
