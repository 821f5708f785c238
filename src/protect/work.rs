//! The work of every job that this version knows: recovery points taken, copied, verified and thrown away, and the
//! chores beside.

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::backup::{BackupError, Wanted, Wanting, at_it, back_up};
use super::copy::{self, complete, copy_missing, sweep, without};
use super::due::{DueSlot, Executor, Outcome, Rest, Run};
use super::expire;
use super::operation::{About, Doing, Operations, Telling};
use super::run::Chores;
use super::verify::of_job;
use super::wal;
use crate::journal::Journal;
use crate::journal::claim::{ClaimError, Claims};
use crate::plan::facts::Verdict;
use crate::plan::types::{Component, Job, Plan, Store, Task};
use crate::plan::{Schedule, zone_of};
use crate::systems::{Contact, Depth, Subject, Touched, probe, take};
use crate::text::{Exit, Explain, Size, Span};
use crate::vault::usual::Unusual;
use crate::vault::{Delivered, Pace, Tickets};

/// A backup is put off for so long at most while its component is not well: a late one is better than none.
const PUT_OFF: Span = Span::from_secs(15 * 60);
/// How long a component may take to say how it is.
const PATIENCE: Span = Span::from_secs(10);

/// Does the jobs of a plan.
pub struct Work<'a> {
    /// The plan that they are of.
    pub plan: &'a Plan,
    /// What is recorded.
    pub journal: &'a Journal,
    /// Who may act.
    pub claims: &'a Claims,
    /// What is on its way to buckets.
    pub tickets: &'a Tickets,
    /// Ways, secrets, the clock.
    pub with: &'a Contact<'a>,
    /// Where it is told what is under way.
    pub operations: &'a Operations,
    /// So many bytes a second at most.
    pub rate: Option<Size>,
}

/// Whether this version does a job at all.
pub fn is_run(job: &Job) -> bool {
    match job.task {
        Task::Backup => job.takes_points() || job.keeps_log(),
        Task::Prove | Task::Drill => false,
        Task::Verify
        | Task::Upload
        | Task::Expire
        | Task::RewriteAof
        | Task::SwitchWal
        | Task::GitCommit
        | Task::Command => true,
    }
}

impl Executor for Work<'_> {
    fn offers(&self, job: &Job) -> bool {
        is_run(job)
    }

    async fn changed(&self, job: &Job) -> Result<Option<DateTime<Utc>>, String> {
        let touched = self.component(job).and_then(Touched::of);
        match touched {
            Some(touched) => touched.look(self.with).await.map_err(|error| error.to_string()),
            None => Ok(None),
        }
    }

    /// A backup waits until no other of its component is taken, and for it to be well, while that does no harm.
    async fn put_off(&self, job: &Job, slot: DateTime<Utc>) -> Option<String> {
        let component = self.component(job).filter(|_| job.takes_points())?;
        if let Some(why) = at_it(component, self.claims) {
            return Some(why);
        }
        let now = self.with.clock.now();
        let schedule = Schedule::of(job, zone_of(&self.plan.platform)).ok()?;
        let quarter = schedule.worst_interval(now)?.approx_millis() / 4;
        if Span::between(slot, now).approx_millis() >= quarter.min(PUT_OFF.approx_millis()) {
            return None;
        }
        let mut asked = probe(Subject { component, plan: self.plan });
        let reading = take(&mut *asked, component, Depth::Vital, PATIENCE, self.with).await;
        let is_unwell = matches!(reading.verdict, Verdict::Degraded | Verdict::Down);
        let why = reading.reasons.first().map_or("it is not well", |reason| reason.sentence.as_str());
        is_unwell.then(|| format!("{} is {}: {why}", component.name, reading.verdict.word()))
    }

    async fn run(&self, job: &Job, slot: &DueSlot, stop: CancellationToken) -> Outcome {
        let with = Contact { stop, ..*self.with };
        let Some(doing) = doing(job) else { return self.chores().run(job, slot, with.stop).await };
        let telling = self.operations.begin(About {
            doing,
            of: job.of.clone().unwrap_or_else(|| job.takes.join(", ")),
            method: job.method,
            job: Some(job.name.clone()),
            stores: job.to.clone(),
        });
        let outcome = match doing {
            _ if job.keeps_log() => wal::of_job(self.plan, job, &telling, &with).await,
            Doing::Verify => of_job(self.plan, job, &telling, &with).await,
            Doing::Upload => copy_missing(self.plan, job, self.copies(), &telling, &with).await,
            Doing::Expire => {
                let stores = self.plan.store.iter().filter(|store| job.to.is_empty() || job.to.contains(&store.name));
                sweep(stores, self.tickets, &with).await;
                expire::of_job(self.plan, job, (self.claims, self.journal), &telling, &with).await
            }
            _ => match slot.before.as_ref().filter(|run| run.rest == Rest::Copies) {
                Some(before) => self.bring(job, before, &telling, &with).await,
                None => self.back_up(job, &telling, &with).await,
            },
        };
        let is_called_off = with.stop.is_cancelled() && !outcome.ending.is_well();
        let outcome = if is_called_off { Outcome::interrupted(outcome.told) } else { outcome };
        telling.ends(&outcome, None);
        outcome
    }
}

