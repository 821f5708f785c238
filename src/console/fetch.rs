//! Fetches the log that a screen wants to show, so that the screen itself never waits.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, watch};

use crate::plan::Plan;
use crate::systems::logs::{LogError, LogLine, tail};
use crate::text::{Explain, Shape, untrusted};
use crate::watch::Means;

/// How long a log that is followed is left alone between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// A log that somebody wants to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogWish {
    /// Of the component at this place in the plan.
    pub component: usize,
    /// How many of its last lines.
    pub lines: usize,
    /// Whether to look again and again.
    pub follows: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogAnswer {
    /// Of the component at this place in the plan.
    pub component: usize,
    /// As of when.
    pub at: DateTime<Utc>,
    /// The lines, the oldest first, or why there are none and what to do about it.
    pub lines: Result<Vec<LogLine>, String>,
}

/// Starts to fetch whatever is wished for last; a new wish ends the work on the one before. Ends when the means are
/// told to stop or nobody takes the answers any more. Must be called where tasks can be started.
pub fn fetch(plan: Arc<Plan>, means: Arc<Means>) -> (watch::Sender<Option<LogWish>>, mpsc::Receiver<LogAnswer>) {
    let (wishes, wish) = watch::channel(None);
    let (sender, answers) = mpsc::channel(1);
    tokio::spawn(async move {
        let stop = means.stop().clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = sender.closed() => {}
            () = serve(&plan, &means, wish, &sender) => {}
        }
    });
    (wishes, answers)
}

async fn serve(
    plan: &Plan,
    means: &Means,
    mut wishes: watch::Receiver<Option<LogWish>>,
    sender: &mpsc::Sender<LogAnswer>,
) {
    let mut done = false;
    loop {
        let wish = (*wishes.borrow_and_update()).filter(|_| !done);
        done = false;
        tokio::select! {
            changed = wishes.changed() => if changed.is_err() { return },
            () = answer(plan, means, wish, sender) => done = true,
        }
    }
}

/// Answers a wish: once, or again and again; does not return where there is none.
async fn answer(plan: &Plan, means: &Means, wish: Option<LogWish>, sender: &mpsc::Sender<LogAnswer>) {
    let Some(wish) = wish else { return std::future::pending().await };
    loop {
        let lines = read(plan, means, wish).await;
        let answer = LogAnswer { component: wish.component, at: means.clock().now(), lines };
        if sender.send(answer).await.is_err() || !wish.follows {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn read(plan: &Plan, means: &Means, wish: LogWish) -> Result<Vec<LogLine>, String> {
    let Some(component) = plan.component.get(wish.component) else { return Ok(Vec::new()) };
    let contact = means.contact();
    let said = |error: LogError| {
        let told = format!("{error}; {}", error.next_step());
        untrusted(contact.reach.redactor.redact(&told).as_bytes(), Shape::line(600))
    };
    tail(component, plan, &contact, wish.lines).await.map_err(said)
}
