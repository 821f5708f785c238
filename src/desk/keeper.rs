//! Keeps the desk up to date: readings, journal and bastion flow in, one picture after another flows out.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::past::{self, Past};
use super::{Bastion, Desk, Findings, Record, Shelf};
use super::{operations, shelf};
use crate::doctor::{Outcome, Patient, examine};
use crate::plan::{Level, Loaded, Plan, check};
use crate::protect::operation::Seen;
use crate::watch::{Change, Jumps, Means, Pace, Picture, Recorded, Recorder, Recording, Standing, Update, start};

/// At most ten pictures a second: a burst of readings is one picture.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);

/// So often also where nothing has changed: who hears nothing takes us for stuck.
const AT_LEAST_EVERY: Duration = Duration::from_secs(5);

/// How long the doctor waits at most for the first answers, those to rare questions too, and how long until the
/// next look.
const FIRST_LOOK: Duration = Duration::from_secs(40);
const LOOK_AGAIN: Duration = Duration::from_mins(10);
/// The same while something is wrong: whoever mends it wants to see that it is.
const LOOK_SOON: Duration = Duration::from_mins(1);

/// What the desk is kept from.
pub struct Sources {
    /// The plan in force.
    pub plan: Arc<Plan>,
    /// What every question needs; its token ends the keeping.
    pub means: Arc<Means>,
    /// The state folder, if there is one to be read.
    pub state: Option<PathBuf>,
    /// Where changes are recorded; nowhere when only looking.
    pub recording: Option<Recording>,
    /// The plan with the places in its files, where the doctor is to look at this bastion from time to time.
    pub doctor_looks_at: Option<Arc<Loaded>>,
}

/// Starts to ask everybody. Each value is a whole picture; who is slow misses the ones between. The changes of
/// verdict come beside it, each of them.
pub fn keep(sources: Sources) -> (watch::Receiver<Arc<Desk>>, mpsc::UnboundedReceiver<Change>) {
    let desk = Desk::new(Arc::clone(&sources.plan), sources.means.clock().now());
    let (sender, receiver) = watch::channel(Arc::new(desk.clone()));
    let (told, changes) = mpsc::unbounded_channel();
    let (finds, bastion) = watch::channel(None);
    let (found, findings) = watch::channel(None);
    if let Some(loaded) = sources.doctor_looks_at.clone() {
        let patient = Patient {
            loaded,
            plan: Arc::clone(&sources.plan),
            means: Arc::clone(&sources.means),
            state: sources.state.clone(),
        };
        let (plan, now) = (Arc::clone(&patient.loaded), sources.means.clock().now());
        tokio::task::spawn_blocking(move || found.send_replace(Some(Arc::new(look_over(&plan, now)))));
        tokio::spawn(doctor(patient, receiver.clone(), finds));
    }
    let standing = Standing::default();
    let operations = operations::follow(sources.state.clone());
    let shelf =
        shelf::follow(Arc::clone(&sources.plan), Arc::clone(&sources.means), sources.state.clone(), operations.clone());
    tokio::spawn(Keeper { desk, sources, sender, told, bastion, findings, shelf, operations, standing }.run());
    (receiver, changes)
}

/// How much is wrong with a plan.
fn look_over(plan: &Loaded, now: DateTime<Utc>) -> Findings {
    let findings = check(plan, now);
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    Findings { errors: count(Level::Error), warnings: count(Level::Warning) }
}

/// Whether every component was asked, what is asked rarely too: some grants are needed for nothing else.
fn has_asked_everything(picture: &Picture) -> bool {
    picture.all().all(|seen| seen.latest.is_some() && (seen.rare.is_some() || seen.rare_trouble.is_some()))
}

/// Looks at this bastion once everything has been asked, and again from time to time.
async fn doctor(patient: Patient, mut desk: watch::Receiver<Arc<Desk>>, finds: watch::Sender<Option<Arc<Bastion>>>) {
    let stop = patient.means.stop().clone();
    let (mut wait, mut is_first) = (FIRST_LOOK, true);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = finds.closed() => return,
            Ok(_) = desk.wait_for(|desk| has_asked_everything(&desk.picture)), if is_first => {}
            () = tokio::time::sleep(wait) => {}
        }
        (wait, is_first) = (LOOK_AGAIN, false);
        let picture = desk.borrow().picture.clone();
        let checks = examine(&patient, &picture).await;
        let failed = checks.iter().filter_map(|check| match &check.outcome {
            Outcome::Wrong { why, .. } => Some(format!("{}: {why}", check.about)),
            Outcome::Well(_) | Outcome::NotLooked(_) => None,
        });
        let failed: Vec<String> = failed.collect();
        if !failed.is_empty() {
            wait = LOOK_SOON;
        }
        finds.send_replace(Some(Arc::new(Bastion { checks: checks.len(), failed })));
    }
}

