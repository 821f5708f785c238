//! The load that goes on: runs of agents at a steady pace, through all three servers.

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

/// Makes load until `stop` is there. Servers that go away are tried again with every run.
pub async fn run(options: LoadOptions, stop: impl Future<Output = ()>) -> Load {
    let LoadOptions { servers, site, per_second } = options;
    let links = Arc::new(Links::new(servers, format!("agent-load {site}")));
    let pace = Duration::from_secs_f64(1.0 / per_second.clamp(SLOWEST, FASTEST));
    let mut ticks = tokio::time::interval(pace);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut stop = pin!(stop);
    let (mut flows, mut load) = (JoinSet::new(), Load::default());
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(ended) = flows.join_next() => load.note(ended.ok()),
            _ = ticks.tick(), if flows.len() < AT_ONCE => {
                let (links, site) = (Arc::clone(&links), site.clone());
                flows.spawn(async move { flow::run(&links, &site).await.map(|_| ()) });
            }
        }
    }
    while let Some(ended) = flows.join_next().await {
        load.note(ended.ok());
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
