//! `lifeboat backup`: takes recovery points, into every store at once.

mod due;
mod progress;
mod tell;

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use tokio_util::sync::CancellationToken;

use super::status::unknown;
use super::{Changes, Context, Failure, Group, Info, Output};
use crate::journal::claim::{ClaimError, Claims};
use crate::journal::{Journal, Settings, State, host};
use crate::plan::Plan;
use crate::plan::types::{Job, Method};
use crate::protect::backup::{Asked, BackupError, Rights, Wanted, Wanting, back_up};
use crate::protect::due::{Outcome, Run};
use crate::protect::report;
use crate::protect::work::told;
use crate::text::{Exit, Explain, Size};
use crate::vault::{Cache, Delivered, Pace};
use crate::watch::Means;

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
#[derive(Debug, clap::Args)]
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
    #[arg(long, value_name = "JOB", requires = "due")]
    job: Vec<String>,
    /// By this method of the plan, instead of the one that restores best
    #[arg(long, value_name = "METHOD", value_parser = PossibleValuesParser::new(Method::OF_A_POINT.map(Method::word)))]
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
        let wanted = if self.due { Vec::new() } else { self.wanted(plan)? };
        let state = State::open(&context.state()?.path, plan.platform.group.as_deref())?;
        let settings = Settings { plan: context.plan_digest(), redact: context.redactor().clone(), ..Settings::here() };
        let journal = Journal::open(&state, settings)?;
        let claims = Claims::here(&state)?;
        if self.due {
            return self.due(plan, &state, (&claims, &journal), context);
        }
        let (done, stopped) = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop.clone());
            let mut done = Vec::new();
            for wanted in wanted {
                if stop.is_cancelled() {
                    break;
                }
                let begun = std::time::Instant::now();
                let result = self.one(plan, &wanted, (&claims, &journal), &means, &stop, context).await;
                let one = Done { wanted, took: begun.elapsed(), result };
                one.tell_others(plan, &means, context).await;
                if !context.out().is_json() {
                    tell::one(context, &one)?;
                }
                done.push(one);
            }
            Ok((done, stop.is_cancelled()))
        })?;
        let cache = Cache::in_state(state.path());
        done.iter().flat_map(|done| &done.wanted.stores).for_each(|store| cache.forget(&store.name));
        if context.out().is_json() {
            tell::all(context, &done)?;
        }
        if stopped {
            return Ok(Exit::Interrupted);
        }
        Ok(worst(&done))
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
        let method = self.method.as_ref().and_then(|word| Method::OF_A_POINT.into_iter().find(|it| it.word() == word));
        let asked = Asked { components: self.component.clone(), all: self.all, method, to: self.to.clone() };
        Ok(asked.of(plan)?)
    }

    async fn one(
        &self,
        plan: &Plan,
        wanted: &Wanted<'_>,
        (claims, journal): (&Claims, &Journal),
        means: &Means,
        stop: &CancellationToken,
        context: &Context,
    ) -> Result<Delivered, BackupError> {
        let rights = self.claimed(plan, wanted, claims, stop, context).await?;
        let pace = Pace::until(stop.clone()).at_most(self.rate);
        let contact = means.contact();
        let work = back_up(plan, wanted, &pace, (&rights, journal), &contact);
        progress::beside(work, context, wanted, &pace).await
    }

    async fn claimed(
        &self,
        plan: &Plan,
        wanted: &Wanted<'_>,
        claims: &Claims,
        stop: &CancellationToken,
        context: &Context,
    ) -> Result<Rights, ClaimError> {
        let mut is_told = false;
        let mut wanting = Wanting::new(wanted, claims, plan.platform.group.as_deref());
        loop {
            match wanting.take().await {
                Err(error @ (ClaimError::Held { .. } | ClaimError::Changed(_)))
                    if self.wait && !stop.is_cancelled() =>
                {
                    if !is_told {
                        context.out().note(format!("lifeboat: waiting: {error}"));
                        is_told = true;
                    }
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = tokio::time::sleep(LOOK_EVERY) => {}
                    }
                }
                claimed => return claimed,
            }
        }
    }
}

impl Done<'_> {
    /// Tells the channels that the job names. Its ping is left alone: somebody waits for the schedule there.
    async fn tell_others(&self, plan: &Plan, means: &Means, context: &Context) {
        let job = Job { ping: None, ..self.wanted.job.clone() };
        let ended = means.clock().now();
        let began = ended - chrono::Duration::from_std(self.took).unwrap_or_default();
        let outcome = match &self.result {
            Ok(delivered) => told(delivered),
            Err(error) => Outcome::failed(error.to_string()),
        };
        let Outcome { ending, told } = outcome;
        let run = Run { slot: began, began, ended, ending, told, host: host::name(), missed: 0 };
        for trouble in report(plan, &job, &run, &means.contact()).await {
            context.out().note(format!("lifeboat: {}", Output::safe(trouble)));
        }
    }
}

/// The exit code of all: a refusal or a failure of one, else that a store is missing one, else none.
fn worst(done: &[Done<'_>]) -> Exit {
    let failed = done.iter().filter_map(|done| done.result.as_ref().err()).map(Explain::exit);
    if let Some(exit) = failed.into_iter().max_by_key(|exit| u8::from(*exit == Exit::Failed)) {
        return exit;
    }
    let is_missing = |done: &Done<'_>| {
        done.result.as_ref().is_ok_and(|delivered| delivered.stores.iter().any(|(_, store)| store.is_err()))
    };
    if done.iter().any(is_missing) { Exit::Attention } else { Exit::Done }
}