impl Work<'_> {
    fn copies(&self) -> copy::Means<'_> {
        copy::Means { claims: self.claims, journal: self.journal, tickets: self.tickets, rate: self.rate }
    }

    fn chores(&self) -> Chores<'_> {
        Chores { plan: self.plan, with: self.with }
    }

    fn component(&self, job: &Job) -> Option<&Component> {
        self.plan.component.iter().find(|component| Some(&component.name) == job.of.as_ref())
    }

    async fn back_up(&self, job: &Job, telling: &Telling, with: &Contact<'_>) -> Outcome {
        let Some(component) = self.component(job) else { return Outcome::failed("the plan has no such component") };
        let stores: Vec<&Store> = self.plan.store.iter().filter(|store| job.to.contains(&store.name)).collect();
        let wanted = Wanted { component, job: job.clone(), stores };
        let mut wanting = Wanting::new(self.plan, &wanted, self.claims);
        let watching = |why: &ClaimError| telling.is_at(format!("waiting: {why}"));
        let rights = match wanting.take(with.secrets, &with.stop, watching).await {
            Ok(rights) => rights,
            // Somebody takes one by hand: the slot has its turn later.
            Err(error) if error.exit() == Exit::Refused => return Outcome::interrupted(error.to_string()),
            Err(error) => return Outcome::failed(error.to_string()),
        };
        let pace = Pace::until(with.stop.clone()).at_most(self.rate.or(job.rate)).counted_in(telling.progress());
        let means = (&rights, self.journal, self.tickets);
        let done = back_up(self.plan, &wanted, &pace, means, telling, with).await;
        rights.give_back().await;
        let outcome = outcome(&done);
        let copied = complete(self.plan, job, self.copies(), telling, with).await;
        let Some(told) = copied.told else { return outcome };
        let told = format!("{}; {told}", outcome.told);
        // What a store did not take at first it has by now; what could not be read no copy brings back.
        let has_all = done.is_ok_and(|delivered| is_all(&delivered));
        if copied.is_well && has_all { Outcome::done(told) } else { Outcome { told, ..outcome } }
    }

    /// Brings what a backup has taken to the stores that did not take it; takes another where no good copy of it can be
    /// had any more.
    async fn bring(&self, job: &Job, before: &Run, telling: &Telling, with: &Contact<'_>) -> Outcome {
        let copied = complete(self.plan, job, self.copies(), telling, with).await;
        let told: Vec<String> = copied.told.into_iter().chain(copied.unlooked).collect();
        match without(self.plan, job, before.slot, telling, with).await {
            _ if with.stop.is_cancelled() => Outcome::interrupted(told.join("; ")),
            None => self.back_up(job, telling, with).await,
            Some(missing) if missing.is_empty() => {
                Outcome::done(if told.is_empty() { "nothing is missing any more".to_owned() } else { told.join("; ") })
            }
            Some(missing) => {
                let missing = format!("missing in {}", missing.join(" and "));
                Outcome::failed([told, vec![missing]].concat().join("; ")).leaving(Rest::Copies)
            }
        }
    }
}

/// What is told while a job is done; nothing of chores, which are over soon or have no size.
fn doing(job: &Job) -> Option<Doing> {
    match job.task {
        Task::Backup if job.keeps_log() => Some(Doing::Upload),
        Task::Backup => Some(Doing::Backup),
        Task::Verify => Some(Doing::Verify),
        Task::Upload => Some(Doing::Upload),
        Task::Expire => Some(Doing::Expire),
        _ => None,
    }
}

/// What came of a backup.
pub fn outcome(done: &Result<Delivered, BackupError>) -> Outcome {
    match done {
        Ok(delivered) => told(delivered),
        Err(error) => failed(error),
    }
}

/// Whether it holds all that it should, as far as can be told: nothing that could not be read is missing, and it does not
/// hold much less than those before it.
fn is_all(delivered: &Delivered) -> bool {
    delivered.manifest.source.lacks.is_empty() && !matches!(delivered.strange, Some(Unusual::Less(_)))
}

/// A recovery point that is not in every store, or lacks what could not be read, is one, and somebody has to know what is
/// missing.
fn told(delivered: &Delivered) -> Outcome {
    let point = &delivered.manifest.point;
    let missing =
        delivered.stores.iter().filter_map(|(store, done)| Some(format!("{store}: {}", done.as_ref().err()?)));
    let missing: Vec<String> = missing.collect();
    let has = delivered.stores.iter().filter_map(|(store, done)| Some((store.as_str(), *done.as_ref().ok()?)));
    let (stores, bytes): (Vec<&str>, Vec<u64>) = has.unzip();
    let size = Size(bytes.into_iter().max().unwrap_or(0)).approx();
    let told = format!("{point}, {size}, in {}", stores.join(" and "));
    let told = delivered.worked.iter().fold(told, |told, worked| format!("{told}; {worked}"));
    let manifest = &delivered.manifest;
    let told = delivered.strange.iter().fold(told, |told, strange| format!("{told}; {}", strange.told()));
    let told = manifest.lacks().fold(told, |told, lack| format!("{told}; it lacks {lack}"));
    match (missing.is_empty(), is_all(delivered)) {
        (true, true) => Outcome::done(told),
        // What could not be read, or is not there any more, cannot be had in five minutes either.
        (true, false) => Outcome::failed(told).leaving(Rest::Nothing),
        (false, _) => Outcome::failed(format!("{told}; missing in {}", missing.join("; "))).leaving(Rest::Copies),
    }
}

fn failed(error: &BackupError) -> Outcome {
    match error.exit() {
        Exit::Interrupted => Outcome::interrupted(error.to_string()),
        _ => Outcome::failed(error.to_string()),
    }
}
