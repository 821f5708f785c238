//! `lifeboat expire`: throws away what the plan no longer keeps.

mod tell;

use std::collections::BTreeSet;

use super::confirm::{Answer, confirm};
use super::status::unknown;
use super::{Changes, Context, Failure, Group, Info};
use crate::journal::claim::Claims;
use crate::plan::Plan;
use crate::plan::types::{Job, Task};
use crate::protect::copy::sweep;
use crate::protect::due::Outcome;
use crate::protect::expire::{Early, ExpireError, Expired, Found, Named, Wish, expire, found};
use crate::protect::operation::{About, Doing, Operations};
use crate::text::{Exit, Explain};
use crate::vault::retention::Survey;
use crate::vault::{Cache, Catalogue, Tickets};
use crate::watch::Means;

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "expire",
    group: Group::Platform,
    changes: Changes::With(&["yes"]),
    examples: &[
        ("lifeboat expire --dry-run", "What would go of every store, what stays, and why"),
        ("lifeboat expire local", "Throw away what one store no longer keeps, after a question"),
        ("lifeboat expire --job clean-up --yes", "What a job of the plan throws away, without a question"),
    ],
}];

/// `lifeboat expire`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only of these stores
    #[arg(value_name = "STORE")]
    store: Vec<String>,
    /// Only look: throw nothing away
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// What this job of the plan throws away, by its ages
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
    /// Throw it away without a question
    #[arg(long)]
    yes: bool,
}

/// What is to be told.
struct Told<'a> {
    survey: &'a Survey<'a>,
    early: &'a [Early],
    /// Why nothing may go.
    held: Option<&'a str>,
    /// Jobs that throw away by ages of their own, where none was named.
    jobs: &'a [String],
    expired: Option<&'a Expired>,
}

impl Args {
    /// Shows what stays and what goes, and throws that away once it is confirmed.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = context.plan()?;
        let wish = self.wish(plan)?;
        let only_looks = self.dry_run || context.globals().read_only;
        let Found { catalogue, held, early } = context.block_on(async |stop| {
            let means = Means::new(context.redactor(), stop);
            let cache = context.state().ok().map(|state| Cache::in_state(&state.path).fresh());
            Ok(found(plan, &wish, cache.as_ref(), &means.contact()).await)
        })?;
        let survey = survey(context, plan, &wish, &catalogue)?;
        let jobs = self.other_jobs(plan);
        let told = Told { survey: &survey, early: &early, held: held.as_deref(), jobs: &jobs, expired: None };
        let is_json = context.out().is_json();
        if !is_json {
            tell::print(context, &told)?;
        }
        let copies = survey.going().map(|(series, it)| (series.store.clone(), it.point.id.clone()));
        let logs = survey.logs.iter().map(|log| (log.store.clone(), log.name()));
        let agreed: BTreeSet<Named> = copies.chain(logs).collect();
        if only_looks || agreed.is_empty() {
            if is_json {
                tell::json(context, &told)?;
            }
            let well = held.is_none() && early.is_empty();
            return Ok(if well { Exit::Done } else { Exit::Attention });
        }
        if let Some(why) = held {
            return Err(ExpireError::Held(why).into());
        }
        if !self.yes {
            let question = format!("Throw away {} for good?", tell::all(&survey));
            match confirm(context, &question)? {
                Answer::Yes => {}
                Answer::No => return Err(Refused::Declined.into()),
                Answer::Nobody => return Err(Refused::Nobody.into()),
            }
        }
        let expired = thrown_away(context, plan, &wish, &agreed)?;
        let told = Told { expired: Some(&expired), ..told };
        if is_json {
            tell::json(context, &told)?;
        } else {
            tell::ended(context, &expired)?;
        }
        let well = expired.left.is_empty() && expired.stopped.is_none() && early.is_empty();
        Ok(match expired.is_called_off {
            true => Exit::Interrupted,
            false if well => Exit::Done,
            false => Exit::Attention,
        })
    }

    /// The jobs of the plan that would throw away more than is shown.
    fn other_jobs(&self, plan: &Plan) -> Vec<String> {
        let has_ages = |job: &&Job| job.task == Task::Expire && (job.keep.is_some() || job.older_than.is_some());
        let jobs = plan.job.iter().filter(|job| self.job.is_none() && has_ages(job));
        jobs.map(|job| job.name.clone()).collect()
    }

    fn wish<'p>(&self, plan: &'p Plan) -> Result<Wish<'p>, Failure> {
        let stores = || plan.store.iter().map(|store| store.name.as_str());
        if let Some(name) = self.store.iter().find(|name| !stores().any(|known| known == *name)) {
            return Err(unknown("store", name, stores()));
        }
        let jobs = || plan.job.iter().filter(|job| job.task == Task::Expire);
        let job = match &self.job {
            None => None,
            Some(name) => match jobs().find(|job| job.name == *name) {
                Some(job) => Some(job),
                None => return Err(unknown("job that throws away", name, jobs().map(|job| job.name.as_str()))),
            },
        };
        Ok(Wish { stores: self.store.clone(), job })
    }
}

fn survey<'c>(
    context: &Context,
    plan: &Plan,
    wish: &Wish<'_>,
    catalogue: &'c Catalogue,
) -> Result<Survey<'c>, Failure> {
    context.block_on(async |stop| {
        let means = Means::new(context.redactor(), stop);
        Ok(wish.survey(plan, catalogue, &means.contact()))
    })
}

fn thrown_away(context: &Context, plan: &Plan, wish: &Wish<'_>, agreed: &BTreeSet<Named>) -> Result<Expired, Failure> {
    let (state, journal) = context.recorded(plan)?;
    let claims = Claims::here(&state)?;
    let stores = || plan.store.iter().filter(|store| wish.chooses(store));
    let job = wish.job.map(|job| job.name.clone());
    let names = stores().map(|store| store.name.clone()).collect();
    let about = About { doing: Doing::Expire, of: String::new(), method: None, job, stores: names };
    let telling = Operations::told_in(&state, context.redactor()).begin(about);
    context.block_on_to_its_word(async |stop| {
        let means = Means::new(context.redactor(), stop);
        let contact = means.contact();
        sweep(stores(), &Tickets::in_state(state.path()), &contact).await;
        let expired = expire(plan, wish, Some(agreed), (&claims, &journal), &telling, &contact).await;
        match &expired {
            Ok(expired) => telling.ends(&expired.outcome(), None),
            Err(error) => telling.ends(&Outcome::failed(error.to_string()), Some(error.next_step())),
        }
        Ok(expired?)
    })
}

/// Why nothing was thrown away.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("nothing is thrown away: it was not confirmed")]
    Declined,
    #[error("nothing is thrown away: nobody is there to confirm it")]
    Nobody,
}

impl Explain for Refused {
    fn next_step(&self) -> String {
        match self {
            Refused::Declined => "`lifeboat expire --dry-run` shows it again.",
            Refused::Nobody => "Say --yes, or let a job of the plan with do = \"expire\" do it by its schedule.",
        }
        .to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Refused
    }
}
