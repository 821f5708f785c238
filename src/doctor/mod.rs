//! The doctor: whether this bastion could do its work tonight.
//!
//! May use protect and everything below. Only looks: whatever it tries leaves nothing behind.

mod clock;
mod credentials;
mod disk;
mod endings;
mod grants;
mod keeping;
mod logout;
mod programs;
mod reachable;
mod record;
mod rewrites;
mod version;

use std::path::PathBuf;
use std::sync::Arc;

use crate::plan::{Loaded, Plan};
use crate::reach::quote;
pub use crate::systems::mend::Next;
use crate::watch::{Means, Picture};

/// What the doctor looks at.
pub struct Patient {
    /// The plan with the places in its files.
    pub loaded: Arc<Loaded>,
    /// What could be read of it.
    pub plan: Arc<Plan>,
    /// What every question needs.
    pub means: Arc<Means>,
    /// The state folder in force.
    pub state: Option<PathBuf>,
}

/// What is looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Area {
    /// The plan itself.
    Plan,
    /// The journal and the state folder.
    Record,
    /// Programs of others.
    Programs,
    /// Passwords and keys.
    Secrets,
    /// What would end together with this login, or soon.
    Credentials,
    /// The ways to places.
    Reach,
    /// Components, and what their logins may see.
    Logins,
    /// Where recovery points are kept.
    Stores,
    /// Room on disks.
    Disk,
    /// Clocks.
    Clock,
}

impl Area {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Area::Plan => "plan",
            Area::Record => "record",
            Area::Programs => "programs",
            Area::Secrets => "secrets",
            Area::Credentials => "credentials",
            Area::Reach => "reach",
            Area::Logins => "logins",
            Area::Stores => "stores",
            Area::Disk => "disk",
            Area::Clock => "clock",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Where it belongs.
    pub area: Area,
    /// What it is about: a program, a component, a store.
    pub about: String,
    /// What was found.
    pub outcome: Outcome,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As it should be, in a few words.
    Well(String),
    /// Not as it should be.
    Wrong {
        /// What is wrong, in one sentence.
        why: String,
        /// What to do about it.
        next: Next,
    },
    /// It could not be looked at.
    NotLooked(String),
}

impl Check {
    fn well(area: Area, about: impl Into<String>, what: impl Into<String>) -> Check {
        Check { area, about: about.into(), outcome: Outcome::Well(what.into()) }
    }

    fn wrong(area: Area, about: impl Into<String>, why: impl Into<String>, next: Next) -> Check {
        Check { area, about: about.into(), outcome: Outcome::Wrong { why: why.into(), next } }
    }

    fn not_looked(area: Area, about: impl Into<String>, why: impl Into<String>) -> Check {
        Check { area, about: about.into(), outcome: Outcome::NotLooked(why.into()) }
    }

    /// Whether something is wrong.
    pub fn is_wrong(&self) -> bool {
        matches!(self.outcome, Outcome::Wrong { .. })
    }
}

/// One word of a shell.
fn word(text: &str) -> String {
    String::from_utf8_lossy(&quote(text)).into_owned()
}

/// Looks at everything at once; one that hangs delays no other. `picture` is what the components told.
pub async fn examine(patient: &Patient, picture: &Picture) -> Vec<Check> {
    let now = patient.means.clock().now();
    let (programs, reachable, keeping, rewrites, sudo, sessions) = tokio::join!(
        programs::programs(&patient.plan, picture, &patient.means),
        reachable::reachable(&patient.loaded, &patient.plan, &patient.means),
        keeping::keeping(&patient.plan, &patient.means),
        rewrites::rewrites(&patient.plan, &patient.means),
        credentials::sudo(&patient.plan),
        endings::sessions(&patient.plan, &patient.means),
    );
    let home = std::env::home_dir().filter(|_| patient.plan.first_ssh().is_some());
    let quick = || -> Vec<Check> {
        [
            record::plan(&patient.loaded, now),
            record::record(patient.state.as_deref()),
            credentials::credentials(&patient.plan),
            endings::logins(picture, now),
            home.as_deref().map(|home| endings::ssh_certificates(home, now)).unwrap_or_default(),
            logout::logout(),
            reachable::logins(picture),
            reachable::vantages(&patient.plan, picture),
            grants::grants(picture),
            disk::disk(&patient.plan, patient.state.as_deref()),
            clock::clock(picture),
        ]
        .concat()
    };
    // These read files, and a disk may hang.
    let mut checks = tokio::task::block_in_place(quick);
    checks.extend([programs, reachable, keeping, rewrites, sudo, sessions].concat());
    checks.sort_by_key(|check| check.area);
    checks
}
