//! A command on its way: watched until it ends, its time is up, or it is called off.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::Reach;
use super::capture::{Captured, Recorder, WholeFile};
use super::far::Trailer;
use super::input::{BrokenInput, Input};
use super::link::{Life, Reader};
use super::outcome::{Ending, FarEnd, Output, ProcessId};
use super::stdout::{Over, Stdout};
use super::tag::Tag;

/// How long the near end of a far command may take to close after the far end is over and read.
const CLOSING: Duration = Duration::from_millis(500);

/// A running command. Dropping it ends the command, here and at its far end, as long as the runtime lives to
/// do that. A program that is about to end has to [`cancel`](Running::cancel) and then to
/// [`wait`](Running::wait): its own end only kills what is near, which for a far command is the way to it.
pub struct Running {
    pub(super) stdin: Option<Input>,
    pub(super) stdout: Option<Stdout>,
    pub(super) watch: JoinHandle<Watched>,
    pub(super) cancel: CancellationToken,
    /// Cancels the watch when this is dropped without being waited for.
    pub(super) guard: DropGuard,
    pub(super) whole: Option<WholeFile>,
    pub(super) keep: usize,
    pub(super) output: Output,
    pub(super) since: Instant,
}

/// What the watch found.
pub(super) struct Watched {
    pub(super) ending: Ending,
    pub(super) stderr: Captured,
}

impl Running {
    /// The command's process at its place, to be written down: by it and its tag it is found again.
    pub fn process(&self) -> &ProcessId {
        &self.output.process
    }

    /// The tag that the command and all its children carry.
    pub fn tag(&self) -> &Tag {
        &self.output.tag
    }

    /// The command's output as a stream. What is taken is not captured.
    pub fn take_stdout(&mut self) -> Option<Stdout> {
        self.stdout.take()
    }

    /// The command's input, if it was asked for; shut it down to end the input.
    pub fn take_stdin(&mut self) -> Option<Input> {
        self.stdin.take()
    }

    /// Calls the command off; [`Running::wait`] tells what became of it.
    pub fn cancel(&self) {
        self.cancel.cancel();
    }

    /// Waits for the end. An output that was not taken is captured.
    pub async fn wait(mut self) -> Output {
        if let Some(mut stdin) = self.stdin.take() {
            let _ = stdin.shutdown().await;
        }
        if let Some(stdout) = self.stdout.take() {
            let recorder = Recorder::new(self.keep, self.whole.as_ref(), &self.output.redactor);
            self.output.stdout = record(stdout, recorder).await;
        }
        match (&mut self.watch).await {
            Ok(watched) => {
                self.output.ending = watched.ending;
                self.output.stderr = watched.stderr;
            }
            Err(_) => self.output.ending = Ending::Lost,
        }
        drop(self.guard.disarm());
        self.output.took = self.since.elapsed();
        self.output.file_trouble = self.whole.as_ref().and_then(WholeFile::trouble);
        self.output
    }
}

async fn record(mut stdout: Stdout, mut recorder: Recorder) -> Captured {
    let mut piece = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = stdout.read(&mut piece).await {
        recorder.push(&piece[..count]);
    }
    recorder.finish()
}

/// Everything that watching a command needs.
pub(super) struct Watch {
    pub(super) reach: Reach,
    pub(super) tag: Tag,
    pub(super) life: Life,
    /// Whether the command runs behind our wrapper, which tells its end.
    pub(super) far: bool,
    pub(super) errors: JoinHandle<(Captured, Option<i32>)>,
    pub(super) told: oneshot::Receiver<i32>,
    pub(super) input_failed: oneshot::Receiver<BrokenInput>,
    pub(super) stdout_ended: oneshot::Receiver<()>,
    pub(super) over: Over,
    pub(super) cancel: CancellationToken,
    pub(super) deadline: Option<(Duration, Instant)>,
    pub(super) grace: Duration,
    /// Whether this is one of our own scripts, which is not hunted by another.
    pub(super) hunts: bool,
    /// Whether what it left behind is ended with it.
    pub(super) alone: bool,
}

enum Cause {
    Over(Ending),
    Told,
    Deadline(Duration),
    Cancelled,
    Input(BrokenInput),
}

impl Watch {
    /// Watches to the end. Boxed, because ending a far command runs another one.
    pub(super) fn run(self) -> std::pin::Pin<Box<dyn Future<Output = Watched> + Send>> {
        Box::pin(self.watch())
    }

