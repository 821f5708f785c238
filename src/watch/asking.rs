//! A task for every component: asks, waits, asks again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::nudges::Nudges;
use super::seen::{costly, deadline, every};
use super::vantage::Eyes;
use super::{Means, Picture, jitter};
use crate::plan::Plan;
use crate::plan::facts::Verdict;
use crate::plan::types::Component;
use crate::systems::{ContactError, Depth, Reading, Subject, judged, probe, take};
use crate::text::Span;

/// How long costly questions may take.
const PATIENCE: Span = Span::from_secs(30);

/// How soon a verdict that differs from the one before is asked for again.
const AGAIN: Duration = Duration::from_secs(1);
/// How soon after its last question one is asked again because of what happened to another at the same place.
const NUDGED: Duration = Duration::from_secs(5);
/// How long a probe that broke rests.
const REST: Duration = Duration::from_secs(5);

/// What a task has to say. A component is named by its place in the plan.
#[derive(Clone, Debug)]
pub enum Update {
    /// A question was put.
    Asked {
        /// To whom.
        component: usize,
        /// When.
        at: DateTime<Utc>,
    },
    /// A question was answered, or given up.
    Answered {
        /// By whom.
        component: usize,
        /// How much was asked.
        depth: Depth,
        /// What was told.
        reading: Arc<Reading>,
    },
    /// Another vantage point was answered, or gave up.
    Elsewhere {
        /// By whom.
        component: usize,
        /// Its name in the plan.
        vantage: Arc<str>,
        /// What was told.
        reading: Arc<Reading>,
    },
    /// Another vantage point cannot be seen through any more.
    VantageLost {
        /// Its name in the plan.
        vantage: Arc<str>,
        /// Why.
        why: String,
    },
}

/// How often everything is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Each component at its own interval, for ever.
    Steady,
    /// Each component once, with what is costly too.
    Once,
    /// Each component at its own interval, without what is costly: from here for somebody elsewhere.
    Glances,
    /// Each component once, without what is costly: from here for somebody elsewhere.
    Glance,
}

impl Pace {
    fn is_once(self) -> bool {
        matches!(self, Pace::Once | Pace::Glance)
    }

    /// Only who asks for people here has others look too: who is asked to look sends nobody further.
    fn looks_elsewhere(self) -> bool {
        matches!(self, Pace::Once | Pace::Steady)
    }
}

/// Starts a task for every component of the plan (`wanted` by its place), and one for every other vantage point.
/// Updates end when the tasks do: at the pace `Once` after the last answer, else when the means are told to stop.
pub fn start(
    plan: &Arc<Plan>,
    means: &Arc<Means>,
    pace: Pace,
    wanted: impl Fn(usize) -> bool,
) -> mpsc::Receiver<Update> {
    let (sender, receiver) = mpsc::channel(1024);
    for vantage in plan.vantage.iter().filter(|_| pace.looks_elsewhere()) {
        let eyes = Eyes::at(vantage, (plan, means), &sender, &wanted);
        if pace.is_once() {
            tokio::spawn(eyes.look())
        } else {
            tokio::spawn(eyes.see())
        };
    }
    let nudges = Arc::new(Nudges::of(plan));
    for component in (0..plan.component.len()).filter(|index| wanted(*index)) {
        let depths: &[Depth] = if pace.looks_elsewhere() { &[Depth::Vital, Depth::Rare] } else { &[Depth::Vital] };
        for depth in depths.iter().copied() {
            let task = Task {
                plan: Arc::clone(plan),
                means: Arc::clone(means),
                nudges: Arc::clone(&nudges),
                component,
                depth,
                sender: sender.clone(),
            };
            tokio::spawn(task.run(pace));
        }
    }
    receiver
}

/// Asks everything that is wanted once, all at the same time.
pub async fn once(plan: &Arc<Plan>, means: &Arc<Means>, wanted: impl Fn(usize) -> bool) -> Picture {
    let mut picture = Picture::of_one_look(Arc::clone(plan));
    let mut updates = start(plan, means, Pace::Once, wanted);
    while let Some(update) = updates.recv().await {
        picture.apply(update);
    }
    picture.settle(means.clock().now());
    picture
}

struct Task {
    plan: Arc<Plan>,
    means: Arc<Means>,
    nudges: Arc<Nudges>,
    component: usize,
    depth: Depth,
    sender: mpsc::Sender<Update>,
}