struct Keeper {
    desk: Desk,
    sources: Sources,
    sender: watch::Sender<Arc<Desk>>,
    told: mpsc::UnboundedSender<Change>,
    bastion: watch::Receiver<Option<Arc<Bastion>>>,
    findings: watch::Receiver<Option<Arc<Findings>>>,
    shelf: watch::Receiver<Arc<Shelf>>,
    operations: watch::Receiver<Arc<[Seen]>>,
    /// That of the recorder, as the last picture has it.
    standing: Standing,
}

impl Keeper {
    async fn run(mut self) {
        let mut past = self.sources.state.clone().map(past::follow);
        if let Some(state) = self.sources.state.clone() {
            let now = self.sources.means.clock().now();
            let recorded = tokio::task::spawn_blocking(move || Recorded::of(&state, now)).await;
            self.desk.picture.recall(&recorded.unwrap_or_default());
        }
        let recorder = self.sources.recording.clone().map(Recorder::begin);
        let mut updates = start(&self.sources.plan, &self.sources.means, Pace::Steady, |_| true);
        let mut jumps = Jumps::new(self.sources.means.clock());
        let mut beat = interval(Duration::from_secs(1));
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_dirty, mut last) = (false, Instant::now());
        let mut burst: Vec<Update> = Vec::new();
        while !self.sender.is_closed() {
            let mut changes = Vec::new();
            tokio::select! {
                () = self.sources.means.stop().cancelled() => break,
                count = updates.recv_many(&mut burst, 256) => {
                    if count == 0 {
                        break;
                    }
                    changes.extend(burst.drain(..).filter_map(|update| self.desk.picture.apply(update)));
                    is_dirty = true;
                }
                _ = beat.tick() => {
                    if let Some(by) = jumps.look(self.sources.means.clock()) {
                        self.desk.picture.clock_jumped(by);
                    }
                    changes.extend(self.desk.picture.settle(self.sources.means.clock().now()));
                    // Whoever looks at a picture that stays is not woken.
                    is_dirty = is_dirty
                        || last.elapsed() >= AT_LEAST_EVERY
                        || self.has_news(past.as_ref(), recorder.as_ref());
                }
                () = tokio::time::sleep_until(last + AT_MOST_EVERY), if is_dirty => {
                    self.publish(past.as_mut(), recorder.as_ref());
                    (is_dirty, last) = (false, Instant::now());
                }
            }
            for change in changes {
                if let Some(recorder) = &recorder {
                    recorder.record(change.clone());
                }
                let _ = self.told.send(change);
            }
        }
        // Giving back the claim waits for the disk.
        drop(tokio::task::spawn_blocking(move || drop(recorder)).await);
    }

    /// Whether the next picture would differ from the last one.
    fn has_news(&self, past: Option<&watch::Receiver<Past>>, recorder: Option<&Recorder>) -> bool {
        let standing = recorder.map(Recorder::standing).unwrap_or_default();
        !self.desk.picture.is_same(&self.sender.borrow().picture)
            || self.bastion.has_changed().unwrap_or(false)
            || self.findings.has_changed().unwrap_or(false)
            || self.shelf.has_changed().unwrap_or(false)
            || self.operations.has_changed().unwrap_or(false)
            || past.is_some_and(|past| past.has_changed().unwrap_or(false))
            || standing != self.standing
    }

    fn publish(&mut self, past: Option<&mut watch::Receiver<Past>>, recorder: Option<&Recorder>) {
        self.desk.at = self.sources.means.clock().now();
        self.desk.bastion.clone_from(&self.bastion.borrow_and_update());
        self.desk.findings.clone_from(&self.findings.borrow_and_update());
        self.desk.shelf = Arc::clone(&self.shelf.borrow_and_update());
        self.desk.operations = Arc::clone(&self.operations.borrow_and_update());
        let standing = recorder.map(Recorder::standing).unwrap_or_default();
        let past = past.map(|past| past.borrow_and_update().clone()).unwrap_or_default();
        self.standing.clone_from(&standing);
        self.desk.record = Record {
            events: past.events,
            trouble: past.trouble.or(standing.trouble),
            is_ours: standing.is_ours,
            recorded_by: standing.holder,
        };
        self.desk.events = past.newest;
        self.sender.send_replace(Arc::new(self.desk.clone()));
    }
}
