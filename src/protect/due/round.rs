//! One round over the jobs of a plan: whatever is due is claimed, run, recorded and reported.

use std::future::Future;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::book::{Book, Claimed, Turn};
use super::books::Books;
use super::decide::{ATTEMPTS, Due, DueSlot, Timing, due};
use super::events;
use super::order::in_order;
use super::record::{Ending, Outcome, Record, Run, SlotState};
use crate::journal::Journal;
use crate::journal::claim::ClaimError;
use crate::journal::host;
use crate::plan::types::{Job, Plan};
use crate::plan::zone_of;
use crate::protect::report::report;
use crate::systems::Contact;
use crate::text::{Shape, Span, untrusted};

/// So many of a job's newest slots are looked at to see what is due.
const LOOKED_AT: usize = 5;
/// The longest that is kept of what came of a run.
const LONGEST_TOLD: usize = 1_000;

/// Does the work of jobs.
pub trait Executor {
    /// Whether it knows how to do this one. A slot of one that it does not know is not claimed.
    fn offers(&self, job: &Job) -> bool;

    /// Does it, for a slot; ends early when `stop` is cancelled.
    fn run(&self, job: &Job, slot: DateTime<Utc>, stop: CancellationToken) -> impl Future<Output = Outcome>;
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

/// What came of a job in a round.
#[derive(Clone, Debug)]
pub struct Said {
    /// The job.
    pub job: String,
    /// What came of it.
    pub came: Came,
    /// What else is to be known: a report that nobody took, a store that cannot hold its slots.
    pub troubles: Vec<String>,
}

/// What came of a job.
#[derive(Clone, Debug)]
pub enum Came {
    /// It was run here, or left out as too late, and the others know.
    Ended(Run),
    /// Its time has not come.
    NotYet {
        /// When it comes.
        next: Option<DateTime<Utc>>,
    },
    /// Somebody else is at it.
    Elsewhere {
        /// Who.
        holder: String,
    },
    /// It takes from a job that is under way, and has its turn in a later round.
    Waits {
        /// For which job.
        on: String,
    },
    /// It does not run by slots.
    NoSlots,
    /// Nobody here knows how to do it.
    NotOffered,
    /// It could not be begun.
    Trouble(String),
}

/// What is told while a round goes on.
#[derive(Debug)]
pub enum News<'a> {
    /// A slot of a job begins.
    Begins {
        /// The job.
        job: &'a Job,
        /// Its slot.
        slot: &'a DueSlot,
    },
    /// That is what came of a job.
    Came(&'a Said),
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
            let now = self.with.clock.now();
            let slot = match due(&timing, &records, now) {
                Due::NoSlots => return Some(Came::NoSlots),
                Due::Later => return Some(Came::NotYet { next: timing.next(now) }),
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
            if let Some(on) = self.waits_on(job).await {
                return Some(Came::Waits { on });
            }
            return Some(self.begin(job, book, &slot, executor, tell, troubles).await);
        }
    }

    async fn records(&self, book: &Arc<Book>, job: &Job) -> Result<Vec<Record>, ClaimError> {
        let (book, name) = (Arc::clone(book), job.name.clone());
        blocking(move || book.records(&name, LOOKED_AT)).await
    }

    /// Until the next heartbeat of another host should have come.
    async fn wait(&self, book: &Book) {
        tokio::select! {
            () = self.with.stop.cancelled() => {}
            () = tokio::time::sleep(book.beat()) => {}
        }
    }

    /// A job that this one takes from and that is under way somewhere.
    async fn waits_on(&self, job: &Job) -> Option<String> {
        for name in job.takes.iter().filter(|name| **name != job.name) {
            let Some(taken) = self.plan.job.iter().find(|other| other.name == *name) else { continue };
            let records = self.records(&self.books.book(taken).book, taken).await.unwrap_or_default();
            if records.iter().any(|record| matches!(record.state, SlotState::Running { .. })) {
                return Some(name.clone());
            }
        }
        None
    }

    async fn claim(&self, job: &Job, book: &Arc<Book>, slot: DateTime<Utc>) -> Result<Turn, Came> {
        let (book, name) = (Arc::clone(book), job.name.clone());
        match blocking(move || book.claim(&name, slot)).await {
            Ok(Claimed::Won(turn)) => Ok(turn),
            Ok(Claimed::Taken(record)) => Err(elsewhere(&record).unwrap_or(Came::NotYet { next: None })),
            Err(error) => Err(Came::Trouble(error.to_string())),
        }
    }