    async fn watch(mut self) -> Watched {
        let mut cause = self.cause().await;
        if matches!(cause, Cause::Told) {
            self.over.command.cancel();
            cause = self.close().await;
        }
        if self.alone && matches!(cause, Cause::Over(_)) {
            self.life.end(Duration::ZERO).await;
        }
        let ending = match cause {
            Cause::Over(ending) => Some(ending),
            Cause::Told => None,
            Cause::Deadline(after) => Some(Ending::Deadline { after, end: self.end().await }),
            Cause::Cancelled => Some(Ending::Cancelled { end: self.end().await }),
            Cause::Input(broken) => {
                let end = self.end().await;
                Some(Ending::InputFailed { why: broken.why, end })
            }
        };
        self.over.command.cancel();
        self.over.way.cancel();
        let (stderr, code) = self.errors.await.unwrap_or_default();
        let told = code.map_or(Ending::Lost, Ending::from_shell);
        let ending = match ending {
            Some(own @ (Ending::Deadline { .. } | Ending::Cancelled { .. } | Ending::InputFailed { .. })) => own,
            Some(own) if !self.far => own,
            _ => told,
        };
        Watched { ending, stderr }
    }

    async fn cause(&mut self) -> Cause {
        tokio::select! {
            biased;
            Ok(_) = &mut self.told => Cause::Told,
            ending = self.life.wait() => Cause::Over(ending),
            Ok(broken) = &mut self.input_failed => Cause::Input(broken),
            () = self.cancel.cancelled() => Cause::Cancelled,
            after = time_is_up(self.deadline) => Cause::Deadline(after),
        }
    }

    /// The far end is over: lets the output be read, then does not wait for those who hold it open. An
    /// output that is not read in time is half an output, whatever the command's own end was.
    async fn close(&mut self) -> Cause {
        tokio::select! {
            biased;
            _ = &mut self.stdout_ended => {}
            _ = self.life.wait() => return Cause::Told,
            () = self.cancel.cancelled() => return Cause::Cancelled,
            after = time_is_up(self.deadline) => return Cause::Deadline(after),
        }
        if timeout(CLOSING, self.life.wait()).await.is_err() {
            self.life.end(Duration::ZERO).await;
        }
        Cause::Told
    }

    /// Ends what is there by its tag, over a way of its own, and what is here with its group.
    async fn end(&mut self) -> FarEnd {
        if !self.far {
            let near = self.life.end(self.grace).await;
            // A child with a group of its own is still in the session.
            return if near == FarEnd::Gone && !self.hunts { self.end_by_tag().await } else { near };
        }
        let far_end = if self.hunts {
            FarEnd::Unknown("the script that looks for processes hangs there".to_owned())
        } else {
            self.end_by_tag().await
        };
        let _ = timeout(CLOSING, self.life.wait()).await;
        self.life.end(Duration::ZERO).await;
        far_end
    }

    async fn end_by_tag(&mut self) -> FarEnd {
        let session = Some(self.life.id().pid).filter(|pid| !self.far && *pid > 0);
        match self.reach.end_all(&self.tag, self.grace, session).await {
            Ok(_) => FarEnd::Gone,
            Err(error) => FarEnd::Unknown(error.to_string()),
        }
    }
}

async fn time_is_up(deadline: Option<(Duration, Instant)>) -> Duration {
    match deadline {
        Some((after, at)) => {
            sleep_until(at).await;
            after
        }
        None => std::future::pending().await,
    }
}

/// Records the error output, and takes the wrapper's last line out of it.
pub(super) async fn record_errors(
    mut stderr: Stdout,
    mut trailer: Option<Trailer>,
    mut recorder: Recorder,
    tell: oneshot::Sender<i32>,
) -> (Captured, Option<i32>) {
    let (mut tell, mut told, mut clean) = (Some(tell), None, Vec::new());
    let mut piece = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = stderr.read(&mut piece).await {
        let Some(trailer) = &mut trailer else {
            recorder.push(&piece[..count]);
            continue;
        };
        if let Some(code) = trailer.push(&piece[..count], &mut clean) {
            told = Some(code);
            let _ = tell.take().map(|tell| tell.send(code));
        }
        recorder.push(&clean);
        clean.clear();
    }
    if let Some(trailer) = &mut trailer {
        trailer.finish(&mut clean);
        recorder.push(&clean);
    }
    (recorder.finish(), told)
}

/// Feeds a command that reads from a stream, and tells when the stream (not the command) fails.
pub(super) async fn feed(mut source: Reader, mut stdin: Input) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        match source.read(&mut piece).await {
            Ok(0) => break,
            Ok(count) => {
                if stdin.write_all(&piece[..count]).await.is_err() {
                    return;
                }
            }
            Err(error) => return stdin.fail(error.to_string()),
        }
    }
    let _ = stdin.shutdown().await;
}
