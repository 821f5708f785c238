//! `lifeboat watch`: watches without a screen, as a service, so that somebody watches when nobody looks.

mod logs;
mod metrics;
mod on_change;
mod supervisor;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc::{Receiver, UnboundedReceiver};
use tokio::sync::watch as watch_channel;
use tokio_util::sync::CancellationToken;

use super::backup::due;
use super::status::line;
use super::status::news::News;
use super::{Changes, Context, Failure, Group, Info};
use crate::desk::{Desk, Sources, keep};
use crate::protect::due::Said;
use crate::text::{Clock, Exit, Explain, SystemClock};
use crate::watch::{self, Change, Means, Recording};

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
            let (desk, changes) = keep(sources);
            if let Some(listener) = listener {
                tokio::spawn(metrics::serve(listener, desk.clone()));
            }
            tokio::spawn(supervisor::sign_of_life(desk.clone()));
            let (keeper, taken) = on_change::Keeper::new(&plan, &opened, context, &stop);
            Told { context, desk, changes, taken, news: News::default() }.until(&stop, &keeper).await
        })
    }
}

/// What is told of on standard output.
struct Told<'a> {
    context: &'a Context,
    desk: watch_channel::Receiver<Arc<Desk>>,
    changes: UnboundedReceiver<Change>,
    /// What came of the jobs that a change set off.
    taken: Receiver<Said>,
    news: News,
}

impl Told<'_> {
    /// Tells a line for each, until it is to stop; a job that is under way then comes to its own end first.
    async fn until(mut self, stop: &CancellationToken, keeper: &on_change::Keeper<'_>) -> Result<Exit, Failure> {
        let (out, json) = (self.context.out(), self.context.out().is_json());
        // Whoever reads this may have gone: the rest ends by that, too.
        let tell = |told: String| drop(out.line(if json { json!({ "log": told }).to_string() } else { told }));
        let mut following = std::pin::pin!(async {
            tokio::join!(keeper.follow_all(), logs::follow_all(self.context, keeper.plan(), stop, tell))
        });
        let mut follows = true;
        let mut beat = tokio::time::interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                () = stop.cancelled() => {
                    if follows {
                        following.await;
                    }
                    return Ok(Exit::Interrupted);
                }
                _ = &mut following, if follows => follows = false,
                change = self.changes.recv() => match change {
                    Some(change) => self.tell(&change)?,
                    None => return Ok(Exit::Done),
                },
                Some(said) = self.taken.recv() => tell_of_job(self.context, &said)?,
                _ = beat.tick() => self.tell_news()?,
            }
        }
    }

    fn tell(&self, change: &Change) -> Result<(), Failure> {
        let out = self.context.out();
        out.line(if out.is_json() { json!(change).to_string() } else { line::change(change, SystemClock.now()) })
    }

    fn tell_news(&mut self) -> Result<(), Failure> {
        let desk = Arc::clone(&self.desk.borrow());
        self.news.tell(self.context, &desk.picture)?;
        self.news.data(self.context, &desk.shelf)?;
        self.news.record(self.context, desk.record.trouble.as_deref())
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