impl Task {
    /// Panics of a probe end its own task only: they are told, and the next one takes its place.
    async fn run(self, pace: Pace) {
        let task = Arc::new(self);
        loop {
            let mut alone = JoinSet::new();
            let asking = Arc::clone(&task);
            alone.spawn(async move { asking.ask(pace).await });
            let stop = task.means.stop();
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                ended = alone.join_next() => ended,
            };
            match ended {
                Some(Err(broken)) if broken.is_panic() => {
                    let component = &task.plan.component[task.component];
                    tracing::error!(component = component.name, "a probe broke: {broken}");
                    let reading = broke(component, task.depth, task.means.clock().now());
                    if task.answered(reading).await.is_err() || pace.is_once() {
                        return;
                    }
                    tokio::time::sleep(REST).await;
                }
                _ => return,
            }
        }
    }

    async fn ask(&self, pace: Pace) {
        let component = &self.plan.component[self.component];
        let mut probe = probe(Subject { component, plan: &self.plan });
        let (interval, patience) = match self.depth {
            Depth::Vital => (every(component), deadline(component)),
            Depth::Rare if pace.is_once() => (costly(component), deadline(component)),
            Depth::Rare => (costly(component), PATIENCE),
        };
        let every = interval.approx();
        let mut before = None;
        let mut due = Instant::now() + self.first_wait(pace, every);
        for round in 1.. {
            due = self.wait(due, before.is_none()).await;
            let asked = Update::Asked { component: self.component, at: self.means.clock().now() };
            if self.depth == Depth::Vital && self.sender.send(asked).await.is_err() {
                return;
            }
            let contact = self.means.contact();
            let reading = take(&mut *probe, component, self.depth, patience, &contact).await;
            let verdict = reading.verdict;
            let changed = before.replace(verdict).map(|before| before != verdict);
            if self.answered(reading).await.is_err() || pace.is_once() {
                return;
            }
            if changed == Some(true) && self.depth == Depth::Vital {
                self.nudges.ring(self.component);
            }
            // So is a first answer that is no good one: nothing confirms it yet.
            let is_news = changed.unwrap_or(self.depth == Depth::Vital && verdict != Verdict::Healthy);
            // News is asked for again soon, to be sure. An interval that was missed is not made up for.
            let interval = jitter::interval(every, &component.name, round);
            let now = Instant::now();
            due = if is_news { now + interval.min(AGAIN) } else { (due + interval).max(now + interval / 4) };
        }
    }

    /// Hands on what was told; an error once nobody listens any more.
    async fn answered(&self, reading: Reading) -> Result<(), mpsc::error::SendError<Update>> {
        let reading = Arc::new(reading);
        self.sender.send(Update::Answered { component: self.component, depth: self.depth, reading }).await
    }

    /// Waits until the next question is due, or until something happened to another one at the same place; says when
    /// it was due.
    async fn wait(&self, due: Instant, is_first: bool) -> Instant {
        let begun = Instant::now();
        tokio::select! {
            () = tokio::time::sleep_until(due) => due,
            () = self.nudges.heard(self.component), if self.depth == Depth::Vital && !is_first => {
                let due = due.min(begun + NUDGED);
                tokio::time::sleep_until(due).await;
                due.max(Instant::now())
            }
        }
    }

    /// The first questions go out at once, those of many components spread over a moment; what is costly waits
    /// until the picture is there.
    fn first_wait(&self, pace: Pace, interval: Duration) -> Duration {
        let share = jitter::first(&self.plan.component[self.component].name, self.plan.component.len());
        match (pace, self.depth) {
            (Pace::Once | Pace::Glance, _) => Duration::ZERO,
            (Pace::Steady | Pace::Glances, Depth::Vital) => interval.min(Duration::from_secs(1)).mul_f64(share),
            (Pace::Steady | Pace::Glances, Depth::Rare) => {
                Duration::from_secs(1) + interval.min(Duration::from_secs(20)).mul_f64(share)
            }
        }
    }
}

/// What is known of a component whose probe broke: nothing, by a fault of our own.
fn broke(component: &Component, depth: Depth, now: DateTime<Utc>) -> Reading {
    let error = std::io::Error::other("Lifeboat itself made a mistake while it asked");
    let error = ContactError::ours(component, &error, "its log says where; ask the component by other means");
    judged(component, Err(error), depth, now, now, Span::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_that_broke_leaves_its_component_unknown_with_the_reason() {
        let component = toml::from_str("name = 'db'\nkind = 'postgres'\naddress = 'postgresql://db:5432/x'").unwrap();
        let reading = broke(&component, Depth::Vital, DateTime::UNIX_EPOCH);
        assert_eq!(reading.verdict, Verdict::Unknown);
        assert!(reading.reason().contains("Lifeboat itself made a mistake"), "{}", reading.reason());
    }
}
