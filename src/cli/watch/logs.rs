//! The logs of databases, watched over: what a store has missed is brought to it once it is back.

use std::time::Duration;

use futures_util::future::join_all;
use tokio_util::sync::CancellationToken;

use crate::cli::Context;
use crate::plan::Plan;
use crate::plan::types::{Job, Store};
use crate::protect::wal::{Brought, LogOf, bring_missing};
use crate::text::{Shape, untrusted};
use crate::vault::Cache;
use crate::watch::Means;

/// How often it is looked, where the job does not say within what time its stores must have the log.
const OFTEN: Duration = Duration::from_mins(1);
const SELDOM: Duration = Duration::from_mins(10);
const ALWAYS: Duration = Duration::from_secs(5);

/// Follows all of them until it is to stop; tells what was brought, and what could not be.
pub(super) async fn follow_all(context: &Context, plan: &Plan, stop: &CancellationToken, tell: impl Fn(String)) {
    if context.globals().read_only {
        return;
    }
    let jobs = plan.job.iter().filter(|job| job.keeps_log() && job.continuous == Some(true) && job.to.len() > 1);
    join_all(jobs.map(|job| follow(context, plan, job, stop, &tell))).await;
}

async fn follow(context: &Context, plan: &Plan, job: &Job, stop: &CancellationToken, tell: &impl Fn(String)) {
    let every = job.lag.map_or(OFTEN, |lag| (lag.approx() / 4).clamp(ALWAYS, SELDOM));
    let mut before = String::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
        // Secrets are asked for anew: these lines may run for months.
        let means = Means::new(context.redactor(), stop.clone());
        let Ok(log) = LogOf::of(plan, job.of.as_deref()) else { return };
        let cache = context.state().ok().map(|state| Cache::in_state(&state.path));
        let is_its = |store: &Store| job.to.contains(&store.name);
        // A store that is away is told of by whoever watches the stores.
        let (brought, _) = bring_missing(plan, &log, is_its, cache.as_ref(), &means.contact()).await;
        let told: Vec<String> = brought.iter().map(Brought::told).collect();
        let told = untrusted(format!("{}: {}", job.name, told.join("; ")), Shape::line(600));
        if !brought.is_empty() && told != before {
            tell(told.clone());
        }
        before = told;
    }
}