    async fn begin(
        &self,
        job: &Job,
        book: &Arc<Book>,
        slot: &DueSlot,
        executor: &impl Executor,
        tell: &mut impl FnMut(News<'_>),
        troubles: &mut Vec<String>,
    ) -> Came {
        let turn = match self.claim(job, book, slot.at).await {
            Ok(turn) => turn,
            Err(came) => return came,
        };
        if let Err(error) = events::started(self.journal, job, slot, book.place()).await {
            let _ = blocking(move || turn.give_back()).await;
            return Came::Trouble(format!("it was not begun, because that could not be recorded: {error}"));
        }
        tell(News::Begins { job, slot });
        let began = self.with.clock.now();
        let outcome = if slot.attempts >= ATTEMPTS {
            Outcome::failed(format!("it was begun {} times, and never came to its end", slot.attempts))
        } else {
            self.work(job, slot, executor, &turn).await
        };
        let run = self.run_of(slot, began, outcome);
        if let Err(error) = events::ended(self.journal, job, &run).await {
            troubles.push(format!("its end could not be recorded: {error}"));
        }
        self.close(job, book, turn, &run, troubles).await;
        troubles.extend(report(self.plan, job, &run, self.with).await);
        Came::Ended(run)
    }

    /// The work itself, called off when the slot is lost to another.
    async fn work(&self, job: &Job, slot: &DueSlot, executor: &impl Executor, turn: &Turn) -> Outcome {
        let stop = self.with.stop.child_token();
        let mut work = std::pin::pin!(executor.run(job, slot.at, stop.clone()));
        tokio::select! {
            outcome = &mut work => outcome,
            () = turn.lost() => {
                stop.cancel();
                let outcome = work.await;
                Outcome::interrupted(format!("its slot was taken over by another; {}", outcome.told))
            }
        }
    }

    async fn skip(&self, job: &Job, book: &Arc<Book>, slot: &DueSlot, troubles: &mut Vec<String>) -> Came {
        let turn = match self.claim(job, book, slot.at).await {
            Ok(turn) => turn,
            Err(came) => return came,
        };
        let now = self.with.clock.now();
        let late = Span::between(slot.at, now).rough();
        let told = format!("nobody began it in its time; after {late} the plan leaves it out");
        let run = self.run_of(slot, now, Outcome { ending: Ending::Skipped, told });
        if let Err(error) = events::skipped(self.journal, job, slot, &run).await {
            troubles.push(format!("this could not be recorded: {error}"));
        }
        self.close(job, book, turn, &run, troubles).await;
        troubles.extend(report(self.plan, job, &run, self.with).await);
        Came::Ended(run)
    }

    /// Gives the slot back with word of how it ended, or without, where somebody is to begin it again.
    async fn close(&self, job: &Job, book: &Arc<Book>, turn: Turn, run: &Run, troubles: &mut Vec<String>) {
        let (kept, book, name) = (run.clone(), Arc::clone(book), job.name.clone());
        let closed = blocking(move || match kept.ending {
            Ending::Interrupted => turn.give_back(),
            _ => turn.finish(&kept).and_then(|()| book.thin(&name)),
        });
        if let Err(error) = closed.await {
            troubles.push(format!("other hosts may not see how it ended: {error}"));
        }
    }

    fn run_of(&self, slot: &DueSlot, began: DateTime<Utc>, outcome: Outcome) -> Run {
        let told = self.with.secrets.redactor().redact(&outcome.told).into_owned();
        Run {
            slot: slot.at,
            began,
            ended: self.with.clock.now(),
            ending: outcome.ending,
            told: untrusted(told, Shape::line(LONGEST_TOLD)),
            host: host::name(),
            missed: slot.missed.count,
        }
    }
}

/// What a record of another's says; nothing where it is not known yet whether that other lives.
fn elsewhere(record: &Record) -> Option<Came> {
    match &record.state {
        SlotState::Running { holder, is_certain, .. } => is_certain.then(|| Came::Elsewhere { holder: holder.clone() }),
        SlotState::Ended(run) => Some(Came::Elsewhere { holder: untrusted(&run.host, Shape::line(100)) }),
        SlotState::Broken { .. } => Some(Came::NotYet { next: None }),
    }
}

/// Stores block, and one on a network may hang: never in the way of anything else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClaimError> + Send + 'static,
) -> Result<T, ClaimError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(ClaimError::Unreadable { path: "slots".into(), why: error.to_string() }),
    }
}
