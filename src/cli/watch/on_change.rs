//! What a change sets off: certificates, keys and other files are taken within seconds of it.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::sync::CancellationToken;

use crate::cli::Context;
use crate::journal::claim::Claims;
use crate::journal::{Journal, State};
use crate::plan::Plan;
use crate::plan::types::Job;
use crate::protect::due::{Asker, Books, Came, Round, Said, run_due};
use crate::protect::operation::Operations;
use crate::protect::work::Work;
use crate::systems::{Contact, Touched};
use crate::text::{Shape, untrusted, with_causes};
use crate::vault::Tickets;
use crate::watch::Means;

/// How often files of this machine are looked at, and those of others.
const HERE: Duration = Duration::from_secs(2);
const FAR: Duration = Duration::from_secs(20);
/// Looking takes this part of the time at most, however many files there are.
const SHARE: u32 = 100;
/// What was changed is looked at once more after so long: nobody begins in the middle of a change.
const SETTLES: Duration = Duration::from_millis(2_500);
/// What was not taken well is tried again after so long.
const AGAIN: Duration = Duration::from_mins(5);

/// What every job of this kind works with.
pub(super) struct Keeper<'a> {
    plan: &'a Plan,
    state: &'a State,
    context: &'a Context,
    stop: CancellationToken,
    tell: Sender<Said>,
}

impl<'a> Keeper<'a> {
    /// Whoever runs the jobs that a change sets off, and what comes of each.
    pub(super) fn new(
        plan: &'a Plan,
        state: &'a State,
        context: &'a Context,
        stop: &CancellationToken,
    ) -> (Keeper<'a>, Receiver<Said>) {
        let (tell, told) = channel(16);
        (Keeper { plan, state, context, stop: stop.clone(), tell }, told)
    }

    /// The plan whose jobs they are.
    pub(super) fn plan(&self) -> &Plan {
        self.plan
    }

    /// Follows all of them until it is to stop; what is under way then comes to its own end first.
    pub(super) async fn follow_all(&self) {
        if self.context.globals().read_only {
            return;
        }
        let jobs = self.plan.job.iter().filter(|job| job.on_change == Some(true));
        let following = jobs.filter_map(|job| {
            let component = self.plan.component.iter().find(|component| Some(&component.name) == job.of.as_ref())?;
            let every = if component.reach.is_some() { FAR } else { HERE };
            Some(self.follow(job, Touched::of(component)?, every))
        });
        join_all(following).await;
    }

    /// Looks again and again, and runs the job when there is something new.
    async fn follow(&self, job: &Job, touched: Touched, every: Duration) {
        let means = Means::new(self.context.redactor(), self.stop.clone());
        let mut taken: Option<DateTime<Utc>> = None;
        let mut again: Option<Instant> = None;
        while !self.stop.is_cancelled() {
            let begun = Instant::now();
            // Whoever watches says what is wrong with a component that cannot be looked at.
            let changed = touched.look(&means.contact()).await.ok().flatten();
            let took = begun.elapsed();
            if changed.is_some() && (changed != taken || again.is_some_and(|again| again <= Instant::now())) {
                tokio::time::sleep(SETTLES).await;
                // A backup is large, and mostly there is none.
                let is_well = Box::pin(self.run(job)).await;
                taken = changed;
                again = (!is_well).then(|| Instant::now() + AGAIN);
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(every.max(took * SHARE)) => {}
            }
        }
    }

    /// Runs the job if what changed was not taken yet; whether all is as it should be.
    async fn run(&self, job: &Job) -> bool {
        // Secrets are asked for anew: these lines may run for months.
        let means = Means::new(self.context.redactor(), self.stop.clone());
        let contact = means.contact();
        let (journal, claims, books) = match self.open(&contact).await {
            Ok(opened) => opened,
            Err(why) => {
                let came = Came::Trouble(untrusted(&why, Shape::line(300)));
                self.say(Said { job: job.name.clone(), came, troubles: Vec::new() }).await;
                return false;
            }
        };
        let tickets = Tickets::in_state(self.state.path());
        let operations = Operations::told_in(self.state, self.context.redactor());
        let work = Work {
            plan: self.plan,
            journal: &journal,
            claims: &claims,
            tickets: &tickets,
            with: &contact,
            operations: &operations,
            rate: None,
        };
        let round = Round { plan: self.plan, books: &books, journal: &journal, with: &contact };
        let mut is_well = true;
        for said in run_due(&round, |one| one.name == job.name, &work, |_| {}).await {
            is_well &= match &said.came {
                Came::Ended(run) => run.ending.is_well(),
                Came::NotYet { .. } => true,
                _ => false,
            };
            self.say(said).await;
        }
        is_well
    }

    /// What a run is recorded in, and what keeps others from running it too.
    async fn open(&self, contact: &Contact<'_>) -> Result<(Journal, Claims, Books), String> {
        let journal = Journal::open(self.state, self.context.recording()).map_err(|error| with_causes(&error))?;
        let claims = Claims::here(self.state).map_err(|error| with_causes(&error))?;
        let books = Books::open(self.plan, self.state, &Asker::here(), contact.secrets).await;
        Ok((journal, claims, books.map_err(|error| with_causes(&error))?))
    }

    async fn say(&self, said: Said) {
        // Whoever listened has gone, and we go too.
        let _ = self.tell.send(said).await;
    }
}
