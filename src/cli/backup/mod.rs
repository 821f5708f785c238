//! `lifeboat backup`: takes recovery points, into every store at once.

pub(super) mod due;
#[cfg(feature = "lab")]
mod first;
mod tell;

use std::time::Duration;

use clap::builder::PossibleValuesParser;

use super::status::unknown;
use super::{Changes, Context, Failure, Group, Info, Output, progress};
use crate::journal::claim::{ClaimError, Claims};
use crate::journal::{Journal, State, host};
use crate::plan::Plan;
use crate::plan::types::{Job, Method};
use crate::protect::backup::{Asked, BackupError, Rights, Wanted, Wanting, back_up};
use crate::protect::due::{Outcome, Run};
use crate::protect::operation::{About, Doing, Operations, Telling};
use crate::protect::report;
use crate::protect::work::outcome;
use crate::systems::Contact;
use crate::text::{Exit, Explain, Size};
use crate::vault::{Delivered, Pace, Tickets};
use crate::watch::Means;
#[cfg(feature = "lab")]
pub(super) use first::first;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "backup",
    group: Group::Platform,
    changes: Changes::Always,
    examples: &[
        ("lifeboat backup postgres", "A recovery point of one component, to the stores of its job"),
        ("lifeboat backup postgres --method base --to local --rate 20MB", "By another method, to one store, gently"),
        ("lifeboat backup --due", "Whatever the schedules want now; for cron, see `lifeboat schedule`"),
    ],
}];

/// How often one who waits looks again.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// `lifeboat backup`
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Of these components
    #[arg(value_name = "COMPONENT")]
    component: Vec<String>,
    /// Of every component that the plan backs up
    #[arg(long, conflicts_with = "component")]
    all: bool,
    /// Whatever the schedules of the plan want now: every sort of job, each slot once on whichever host comes first
    #[arg(long, conflicts_with_all = ["component", "all", "method", "to", "wait"])]
    due: bool,
    /// Of those that are due only this job; may be repeated
    #[arg(long, value_name = "JOB", requires = "due", conflicts_with_all = ["component", "all"])]
    job: Vec<String>,
    /// By this method of the plan, instead of the one that restores best
    #[arg(long, value_name = "METHOD", value_parser = PossibleValuesParser::new(Method::TO_ASK_FOR.map(Method::word)))]
    method: Option<String>,
    /// To this store, instead of those of the plan's job; may be repeated
    #[arg(long, value_name = "STORE")]
    to: Vec<String>,
    /// So many bytes a second at most: 20MB
    #[arg(long, value_name = "SIZE")]
    rate: Option<Size>,
    /// Let others go first: how much lower the priority is, up to 19; what it starts is as patient
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(i32).range(1..20))]
    nice: Option<i32>,
    /// Wait for whoever is at it now, instead of leaving
    #[arg(long)]
    wait: bool,
}

/// What a backup is taken with; all of it lies in the state folder.
struct Tools {
    state: State,
    journal: Journal,
    claims: Claims,
    tickets: Tickets,
    operations: Operations,
}

impl Tools {
    fn open(plan: &Plan, context: &Context) -> Result<Tools, Failure> {
        let (state, journal) = context.recorded(plan)?;
        let claims = Claims::here(&state)?;
        let tickets = Tickets::in_state(state.path());
        let operations = Operations::told_in(&state, context.redactor());
        Ok(Tools { state, journal, claims, tickets, operations })
    }
}

/// What became of one backup.
struct Done<'p> {
    wanted: Wanted<'p>,
    took: Duration,
    result: Result<Delivered, BackupError>,
}

