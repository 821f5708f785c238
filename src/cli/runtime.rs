//! Runs a verb's asynchronous work, and lets a signal end it in good order.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::{Context, Failure};
use crate::text::{Exit, Explain};

/// How long work may take to end in good order after the first signal.
const GRACE: Duration = Duration::from_secs(10);
/// And how long dropping it may take after that.
const LAST: Duration = Duration::from_secs(3);

impl Context {
    /// Runs `work` to its end. At the first Ctrl-C (or TERM, or HUP) the token it was given is
    /// cancelled, so that it can end what it started; at the second, or after ten seconds, it is
    /// dropped. Either way the verb then ends as interrupted.
    pub fn block_on<T, F>(&self, work: impl FnOnce(CancellationToken) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let (ended, was_stopped) = self.until_ended(work)?;
        ended.filter(|_| !was_stopped).unwrap_or_else(|| Err(Failure::interrupted()))
    }

    /// The same for work that tells itself what it had done when it was ended: that counts, if it comes in time.
    pub fn block_on_to_its_word<T, F>(&self, work: impl FnOnce(CancellationToken) -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        self.until_ended(work)?.0.unwrap_or_else(|| Err(Failure::interrupted()))
    }

    /// What came of the work, where it came to its end, and whether a signal ended it.
    fn until_ended<T, F>(
        &self,
        work: impl FnOnce(CancellationToken) -> F,
    ) -> Result<(Option<Result<T, Failure>>, bool), Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let runtime = crate::watch::runtime().map_err(NoRuntime)?;
        let ended = runtime.block_on(self.until_signal(work));
        // A thread stuck in a blocking call must not hold up the end of the program.
        runtime.shutdown_timeout(Duration::from_millis(200));
        ended
    }

    async fn until_signal<T, F>(
        &self,
        work: impl FnOnce(CancellationToken) -> F,
    ) -> Result<(Option<Result<T, Failure>>, bool), Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut signals = Signals::new().map_err(NoRuntime)?;
        tokio::spawn(last_resort(Signals::new().map_err(NoRuntime)?));
        let stop = CancellationToken::new();
        let mut work = std::pin::pin!(work(stop.clone()));
        tokio::select! {
            ended = &mut work => return Ok((Some(ended), false)),
            () = signals.next() => stop.cancel(),
        }
        self.out().note("lifeboat: stopping; press Ctrl-C again to leave at once");
        let ended = tokio::select! {
            ended = &mut work => Some(ended),
            () = signals.next() => None,
            () = tokio::time::sleep(GRACE) => None,
        };
        Ok((ended, true))
    }
}

/// Work that waits in the kernel holds the thread that would drop it: then the process ends as it is.
async fn last_resort(mut signals: Signals) {
    signals.next().await;
    tokio::select! {
        () = signals.next() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
    tokio::time::sleep(LAST).await;
    std::process::exit(Exit::Interrupted as i32);
}

struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
            _ = self.quit.recv() => {}
        }
    }
}

/// The machine gives us no threads or no signals.
#[derive(Debug, thiserror::Error)]
#[error("the program cannot run its work on this machine: {0}")]
struct NoRuntime(#[source] io::Error);

impl Explain for NoRuntime {
    fn next_step(&self) -> String {
        "Look at the limits of open files and processes (`ulimit -a`).".to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}
