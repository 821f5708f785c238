//! The load that goes on: runs of agents at a steady pace, through all three servers.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::{Links, Servers, WorldError, flow};

/// Flows at the same time; beyond it the load falls behind its pace, as users who wait do.
const AT_ONCE: usize = 16;
const FASTEST: f64 = 1_000.0;
const SLOWEST: f64 = 0.01;

/// How the load is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoadOptions {
    /// The servers it goes to.
    pub servers: Servers,
    /// The site it says it comes from.
    pub site: String,
    /// Runs a second.
    pub per_second: f64,
}

/// What the load did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Load {
    /// Runs that got to their end.
    pub done: u64,
    /// Runs that did not.
    pub failed: u64,
}

/// What is told while the load goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Why a run did not get to its end; the first reason of each kind.
    Reason(String),
    /// How many did and did not up to now, every few seconds.
    Count(Load),
}

/// How often the counts are told.
const COUNTS: Duration = Duration::from_secs(10);

/// Makes load until `stop` is there. Servers that go away are tried again with every run.
pub async fn run(options: LoadOptions, tell: impl Fn(Told), stop: impl Future<Output = ()>) -> Load {
    let LoadOptions { servers, site, per_second } = options;
    let links = Arc::new(Links::new(servers, format!("agent-load {site}")));
    let pace = Duration::from_secs_f64(1.0 / per_second.clamp(SLOWEST, FASTEST));
    let mut ticks = tokio::time::interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut counts = tokio::time::interval_at(tokio::time::Instant::now() + COUNTS, COUNTS);
    let mut stop = pin!(stop);
    let (mut flows, mut load, mut known) = (JoinSet::new(), Load::default(), BTreeSet::new());
    let mut note = |load: &mut Load, ended: Option<Result<(), WorldError>>| {
        if let Some(Err(error)) = &ended
            && known.insert(error.sort())
        {
            tell(Told::Reason(error.to_string()));
        }
        load.note(ended);
    };
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(ended) = flows.join_next() => note(&mut load, ended.ok()),
            _ = counts.tick() => tell(Told::Count(load)),
            _ = ticks.tick(), if flows.len() < AT_ONCE => {
                let (links, site) = (Arc::clone(&links), site.clone());
                flows.spawn(async move { flow::run(&links, &site).await.map(|_| ()) });
            }
        }
    }
    while let Some(ended) = flows.join_next().await {
        note(&mut load, ended.ok());
    }
    load
}

impl Load {
    fn note(&mut self, ended: Option<Result<(), WorldError>>) {
        match ended {
            Some(Ok(())) => self.done += 1,
            Some(Err(error)) => {
                self.failed += 1;
                tracing::warn!(%error, "a run of the load did not get to its end");
            }
            None => self.failed += 1,
        }
    }
}
