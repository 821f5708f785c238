//! Copies, one after the other, each while nobody else acts on its component. Whoever takes one comes first.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::one::{NotYet, Way, copy_one};
use super::{Lacking, Means, events};
use crate::journal::claim::ClaimError;
use crate::plan::types::{Job, Store, Task};
use crate::plan::{Plan, Schedule, taken_on, zone_of};
use crate::protect::backup::{Rights, Wanted, Wanting};
use crate::protect::operation::Telling;
use crate::systems::Contact;
use crate::text::{Size, counted};

/// A backup whose time has come waits for so long at least, while its component is copied.
const HOLDS_OFF: TimeDelta = TimeDelta::minutes(1);

/// What came of copying.
#[derive(Debug, Default)]
pub struct Came {
    pub copied: usize,
    bytes: u64,
    /// What another is at just now.
    pub busy: Vec<String>,
    /// What comes with a later run.
    pub waits: Vec<String>,
    pub failed: Vec<String>,
    /// What was brought of logs.
    pub logs: Vec<String>,
    /// Components of which the rest is left for a later run.
    left: BTreeSet<String>,
}

/// Copies what is lacking, as far as others leave time for it.
pub async fn fill(
    plan: &Plan,
    job: &Job,
    lacking: &[Lacking<'_>],
    by: (Means<'_>, &Telling),
    came: &mut Came,
    with: &Contact<'_>,
) {
    let began = with.clock.now();
    for (number, missing) in lacking.iter().enumerate() {
        let of = missing.1.component.as_deref();
        let component = of.unwrap_or_default();
        if with.stop.is_cancelled() || came.left.contains(component) {
            continue;
        }
        if let Err(why) = in_turn(plan, job, (missing, began), by, came, with).await {
            let rest = lacking[number..].iter().filter(|(_, point)| point.component.as_deref() == of).count();
            came.leave(component, rest, why);
        }
    }
}

/// Copies one, unless something has to be taken of its component first, or another acts on it.
async fn in_turn(
    plan: &Plan,
    job: &Job,
    (missing, began): (&Lacking<'_>, DateTime<Utc>),
    (means, telling): (Means<'_>, &Telling),
    came: &mut Came,
    with: &Contact<'_>,
) -> Result<(), NotYet> {
    let component = missing.1.component.as_deref().unwrap_or_default();
    if let Some(backup) = due_since(plan, component, began, with) {
        return Err(NotYet::Waits(format!("{backup} comes first")));
    }
    let rights = right(plan, job, component, (means, telling), with).await?;
    let stop = with.stop.child_token();
    let held = Contact { stop: stop.clone(), ..*with };
    let means = Means { rate: means.rate.or(job.rate), ..means };
    let lost = {
        let mut work = std::pin::pin!(copy(plan, missing, (means, telling), came, &held));
        tokio::select! {
            () = &mut work => None,
            lost = rights.lost() => {
                stop.cancel();
                work.await;
                Some(lost)
            }
        }
    };
    came.failed.extend(lost.map(|lost| format!("{component}: {lost}")));
    rights.give_back().await;
    Ok(())
}

/// The backup of a component whose time has come since then: who copies does not keep it waiting for long.
fn due_since(plan: &Plan, component: &str, since: DateTime<Utc>, with: &Contact<'_>) -> Option<String> {
    let now = with.clock.now();
    let is_of = |job: &&Job| job.task == Task::Backup && job.of.as_deref() == Some(component);
    let is_due = |job: &&Job| {
        let schedule = Schedule::of(job, zone_of(&plan.platform)).ok();
        schedule.and_then(|schedule| schedule.previous(now)).is_some_and(|slot| slot > since)
    };
    if now - since < HOLDS_OFF {
        return None;
    }
    plan.job.iter().filter(is_of).find(is_due).map(|job| job.name.clone())
}

/// The right to act on a component: what another writes just now looks like what has broken off.
async fn right(
    plan: &Plan,
    job: &Job,
    component: &str,
    (means, telling): (Means<'_>, &Telling),
    with: &Contact<'_>,
) -> Result<Rights, NotYet> {
    let known = plan.component.iter().find(|known| known.name == component);
    let component = known.ok_or_else(|| NotYet::Failed("the plan has no such component".to_owned()))?;
    let takes = taken_on(plan, job).into_iter();
    let takes: Vec<&Job> =
        takes.filter(|taken| taken.task == Task::Backup && taken.of.as_ref() == Some(&component.name)).collect();
    let is_shared =
        |store: &&Store| job.to.contains(&store.name) || takes.iter().any(|job| job.to.contains(&store.name));
    let stores = plan.store.iter().filter(is_shared).collect();
    let wanted = Wanted { component, job: job.clone(), stores };
    let watching = |why: &ClaimError| telling.is_at(format!("waiting: {why}"));
    let taken = Wanting::new(plan, &wanted, means.claims).take(with.secrets, &with.stop, watching).await;
    taken.map_err(|error| match error {
        ClaimError::Held { .. } | ClaimError::Changed(_) => NotYet::Waits(error.to_string()),
        error => NotYet::Failed(error.to_string()),
    })
}

async fn copy(
    plan: &Plan,
    (to, point): &Lacking<'_>,
    (means, telling): (Means<'_>, &Telling),
    came: &mut Came,
    with: &Contact<'_>,
) {
    telling.is_at(format!("{} to {}", point.id, to.name));
    let way = Way { plan, to, tickets: means.tickets, progress: telling.progress(), rate: means.rate };
    let done = match events::copying(means.journal, point, to).await {
        Ok(()) => copy_one(&way, point, with).await,
        Err(error) => Err(NotYet::Failed(format!("it was not begun, because that could not be recorded: {error}"))),
    };
    if let Ok(Some(bytes)) = &done {
        (came.copied, came.bytes) = (came.copied + 1, came.bytes + bytes);
    }
    events::ended(means.journal, point, to, &done).await;
    match done {
        Ok(_) => {}
        Err(NotYet::Waits(why)) => came.waits.push(format!("{} to {}: {why}", point.id, to.name)),
        Err(NotYet::Failed(why)) => came.failed.push(format!("{} to {}: {why}", point.id, to.name)),
    }
}

impl Came {
    /// Leaves the rest of a component for a later run.
    fn leave(&mut self, component: &str, rest: usize, why: NotYet) {
        self.left.insert(component.to_owned());
        match why {
            NotYet::Waits(why) => self.busy.push(format!("{rest} of {component}: {why}")),
            NotYet::Failed(why) => self.failed.push(format!("{rest} of {component}: {why}")),
        }
    }

    /// In words.
    pub fn told(&self) -> String {
        let copied = format!("{} copied, {}", counted(self.copied, "recovery point"), Size(self.bytes).approx());
        let not_yet: Vec<&str> = self.busy.iter().chain(&self.waits).map(String::as_str).collect();
        let not_yet = (!not_yet.is_empty()).then(|| format!("not yet: {}", not_yet.join("; ")));
        let has_copied = self.copied > 0 || (not_yet.is_none() && self.failed.is_empty() && self.logs.is_empty());
        let told = has_copied.then_some(copied).into_iter().chain(self.logs.iter().cloned()).chain(not_yet);
        let told = told.chain(self.failed.iter().cloned());
        told.collect::<Vec<_>>().join("; ")
    }
}
