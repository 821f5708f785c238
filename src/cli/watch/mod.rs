//! `lifeboat watch`: watches without a screen, as a service, so that somebody watches when nobody looks.

mod metrics;
mod on_change;
mod supervisor;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::backup::due;
use super::status::line;
use super::status::news::News;
use super::{Changes, Context, Failure, Group, Info};
use crate::desk::{Sources, keep};
use crate::protect::due::Said;
use crate::text::{Clock, Exit, Explain, SystemClock};
use crate::watch::{self, Means, Recording};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "watch",
    group: Group::Platform,
    changes: Changes::Always,
    examples: &[
        ("lifeboat watch", "Watch until interrupted; a line for each change, recorded in the journal"),
        ("lifeboat watch --metrics 127.0.0.1:9469", "The same, and serve metrics to Prometheus"),
    ],
}];

/// `lifeboat watch`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Serve metrics for Prometheus at this address
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<SocketAddr>,
}

impl Args {
    /// Watches until interrupted.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = Arc::new(context.readable()?.clone());
        let state = context.state()?.path;
        let opened = crate::journal::State::open(&state, plan.platform.group.as_deref())?;
        if let Some(holder) = watch::holder(&opened)? {
            return Err(Watched { holder }.into());
        }
        let recording = Recording {
            state: state.clone(),
            group: plan.platform.group.clone(),
            plan: context.plan_digest(),
            redactor: context.redactor().clone(),
        };
        context.block_on(async |stop| {
            let listener = match self.metrics {
                Some(address) => Some(metrics::listen(address).await?),
                None => None,
            };
            let means =
                Arc::new(Means::new(context.redactor(), stop.clone()).only_looking(context.globals().read_only));
            let sources = Sources {
                plan: Arc::clone(&plan),
                means,
                state: Some(state),
                recording: Some(recording),
                doctor_looks_at: None,
            };
            let (desk, mut changes) = keep(sources);
            if let Some(listener) = listener {
                tokio::spawn(metrics::serve(listener, desk.clone()));
            }
            tokio::spawn(supervisor::sign_of_life(desk.clone()));
            let (keeper, mut taken) = on_change::Keeper::new(&plan, &opened, context, &stop);
            let mut following = std::pin::pin!(keeper.follow_all());
            let mut follows = true;
            let mut news = News::default();
            let mut beat = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    () = stop.cancelled() => {
                        if follows {
                            following.await;
                        }
                        return Ok(Exit::Interrupted);
                    }
                    () = &mut following, if follows => follows = false,
                    change = changes.recv() => match change {
                        Some(change) if context.out().is_json() => context.out().line(json!(change).to_string())?,
                        Some(change) => context.out().line(line::change(&change, SystemClock.now()))?,
                        None => return Ok(Exit::Done),
                    },
                    Some(said) = taken.recv() => tell_of_job(context, &said)?,
                    _ = beat.tick() => {
                        let desk = Arc::clone(&desk.borrow());
                        news.tell(context, &desk.picture)?;
                        news.data(context, &desk.shelf)?;
                        news.record(context, desk.record.trouble.as_deref())?;
                    }
                }
            }
        })
    }
}

/// What came of a job that a change set off, if that is news.
fn tell_of_job(context: &Context, said: &Said) -> Result<(), Failure> {
    let line = due::news(said, SystemClock.now());
    let line = line.map(|line| if context.out().is_json() { due::json(said) } else { line });
    line.map_or(Ok(()), |line| context.out().line(line))
}

/// Another process of this host watches and records already.
#[derive(Debug, thiserror::Error)]
#[error("this host is watched already, by {holder}")]
struct Watched {
    holder: String,
}

impl Explain for Watched {
    fn next_step(&self) -> String {
        "`lifeboat status --watch` shows changes without recording them; to watch here, end the other one first."
            .to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Refused
    }
}
