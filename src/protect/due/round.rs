//! One round over the jobs of a plan: whatever is due is claimed, run, recorded and reported.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::book::Book;
use super::books::Books;
use super::decide::{Due, DueSlot, Timing, due, due_on_change};
use super::order::in_order;
use super::patient::{NotDone, patiently};
use super::record::{Outcome, Record, SlotState};
use super::said::{Came, News, Said};
use crate::journal::Journal;
use crate::plan::types::{Job, Plan};
use crate::plan::zone_of;
use crate::systems::Contact;
use crate::text::{Shape, untrusted};

/// So many of a job's newest slots are looked at to see what is due.
const LOOKED_AT: usize = 5;

/// Does the work of jobs.
pub trait Executor {
    /// Whether it knows how to do this one. A slot of one that it does not know is not claimed.
    fn offers(&self, job: &Job) -> bool;

    /// When what the job takes on each change was changed last; nothing where nobody can tell.
    fn changed(&self, _: &Job) -> impl Future<Output = Result<Option<DateTime<Utc>>, String>> {
        std::future::ready(Ok(None))
    }

    /// Why it should wait a while, if it should: nothing is claimed for it then.
    fn put_off(&self, _: &Job, _: DateTime<Utc>) -> impl Future<Output = Option<String>> {
        std::future::ready(None)
    }

    /// Does it, for a slot; ends early when `stop` is cancelled.
    fn run(&self, job: &Job, slot: &DueSlot, stop: CancellationToken) -> impl Future<Output = Outcome>;
}

/// What a round works with.
pub struct Round<'a> {
    /// The plan whose jobs are run.
    pub plan: &'a Plan,
    /// Where their slots are kept.
    pub books: &'a Books,
    /// Where it is recorded what was done.
    pub journal: &'a Journal,
    /// Secrets, the clock, and what ends the round early.
    pub with: &'a Contact<'a>,
}

