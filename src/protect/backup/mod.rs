//! A backup: one recovery point of one component, into every store at once.

mod choice;
mod events;
mod rights;

use crate::journal::claim::ClaimError;
use crate::journal::{Actor, Journal, JournalError, host};
use crate::plan::types::Method;
use crate::plan::{Plan, Schedule, zone_of};
use crate::reach::{Reach, ReachError};
use crate::systems::take::{TakeError, take};
use crate::systems::{Contact, Subject};
use crate::text::{Exit, Explain};
use crate::vault::{Delivered, Folders, KeepError, Origin, Pace, Place, Rhythm, Taking};

pub use choice::{Asked, NotChosen, Wanted};
pub use rights::{Rights, Wanting};

/// Why there is no recovery point.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Somebody else takes one of the same thing, or cannot be asked.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// What was to be done could not be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The system did not hand it over, or not whole.
    #[error(transparent)]
    Take(#[from] TakeError),
    /// No store has it.
    #[error("{component}: {error}")]
    Keep {
        /// Of what.
        component: String,
        /// What the stores said.
        error: KeepError,
    },
    /// Where it is to be taken cannot be reached.
    #[error(transparent)]
    Reach(#[from] ReachError),
}

impl Explain for BackupError {
    fn next_step(&self) -> String {
        match self {
            BackupError::Claim(error) => error.next_step(),
            BackupError::Journal(error) => error.next_step(),
            BackupError::Take(error) => error.next_step(),
            BackupError::Keep { .. } => {
                "Nothing half-written was left. Look at the stores, then take it again.".to_owned()
            }
            BackupError::Reach(error) => error.next_step(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            BackupError::Claim(error) => error.exit(),
            BackupError::Journal(error) => error.exit(),
            BackupError::Take(error) => error.exit(),
            BackupError::Keep { .. } => Exit::Failed,
            BackupError::Reach(error) => error.exit(),
        }
    }
}

/// Takes a recovery point under a claim on its component, and tells which stores have it.
pub async fn back_up(
    plan: &Plan,
    wanted: &Wanted<'_>,
    pace: &Pace,
    (_rights, journal): (&Rights, &Journal),
    with: &Contact<'_>,
) -> Result<Delivered, BackupError> {
    let at = match &wanted.job.at {
        Some(place) => Reach::open(place, with.reach).await?,
        None => Reach::here(with.secrets.redactor()),
    };
    let place = place(plan, wanted, with);
    let taking = Taking::begin(place, &wanted.stores, pace.clone(), with.secrets, with.clock).await;
    let point = taking.point();
    events::started(journal, wanted, &point).await?;
    let done = taken(plan, wanted, taking, &at, with).await;
    events::ended(journal, wanted, &point, &done).await;
    done
}

async fn taken(
    plan: &Plan,
    wanted: &Wanted<'_>,
    mut taking: Taking<'_>,
    at: &Reach,
    with: &Contact<'_>,
) -> Result<Delivered, BackupError> {
    let component = wanted.component.as_backup();
    let subject = Subject { component: &component, plan };
    let account = take(subject, &wanted.job, with, at, &mut taking).await?;
    let origin = Origin {
        platform: plan.platform.name.clone(),
        environment: plan.platform.environment.clone(),
        component: wanted.component.name.clone(),
        method: wanted.job.method.unwrap_or(Method::Export),
        job: Some(wanted.job.name.clone()),
        host: host::name(),
        actor: Actor::here().name,
        program: format!("lifeboat {}", env!("CARGO_PKG_VERSION")),
    };
    let delivered = taking.finish(origin, account).await;
    delivered.map_err(|error| BackupError::Keep { component: wanted.component.name.clone(), error })
}

/// Where it will lie: by how often its like is taken.
fn place(plan: &Plan, wanted: &Wanted<'_>, with: &Contact<'_>) -> Place {
    let folders = Folders::of(plan);
    let now = with.clock.now();
    let schedule = Schedule::of(&wanted.job, zone_of(&plan.platform)).ok();
    let rhythm = Rhythm::of(schedule.and_then(|schedule| schedule.worst_interval(now)));
    let method = wanted.job.method.unwrap_or(Method::Export);
    Place::new(folders.of_component(&wanted.component.name), method, now, rhythm)
}
