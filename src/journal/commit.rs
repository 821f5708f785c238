//! Recording events: any number of threads and tasks hand them in, one thread a process writes them
//! together, and each is told when its own last.

use std::fmt;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::append::Appender;
use super::batch::Author;
use super::draft::{Draft, Entry};
use super::medium::{Disk, Medium};
use super::queue::{Job, Queue};
use super::state::State;
use super::{Actor, ChainId, Head, JournalError, beside, host};
use crate::text::{Clock, Redactor, Size, SystemClock};

/// How a journal is written; [`Settings::here`] is right outside trials.
pub struct Settings {
    /// Whose chain: this host's.
    pub chain: ChainId,
    /// Who acts: this process's user.
    pub actor: Actor,
    /// The digest of the plan in force, if there is one.
    pub plan: Option<String>,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Which boot the clock's time since boot belongs to.
    pub boot_id: String,
    /// Takes secrets out of subjects and bodies, before anything is hashed.
    pub redact: Redactor,
    /// A file of the chain is closed when it has grown to this.
    pub segment: Size,
    /// What is kept for a full disk.
    pub ballast: Size,
    /// How long to wait for other processes of this host.
    pub patience: Duration,
}

impl Settings {
    /// This host and this process, nothing to redact.
    pub fn here() -> Settings {
        Settings {
            chain: host::chain(),
            actor: Actor::here(),
            plan: None,
            clock: Arc::new(SystemClock),
            boot_id: host::boot_id().to_owned(),
            redact: Redactor::new(),
            segment: Size(8 << 20),
            ballast: Size(1 << 20),
            patience: Duration::from_secs(10),
        }
    }
}

/// This process's pen. Dropping it writes what was handed in before.
pub struct Journal {
    path: PathBuf,
    chain: ChainId,
    redact: Redactor,
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
}

pub(super) type Answer = Result<Vec<Head>, JournalError>;

/// The promise of an acknowledgement. It need not be waited for where nothing depends on it.
#[derive(Debug)]
#[must_use = "an event is certain only once it is acknowledged"]
pub struct Pending {
    answer: oneshot::Receiver<Answer>,
    path: PathBuf,
}

impl Journal {
    /// Opens the journal of a state directory for writing.
    pub fn open(state: &State, settings: Settings) -> Result<Journal, JournalError> {
        let path = state.room("journal")?;
        let chain = state.room(&format!("journal/{}", settings.chain))?;
        [state.path(), &path, &chain].into_iter().for_each(beside::sweep);
        state.settle()?;
        beside::sync_directory(&path)?;
        let disk = Disk { access: state.access(), patience: settings.patience, ballast: settings.ballast.0 };
        Journal::on(Arc::new(disk), &path, settings)
    }

    /// Opens a journal on a medium of the caller's, its directories made already.
    pub fn on(medium: Arc<dyn Medium>, path: &Path, settings: Settings) -> Result<Journal, JournalError> {
        let Settings { chain, actor, plan, clock, boot_id, redact, segment, .. } = settings;
        let author = Author { chain: chain.clone(), actor, plan: plan.unwrap_or_default(), clock, boot_id };
        let mut appender = Appender::new(author, medium, path, segment.0);
        let queue = Arc::new(Queue::new());
        let jobs = Arc::clone(&queue);
        let writer = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || write_all(&jobs, &mut appender))
            .map_err(super::trouble::DiskError::new("start the writer of", path))?;
        Ok(Journal { path: path.to_owned(), chain, redact, queue, writer: Some(writer) })
    }

    /// Hands in an event. Nothing that it announces may be done before the answer. Waits only where the
    /// disk has fallen behind by megabytes.
    pub fn record(&self, draft: Draft) -> Result<Pending, JournalError> {
        self.record_all(vec![draft])
    }

    /// Hands in events that stand next to each other and are acknowledged together.
    pub fn record_all(&self, drafts: Vec<Draft>) -> Result<Pending, JournalError> {
        let entries = drafts.into_iter().map(|draft| draft.prepared(&self.redact)).collect::<Result<_, _>>()?;
        let (answer, receiver) = oneshot::channel();
        if !self.queue.push(Job::new(entries, answer)) {
            return Err(JournalError::Closed(self.path.clone()));
        }
        Ok(Pending { answer: receiver, path: self.path.clone() })
    }

    /// The chain that this process writes to.
    pub fn chain(&self) -> &ChainId {
        &self.chain
    }

    /// The directory of all chains, for reading.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Pending {
    /// Waits on a thread of its own; in a task, await instead.
    pub fn wait(self) -> Answer {
        let path = self.path;
        self.answer.blocking_recv().unwrap_or(Err(JournalError::Closed(path)))
    }
}

impl Future for Pending {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Answer> {
        let answer = Pin::new(&mut self.answer).poll(context);
        answer.map(|answer| answer.unwrap_or_else(|_| Err(JournalError::Closed(self.path.clone()))))
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("path", &self.path).field("chain", &self.chain).finish_non_exhaustive()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn write_all(queue: &Queue, appender: &mut Appender) {
    // Whatever ends this, nobody is to wait for it.
    let _closed = queue.closed_when_dropped();
    while let Some(batch) = queue.take() {
        write(batch, appender);
        appender.keep_head(false);
    }
    appender.keep_head(true);
}

fn write(mut batch: Vec<Job>, appender: &mut Appender) {
    let counts: Vec<usize> = batch.iter().map(|job| job.entries.len()).collect();
    let mut entries: Vec<Entry> = Vec::with_capacity(counts.iter().sum());
    for job in &mut batch {
        entries.append(&mut job.entries);
    }
    let mut written = appender.commit(&entries);
    for (job, count) in batch.into_iter().zip(counts) {
        let answer = match &mut written {
            Ok(heads) => Ok(heads.drain(..count).collect()),
            Err(error) => Err(error.clone()),
        };
        // Who no longer waits needs no answer.
        let _ = job.answer.send(answer);
    }
}
