//! Everything that asks, waits and writes: on threads of its own, begun after the first picture.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::mail::Mail;
use super::message::Message;
use super::opening::Behind;
use crate::console::fetch::{LogAnswer, LogWish, fetch};
use crate::console::fetch_point::{PointAnswer, fetch_point};
use crate::console::fetch_retention::{RetentionAnswer, fetch_retention};
use crate::console::terminal::Tty;
use crate::desk::{Sources, keep};
use crate::plan::{Loaded, Plan};
use crate::text::{Exit, Redactor};
use crate::watch::{Means, runtime};

/// How long the end may take: what is recorded is written, claims are given back.
const GRACE: Duration = Duration::from_secs(3);
/// How long after a signal the drawing thread may take to leave before it is left where it is.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is watched, and by which leave.
pub(super) struct Work {
    pub(super) plan: Arc<Plan>,
    pub(super) loaded: Arc<Loaded>,
    pub(super) state: Option<PathBuf>,
    pub(super) redactor: Redactor,
    pub(super) only_looks: bool,
    pub(super) behind: Box<dyn FnOnce() -> Behind + Send>,
}

/// The watching, as the drawing thread holds it.
pub(super) struct Engine {
    stop: CancellationToken,
    ended: Receiver<()>,
    wishes: watch::Sender<Option<LogWish>>,
    points: watch::Sender<Option<Arc<str>>>,
    retention: watch::Sender<bool>,
}

impl Engine {
    /// Begins to watch.
    pub(super) fn start(work: Work, tty: Arc<Tty>, mail: Mail) -> Engine {
        let stop = CancellationToken::new();
        let (sender, ended) = channel();
        let (wishes, wished) = watch::channel(None);
        let (points, wished_point) = watch::channel(None);
        let (retention, wished_retention) = watch::channel(false);
        let (token, told) = (stop.clone(), mail.clone());
        let run = move || {
            let _end = End { token: token.clone(), mail, sender };
            work.run(token, tty, &told, Wished { log: wished, point: wished_point, retention: wished_retention });
        };
        if let Err(error) = std::thread::Builder::new().name("engine".to_owned()).spawn(run) {
            // The sender is gone with the closure: nobody will wait for an end.
            tracing::error!("no thread to watch with: {error}");
        }
        Engine { stop, ended, wishes, points, retention }
    }

    /// This log is wanted now, instead of the one before.
    pub(super) fn wish(&self, wish: Option<LogWish>) {
        self.wishes.send_if_modified(|before| std::mem::replace(before, wish) != wish);
    }

    /// The same for a recovery point.
    pub(super) fn wish_point(&self, wish: Option<Arc<str>>) {
        self.points.send_if_modified(|before| {
            let is_new = *before != wish;
            *before = wish;
            is_new
        });
    }

    /// The same for what would be thrown away.
    pub(super) fn wish_retention(&self, is_wished: bool) {
        self.retention.send_if_modified(|before| std::mem::replace(before, is_wished) != is_wished);
    }

    /// Ends it in good order, and waits a moment for that.
    pub(super) fn finish(self) {
        self.stop.cancel();
        if self.ended.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
            tracing::warn!("the watching did not end in time and is left behind");
        }
    }
}

/// Tells that the watching has ended, in whichever way.
struct End {
    token: CancellationToken,
    mail: Mail,
    sender: std::sync::mpsc::Sender<()>,
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.token.is_cancelled() {
            let told = "nobody is asked any more: the watching ended; leave, and open the console again";
            self.mail.send(Message::Fault(told.to_owned()));
        }
        let _ = self.sender.send(());
    }
}

/// What screens wish for.
struct Wished {
    log: watch::Receiver<Option<LogWish>>,
    point: watch::Receiver<Option<Arc<str>>>,
    retention: watch::Receiver<bool>,
}

impl Work {
    fn run(self, stop: CancellationToken, tty: Arc<Tty>, mail: &Mail, wished: Wished) {
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(error) => {
                mail.send(Message::Fault(format!("this machine gives no threads to watch with: {error}")));
                return;
            }
        };
        let behind = (self.behind)();
        let means = Arc::new(Means::new(&self.redactor, stop).only_looking(self.only_looks));
        let (plan, asking, at) = (Arc::clone(&self.plan), Arc::clone(&means), self.state.clone());
        let sources = Sources {
            plan: self.plan,
            means,
            state: self.state,
            recording: behind.recording,
            doctor_looks_at: Some(self.loaded),
        };
        runtime.block_on(async {
            tokio::spawn(last_resort(tty));
            let points = fetch_point(Arc::clone(&plan), Arc::clone(&asking), at, wished.point);
            tokio::spawn(deliver_points(points, mail.clone()));
            let outlooks = fetch_retention(Arc::clone(&plan), Arc::clone(&asking), wished.retention);
            tokio::spawn(deliver_outlooks(outlooks, mail.clone()));
            let (wishes, answers) = fetch(plan, asking);
            tokio::spawn(pass_on(wished.log, wishes));
            tokio::spawn(deliver(answers, mail.clone()));
            // Nobody here reads the changes; the journal tells them.
            let (mut desk, _) = keep(sources);
            while desk.changed().await.is_ok() {
                let desk = Arc::clone(&desk.borrow_and_update());
                mail.send(Message::Desk(desk));
            }
        });
        // A thread stuck in a blocking call must not hold up the end of the program.
        runtime.shutdown_timeout(Duration::from_millis(200));
        drop(behind.kept);
    }
}

/// Wishes come from a thread without a runtime.
async fn pass_on(mut wished: watch::Receiver<Option<LogWish>>, wishes: watch::Sender<Option<LogWish>>) {
    while wished.changed().await.is_ok() {
        wishes.send_replace(*wished.borrow_and_update());
    }
}

async fn deliver(mut answers: mpsc::Receiver<LogAnswer>, mail: Mail) {
    while let Some(answer) = answers.recv().await {
        mail.send(Message::Log(answer));
    }
}

async fn deliver_points(mut answers: mpsc::Receiver<PointAnswer>, mail: Mail) {
    while let Some(answer) = answers.recv().await {
        mail.send(Message::Point(answer));
    }
}

async fn deliver_outlooks(mut answers: mpsc::Receiver<RetentionAnswer>, mail: Mail) {
    while let Some(answer) = answers.recv().await {
        mail.send(Message::Retention(answer));
    }
}

/// The drawing thread ends at a signal by itself. Should it be stuck, the process ends all the same, with the
/// terminal given back.
async fn last_resort(tty: Arc<Tty>) {
    let listened = (signal(SignalKind::terminate()), signal(SignalKind::hangup()), signal(SignalKind::quit()));
    let (Ok(mut terminate), Ok(mut hang_up), Ok(mut quit)) = listened else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hang_up.recv() => if tty.is_hung_up() { tty.forget() },
        _ = quit.recv() => {}
    }
    tokio::time::sleep(PATIENCE).await;
    tty.give_back();
    std::process::exit(Exit::Interrupted as i32);
}
