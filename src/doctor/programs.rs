//! Programs that the plan's jobs need, where each job runs, and of the right version.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use super::version::{leading, major};
use super::{Area, Check, Next, word};
use crate::plan::facts::Value;
use crate::plan::types::{Component, Job};
use crate::plan::{Place, Plan};
use crate::reach::{Command, Reach, ReachError};
use crate::systems::{Client, clients};
use crate::watch::{Means, Picture};

/// A program that is needed somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Needed {
    place: String,
    program: String,
    /// The oldest major version that does.
    at_least: Option<u32>,
    package: Option<String>,
}

/// Asks every place for what its jobs need.
pub(super) async fn programs(plan: &Plan, picture: &Picture, means: &Means) -> Vec<Check> {
    let mut places: BTreeMap<Needed, (Place, String)> = BTreeMap::new();
    for job in &plan.job {
        let place = job.at.clone().unwrap_or_default();
        for client in of_job(job, plan, picture) {
            let Client { program, at_least, package } = client;
            let needed = Needed { place: place.to_string(), program, at_least, package };
            places.entry(needed).or_insert_with(|| (place.clone(), job.name.clone()));
        }
    }
    if plan.first_ssh().is_some() {
        let needed = Needed {
            place: Place::HERE.to_string(),
            program: "ssh".to_owned(),
            at_least: None,
            package: Some("openssh-client".to_owned()),
        };
        places.entry(needed).or_insert_with(|| (Place::HERE, "the places reached over ssh".to_owned()));
    }
    join_all(places.into_iter().map(|(needed, (place, job))| check(needed, place, job, means))).await
}

fn of_job(job: &Job, plan: &Plan, picture: &Picture) -> Vec<Client> {
    let index = plan.component.iter().position(|component| Some(&component.name) == job.of.as_ref());
    let subject = index.map(|index| &plan.component[index]);
    let version = index.and_then(|index| server_version(&plan.component[index], picture.seen(index).fact("version")));
    clients(job, subject, version)
}

/// What the server says, else what the plan says.
fn server_version(component: &Component, told: Option<&Value>) -> Option<u32> {
    let told = told.map(ToString::to_string);
    told.as_deref().or(component.version.as_deref()).and_then(leading)
}

async fn check(needed: Needed, place: Place, job: String, means: &Means) -> Check {
    let about = if place.is_here() { needed.program.clone() } else { format!("{} at {place}", needed.program) };
    let contact = means.contact();
    let asked = async {
        let reach = Reach::open(&place, contact.reach).await?;
        let ask = Command::new(&needed.program).args(["--version"]).deadline(contact.reach.connect * 2);
        reach.run(ask.cancelled_by(contact.stop.clone())).await
    };
    let install = install(&needed, &place, &job);
    match asked.await {
        Ok(output) if output.ending == crate::reach::Ending::Exited(127) => missing(about, &job, install),
        Ok(output) => {
            let said = output.stdout.shown(&contact.reach.redactor, 200);
            version_check(about, &needed, &said, install)
        }
        Err(ReachError::NoProgram { .. }) => missing(about, &job, install),
        Err(error) => Check::not_looked(Area::Programs, about, error.to_string()),
    }
}

/// What installs a program where it is needed; of one that is in no package that we know, where it might be.
fn install(needed: &Needed, place: &Place, job: &str) -> Next {
    let Some(package) = &needed.package else {
        let pattern = word(&format!("bin/{}$", needed.program));
        return Next::Look(format!("apt-file search -x {pattern} # or correct `run` of {job}"));
    };
    let command = format!("apt-get install {}", word(package));
    Next::Mend(match (place.ssh.as_deref(), place.is_here()) {
        (Some(host), _) => format!("ssh -t {} sudo {command}", word(host)),
        (None, true) => command,
        (None, false) => format!("{command} # at {place}"),
    })
}

fn missing(about: String, job: &str, install: Next) -> Check {
    Check::wrong(Area::Programs, about, format!("it is missing, and {job} needs it"), install)
}

fn version_check(about: String, needed: &Needed, said: &str, install: Next) -> Check {
    let shown = said.lines().next().unwrap_or_default().to_owned();
    match (needed.at_least, major(said)) {
        (Some(least), Some(found)) if found < least => {
            let why = format!("version {found} is older than the server's {least}, and refuses to work with it");
            Check::wrong(Area::Programs, about, why, install)
        }
        _ => Check::well(Area::Programs, about, shown),
    }
}
