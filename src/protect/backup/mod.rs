//! A backup: one recovery point of one component, into every store at once.

mod choice;
mod deliver;
mod error;
mod events;
mod rights;
pub mod there;
mod way;

use crate::journal::{Actor, Journal, host};
use crate::plan::types::Method;
use crate::plan::{Plan, Schedule, zone_of};
use crate::protect::operation::{Telling, compare_with_usual};
use crate::reach::Reach;
use crate::systems::{Contact, Subject};
use crate::vault::{Delivered, Folders, Origin, Pace, Place, Rhythm, Taking, Tickets};

pub use choice::{Asked, NotChosen, Wanted};
use deliver::deliver;
pub use error::BackupError;
pub use rights::{Rights, Wanting, at_it};
use there::{Became, Sending};
use way::Way;

/// Takes a recovery point under a claim on its component, and tells which stores have it. Ends early when the claim is
/// lost.
pub async fn back_up(
    plan: &Plan,
    wanted: &Wanted<'_>,
    pace: &Pace,
    means: (&Rights, &Journal, &Tickets),
    telling: &Telling,
    with: &Contact<'_>,
) -> Result<Delivered, BackupError> {
    compare_with_usual(take_it(plan, wanted, pace, means, telling, with), telling, (plan, wanted), with).await
}

/// At the place of its job, or from here.
async fn take_it(
    plan: &Plan,
    wanted: &Wanted<'_>,
    pace: &Pace,
    (rights, journal, tickets): (&Rights, &Journal, &Tickets),
    telling: &Telling,
    with: &Contact<'_>,
) -> Result<Delivered, BackupError> {
    let stop = with.stop.child_token();
    let (with, pace) = (&Contact { stop: stop.clone(), ..*with }, pace.called_off_by(stop));
    let why = match Way::of(wanted) {
        Way::Here => None,
        Way::FromHere(why) => Some(why),
        Way::There(at) => {
            let sending = Sending { plan, wanted, at, pace: &pace, journal, with };
            match while_held(rights, sending.work(), with).await? {
                Became::Ended { point, done } => {
                    let done = (*done).map(|done| Delivered { worked: Some(way::there(at, &wanted.stores)), ..done });
                    events::ended(journal, wanted, &point, &done).await;
                    return done;
                }
                Became::NotThere(why) => Some(why),
            }
        }
    };
    let worked = why.as_deref().map(way::from_here);
    let done = from_here(plan, wanted, pace, (rights, journal, tickets), (telling, worked.as_deref()), with).await;
    match (done, why) {
        (Ok(delivered), _) => Ok(Delivered { worked, ..delivered }),
        (Err(error), Some(why)) => Err(BackupError::NotThere { error: Box::new(error), why }),
        (Err(error), None) => Err(error),
    }
}

/// Does the work; called off when the claim is lost. What was taken all the same is there.
async fn while_held<T>(
    rights: &Rights,
    work: impl Future<Output = Result<T, BackupError>>,
    with: &Contact<'_>,
) -> Result<T, BackupError> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => done,
        lost = rights.lost() => {
            with.stop.cancel();
            work.await.map_err(|_| BackupError::Claim(lost))
        }
    }
}

/// Takes it with commands at the place of the job, and bytes that come here.
async fn from_here(
    plan: &Plan,
    wanted: &Wanted<'_>,
    pace: Pace,
    (rights, journal, tickets): (&Rights, &Journal, &Tickets),
    (telling, worked): (&Telling, Option<&str>),
    with: &Contact<'_>,
) -> Result<Delivered, BackupError> {
    let at = match &wanted.job.at {
        Some(place) => Reach::open(place, with.reach).await?,
        None => Reach::here(with.secrets.redactor()),
    };
    let place = place(plan, wanted, with);
    let taking = Taking::begin(place, &wanted.stores, pace, (with.secrets, tickets), with.clock).await;
    let point = taking.point();
    telling.is_at(&point);
    events::started(journal, wanted, &point, (worked, None)).await?;
    let work = taken(plan, wanted, taking, &at, with);
    let done = while_held(rights, work, with).await;
    events::ended(journal, wanted, &point, &done).await;
    done
}

async fn taken(
    plan: &Plan,
    wanted: &Wanted<'_>,
    taking: Taking<'_>,
    at: &Reach,
    with: &Contact<'_>,
) -> Result<Delivered, BackupError> {
    let component = wanted.component.as_backup();
    let subject = Subject { component: &component, plan };
    deliver(subject, (&wanted.job, at), origin(plan, wanted), taking, with).await
}

/// Of what it is, and who takes it.
fn origin(plan: &Plan, wanted: &Wanted<'_>) -> Origin {
    Origin {
        platform: plan.platform.name.clone(),
        environment: plan.platform.environment.clone(),
        component: wanted.component.name.clone(),
        method: wanted.job.method.unwrap_or(Method::Export),
        job: Some(wanted.job.name.clone()),
        host: host::name(),
        actor: Actor::here().name,
        program: format!("lifeboat {}", env!("CARGO_PKG_VERSION")),
    }
}

/// Where it will lie: by how often its like is taken.
fn place(plan: &Plan, wanted: &Wanted<'_>, with: &Contact<'_>) -> Place {
    let folders = Folders::of(plan);
    let now = with.clock.now();
    let schedule = Schedule::of(&wanted.job, zone_of(&plan.platform)).ok();
    let rhythm = Rhythm::of(schedule.and_then(|schedule| schedule.worst_interval(now)));
    // What a program prints is called an export, whatever it is.
    let method = wanted.job.method.filter(|_| wanted.job.run.is_empty()).unwrap_or(Method::Export);
    Place::new(folders.of_component(&wanted.component.name), method, now, rhythm)
}
