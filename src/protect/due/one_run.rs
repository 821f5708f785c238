//! One slot of one job: claimed, recorded, worked on, given back with word of how it ended, and reported.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::book::{Book, Claimed, Turn};
use super::decide::{ATTEMPTS, DueSlot};
use super::events;
use super::patient::patiently;
use super::record::{Ending, Outcome, Run};
use super::round::{Executor, Round, elsewhere};
use super::said::{Came, News};
use crate::journal::host;
use crate::plan::types::Job;
use crate::protect::report::report;
use crate::text::{Shape, Span, untrusted};

/// The longest that is kept of what came of a run.
const LONGEST_TOLD: usize = 1_000;

impl Round<'_> {
    /// Claims the slot, or says whose it is.
    async fn claim(&self, job: &Job, book: &Arc<Book>, slot: &DueSlot) -> Result<Turn, Came> {
        let (taken, name, at, is_again) = (Arc::clone(book), job.name.clone(), slot.at, slot.attempts > 0);
        let claim = move || if is_again { taken.claim_again(&name, at) } else { taken.claim(&name, at) };
        match patiently(book.place(), claim).await {
            Ok(Claimed::Won(turn)) => Ok(turn),
            Ok(Claimed::Taken(record)) => Err(elsewhere(&record).unwrap_or(Came::NotYet { next: None })),
            Err(error) => Err(Came::Trouble(error.to_string())),
        }
    }

    /// Runs the slot, if it can be had.
    pub(super) async fn begin(
        &self,
        job: &Job,
        book: &Arc<Book>,
        slot: &DueSlot,
        executor: &impl Executor,
        tell: &mut impl FnMut(News<'_>),
        troubles: &mut Vec<String>,
    ) -> Came {
        let turn = match self.claim(job, book, slot).await {
            Ok(turn) => turn,
            Err(came) => return came,
        };
        if let Err(error) = events::started(self.journal, job, slot, book.place()).await {
            let _ = patiently(book.place(), move || turn.give_back()).await;
            return Came::Trouble(format!("it was not begun, because that could not be recorded: {error}"));
        }
        tell(News::Begins { job, slot });
        let began = self.with.clock.now();
        let outcome = if slot.attempts >= ATTEMPTS {
            Outcome::failed(format!("it was begun {} times, and never came to its end", slot.attempts))
        } else {
            self.work(job, slot, executor, &turn).await
        };
        let run = self.run_of(slot, began, &outcome);
        if let Err(error) = events::ended(self.journal, job, &run).await {
            troubles.push(format!("its end could not be recorded: {error}"));
        }
        self.close((job, slot), book, turn, &run, troubles).await;
        troubles.extend(report(self.plan, job, &run, self.with).await);
        Came::Ended(run)
    }

    /// The work itself, called off when the slot is lost to another.
    async fn work(&self, job: &Job, slot: &DueSlot, executor: &impl Executor, turn: &Turn) -> Outcome {
        let stop = self.with.stop.child_token();
        let mut work = std::pin::pin!(executor.run(job, slot, stop.clone()));
        tokio::select! {
            outcome = &mut work => outcome,
            () = turn.lost() => {
                stop.cancel();
                let outcome = work.await;
                Outcome::interrupted(format!("its slot was taken over by another; {}", outcome.told))
            }
        }
    }

    /// Leaves the slot out, and tells so, if nobody else has.
    pub(super) async fn skip(&self, job: &Job, book: &Arc<Book>, slot: &DueSlot, troubles: &mut Vec<String>) -> Came {
        let turn = match self.claim(job, book, slot).await {
            Ok(turn) => turn,
            Err(came) => return came,
        };
        let now = self.with.clock.now();
        let late = Span::between(slot.at, now).rough();
        let outcome = match slot.attempts {
            0 => {
                let told = format!("nobody began it in its time; after {late} the plan leaves it out");
                Outcome::of(Ending::Skipped, told)
            }
            attempts => {
                let begun = if attempts == 1 { "once".to_owned() } else { format!("{attempts} times") };
                Outcome::failed(format!(
                    "it was begun {begun} and never came to its end; after {late} the plan leaves it out"
                ))
            }
        };
        let run = self.run_of(slot, now, &outcome);
        if let Err(error) = events::skipped(self.journal, job, slot, &run).await {
            troubles.push(format!("this could not be recorded: {error}"));
        }
        self.close((job, slot), book, turn, &run, troubles).await;
        troubles.extend(report(self.plan, job, &run, self.with).await);
        Came::Ended(run)
    }

    /// Gives the slot back with word of how it ended, or without, where somebody is to begin it again.
    async fn close(
        &self,
        (job, slot): (&Job, &DueSlot),
        book: &Arc<Book>,
        turn: Turn,
        run: &Run,
        troubles: &mut Vec<String>,
    ) {
        // What was called off changes nothing about how it had failed before.
        let kept = if run.ending == Ending::Interrupted { slot.before.clone() } else { Some(run.clone()) };
        let (thinned, name) = (Arc::clone(book), job.name.clone());
        let closed = patiently(book.place(), move || match kept {
            None => turn.give_back(),
            Some(kept) => turn.finish(&kept).and_then(|()| thinned.thin(&name)),
        });
        if let Err(error) = closed.await {
            troubles.push(format!("other hosts may not see how it ended: {error}"));
        }
    }

    fn run_of(&self, slot: &DueSlot, began: DateTime<Utc>, outcome: &Outcome) -> Run {
        let told = self.with.secrets.redactor().redact(&outcome.told).into_owned();
        Run {
            slot: slot.at,
            began,
            ended: self.with.clock.now(),
            ending: outcome.ending,
            told: untrusted(told, Shape::line(LONGEST_TOLD)),
            host: host::name(),
            missed: slot.missed.count,
            rest: outcome.rest,
        }
    }
}