/// Runs whatever of the chosen jobs is due, one after the other, each after those it takes from. Ends early when the
/// contact's `stop` is cancelled: the slot under way is then free again.
pub async fn run_due(
    round: &Round<'_>,
    chosen: impl Fn(&Job) -> bool,
    executor: &impl Executor,
    mut tell: impl FnMut(News<'_>),
) -> Vec<Said> {
    let mut said = Vec::new();
    // Whether another host still lives takes up to a minute to see; what is certain comes first.
    let mut open: Vec<&Job> = in_order(&round.plan.job).into_iter().filter(|job| chosen(job)).collect();
    for is_patient in [false, true] {
        for job in std::mem::take(&mut open) {
            let put_off =
                said.iter().find(|one: &&Said| matches!(one.came, Came::PutOff(_)) && job.takes.contains(&one.job));
            if let Some(on) = put_off.map(|one| one.job.clone()) {
                said.push(Said { job: job.name.clone(), came: Came::Waits { on }, troubles: Vec::new() });
                continue;
            }
            let Some(one) = round.one(job, executor, is_patient, &mut tell).await else {
                open.push(job);
                continue;
            };
            tell(News::Came(&one));
            said.push(one);
        }
    }
    said
}

impl Round<'_> {
    /// What comes of one job; nothing yet where another host may be at it or dead, and there is other work first.
    async fn one(
        &self,
        job: &Job,
        executor: &impl Executor,
        is_patient: bool,
        tell: &mut impl FnMut(News<'_>),
    ) -> Option<Said> {
        let found = self.books.book(job);
        let mut troubles: Vec<String> = found.trouble.into_iter().collect();
        let came = self.came(job, &found.book, executor, is_patient, tell, &mut troubles).await?;
        Some(Said { job: job.name.clone(), came, troubles })
    }

    async fn came(
        &self,
        job: &Job,
        book: &Arc<Book>,
        executor: &impl Executor,
        is_patient: bool,
        tell: &mut impl FnMut(News<'_>),
        troubles: &mut Vec<String>,
    ) -> Option<Came> {
        let timing = match Timing::of(job, zone_of(&self.plan.platform)) {
            Ok(timing) => timing,
            Err(error) => return Some(Came::Trouble(error.to_string())),
        };
        loop {
            if self.with.stop.is_cancelled() {
                return Some(Came::NotYet { next: timing.next(self.with.clock.now()) });
            }
            let records = match self.records(book, job).await {
                Ok(records) => records,
                Err(error) => return Some(Came::Trouble(error.to_string())),
            };
            let slot = match self.due(job, &timing, &records, executor).await {
                Err(why) => return Some(Came::Trouble(untrusted(&why, Shape::line(300)))),
                Ok(due) => due,
            };
            let slot = match slot {
                Due::NoSlots => return Some(Came::NoSlots),
                Due::Later => return Some(Came::NotYet { next: timing.next(self.with.clock.now()) }),
                Due::Running(record) => match elsewhere(&record) {
                    Some(came) => return Some(came),
                    None if !is_patient => return None,
                    None => {
                        self.wait(book).await;
                        continue;
                    }
                },
                Due::Skip(slot) => return Some(self.skip(job, book, &slot, troubles).await),
                Due::Run(slot) => slot,
            };
            if !executor.offers(job) {
                return Some(Came::NotOffered);
            }
            if let Some(on) = self.waits_on(job, troubles).await {
                return Some(Came::Waits { on });
            }
            if let Some(why) = executor.put_off(job, slot.at).await {
                return Some(Came::PutOff(untrusted(&why, Shape::line(300))));
            }
            return Some(self.begin(job, book, &slot, executor, tell, troubles).await);
        }
    }

    /// What is to be done for a job now.
    async fn due(
        &self,
        job: &Job,
        timing: &Timing,
        records: &[Record],
        executor: &impl Executor,
    ) -> Result<Due, String> {
        let now = self.with.clock.now();
        if !timing.is_on_change() || !executor.offers(job) {
            return Ok(due(timing, records, now));
        }
        let changed = executor.changed(job).await?;
        Ok(changed.map_or(Due::NoSlots, |changed| due_on_change(changed, records, now)))
    }

    async fn records(&self, book: &Arc<Book>, job: &Job) -> Result<Vec<Record>, NotDone> {
        let (read, name) = (Arc::clone(book), job.name.clone());
        patiently(book.place(), move || read.records(&name, LOOKED_AT)).await
    }

    /// Until the next heartbeat of another host should have come.
    async fn wait(&self, book: &Book) {
        tokio::select! {
            () = self.with.stop.cancelled() => {}
            () = tokio::time::sleep(book.beat()) => {}
        }
    }

    /// A job that this one takes from and that is under way somewhere. Where that cannot be seen, this one goes on: it
    /// takes only what is whole.
    async fn waits_on(&self, job: &Job, troubles: &mut Vec<String>) -> Option<String> {
        for name in job.takes.iter().filter(|name| **name != job.name) {
            let Some(taken) = self.plan.job.iter().find(|other| other.name == *name) else { continue };
            let records = match self.records(&self.books.book(taken).book, taken).await {
                Ok(records) => records,
                Err(why) => {
                    troubles.push(format!("whether {name} is under way cannot be seen: {why}"));
                    continue;
                }
            };
            if records.iter().any(|record| matches!(record.state, SlotState::Running { .. })) {
                return Some(name.clone());
            }
        }
        None
    }
}

/// What a record of another's says; nothing where it is not known yet whether that other lives.
pub(super) fn elsewhere(record: &Record) -> Option<Came> {
    match &record.state {
        SlotState::Running { holder, is_certain, .. } => is_certain.then(|| Came::Elsewhere { holder: holder.clone() }),
        SlotState::Ended(run) => Some(Came::Elsewhere { holder: untrusted(&run.host, Shape::line(100)) }),
        SlotState::Broken { .. } => Some(Came::NotYet { next: None }),
    }
}