impl Args {
    /// Takes them, one after the other; ends as the worst of them.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.plan()?;
        if let Some(nice) = self.nice {
            // It may always be lowered; where it is not, the backup is taken all the same.
            let _ = rustix::process::nice(nice);
        }
        if self.due {
            return self.due(plan, &Tools::open(plan, context)?, context);
        }
        let is_json = context.out().is_json();
        let (done, stopped) =
            self.take(plan, context, |done| if is_json { Ok(()) } else { tell::one(context, done) })?;
        if is_json {
            tell::all(context, &done)?;
        }
        Ok(if stopped { Exit::Interrupted } else { worst(&done) })
    }

    /// Takes what is asked for, and tells of each; what became of them, and whether they were called off.
    fn take<'p>(
        &self,
        plan: &'p Plan,
        context: &Context,
        mut tell: impl FnMut(&Done<'p>) -> Result<(), Failure>,
    ) -> Result<(Vec<Done<'p>>, bool), Failure> {
        let wanted = self.wanted(plan)?;
        let tools = Tools::open(plan, context)?;
        context.block_on_to_its_word(async |stop| {
            let means = Means::new(context.redactor(), stop.clone());
            let (mut taken, mut untold) = (Vec::new(), None);
            for wanted in wanted {
                if stop.is_cancelled() {
                    break;
                }
                let begun = std::time::Instant::now();
                let telling = tools.operations.begin(about(&wanted));
                let result = self.one(plan, &wanted, &tools, &telling, &means, context).await;
                let done = Done { wanted, took: begun.elapsed(), result };
                let next = done.result.as_ref().err().map(Explain::next_step);
                telling.ends(&done.outcome(stop.is_cancelled()), next);
                done.tell_others(plan, &means, context).await;
                // That nobody reads on is no reason to leave the others without a backup.
                untold = untold.or(tell(&done).err());
                taken.push(done);
            }
            untold.map_or(Ok((taken, stop.is_cancelled())), Err)
        })
    }

    fn wanted<'p>(&self, plan: &'p Plan) -> Result<Vec<Wanted<'p>>, Failure> {
        let components = || plan.component.iter().map(|component| component.name.as_str());
        if let Some(name) = self.component.iter().find(|name| !components().any(|known| known == *name)) {
            return Err(unknown("component", name, components()));
        }
        let stores = || plan.store.iter().map(|store| store.name.as_str());
        if let Some(name) = self.to.iter().find(|name| !stores().any(|known| known == *name)) {
            return Err(unknown("store", name, stores()));
        }
        let method = self.method.as_ref().and_then(|word| Method::TO_ASK_FOR.into_iter().find(|it| it.word() == word));
        let asked = Asked { components: self.component.clone(), all: self.all, method, to: self.to.clone() };
        Ok(asked.of(plan)?)
    }

    async fn one(
        &self,
        plan: &Plan,
        wanted: &Wanted<'_>,
        tools: &Tools,
        telling: &Telling,
        means: &Means,
        context: &Context,
    ) -> Result<Delivered, BackupError> {
        let contact = means.contact();
        let rights = self.claimed(plan, wanted, &tools.claims, telling, &contact, context).await?;
        for trouble in &rights.troubles {
            context.out().note(format!("lifeboat: {}", Output::safe(trouble)));
        }
        let pace =
            Pace::until(contact.stop.clone()).at_most(self.rate.or(wanted.job.rate)).counted_in(telling.progress());
        let work = back_up(plan, wanted, &pace, (&rights, &tools.journal, &tools.tickets), telling, &contact);
        let done = progress::beside(work, context, telling).await;
        rights.give_back().await;
        done
    }

    async fn claimed(
        &self,
        plan: &Plan,
        wanted: &Wanted<'_>,
        claims: &Claims,
        telling: &Telling,
        with: &Contact<'_>,
        context: &Context,
    ) -> Result<Rights, ClaimError> {
        let mut is_told = false;
        let mut tell = |why: &ClaimError| {
            if !std::mem::replace(&mut is_told, true) {
                context.out().note(format!("lifeboat: waiting: {}", Output::safe(why)));
                telling.is_at(format!("waiting: {why}"));
            }
        };
        let mut wanting = Wanting::new(plan, wanted, claims);
        loop {
            match wanting.take(with.secrets, &with.stop, &mut tell).await {
                Err(error @ (ClaimError::Held { .. } | ClaimError::Changed(_)))
                    if self.wait && !with.stop.is_cancelled() =>
                {
                    tell(&error);
                    tokio::select! {
                        () = with.stop.cancelled() => {}
                        () = tokio::time::sleep(LOOK_EVERY) => {}
                    }
                }
                claimed => return claimed,
            }
        }
    }
}

/// What is told of a backup while it is taken.
fn about(wanted: &Wanted<'_>) -> About {
    About {
        doing: Doing::Backup,
        of: wanted.component.name.clone(),
        method: wanted.job.method,
        job: None,
        stores: wanted.stores.iter().map(|store| store.name.clone()).collect(),
    }
}

impl Done<'_> {
    /// What came of it, for those who look on.
    fn outcome(&self, is_called_off: bool) -> Outcome {
        match outcome(&self.result) {
            outcome if is_called_off && !outcome.ending.is_well() => Outcome::interrupted(outcome.told),
            outcome => outcome,
        }
    }

    /// Tells the channels that the job names. Its ping is left alone: somebody waits for the schedule there.
    async fn tell_others(&self, plan: &Plan, means: &Means, context: &Context) {
        let job = Job { ping: None, ..self.wanted.job.clone() };
        let ended = means.clock().now();
        let began = ended - chrono::Duration::from_std(self.took).unwrap_or_default();
        let Outcome { ending, told, rest } = outcome(&self.result);
        let run = Run { slot: began, began, ended, ending, told, host: host::name(), missed: 0, rest };
        for trouble in report(plan, &job, &run, &means.contact()).await {
            context.out().note(format!("lifeboat: {}", Output::safe(trouble)));
        }
    }
}

/// The exit code of all: a refusal or a failure of one, else that a store is missing one, or it lacks something or
/// is strange, else none.
fn worst(done: &[Done<'_>]) -> Exit {
    let failed = done.iter().filter_map(|done| done.result.as_ref().err()).map(Explain::exit);
    if let Some(exit) = failed.into_iter().max_by_key(|exit| u8::from(*exit == Exit::Failed)) {
        return exit;
    }
    let is_missing = |done: &Done<'_>| {
        let is_missing = |delivered: &Delivered| delivered.stores.iter().any(|(_, store)| store.is_err());
        let is_odd = |delivered: &Delivered| delivered.manifest.lacks().count() > 0 || delivered.strange.is_some();
        done.result.as_ref().is_ok_and(|delivered| is_missing(delivered) || is_odd(delivered))
    };
    if done.iter().any(is_missing) { Exit::Attention } else { Exit::Done }
}
