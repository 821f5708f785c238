//! The log: what the program itself met with, in STATE/log. Never on the screen, unless
//! `LIFEBOAT_LOG` asks for it on standard error.
//!
//! Every line passes the redactor and the cleaner last, whoever wrote it. An event that repeats is
//! written a few times and then counted.

mod clean;
mod file;
mod limit;
pub mod panic;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, Registry, fmt};

use crate::text::{Clock, Redactor};

pub use file::DailyFile;
pub use limit::{Limiter, Verdict};

use clean::Clean;
use limit::Limited;

/// What is logged where `LIFEBOAT_LOG` says nothing else.
const USUAL: &str = "info";
/// So many lines may wait to be written. Room for each is taken from the start.
const WAITING: usize = 4096;

/// A log that is being written. Dropping it writes what is left.
pub struct Log {
    folder: PathBuf,
    trouble: Trouble,
    limited: Vec<Limited>,
    // Last: what the limiters have to say at the end must still be written.
    guards: Vec<WorkerGuard>,
}

/// Why lines were lost, if any were; set by the thread that writes, told once by the one that leaves.
type Trouble = Arc<Mutex<Option<String>>>;

/// Where a log goes and what it passes on the way.
pub struct Settings<'a> {
    /// The state folder; the log lies in `log` below it, as private as the state itself is.
    pub state: &'a Path,
    /// What `LIFEBOAT_LOG` says, if anything: what to log, and that standard error is to show it too.
    pub wanted: Option<&'a str>,
    /// Strips secrets.
    pub redactor: Redactor,
    /// Dates the files and counts the repetitions.
    pub clock: Arc<dyn Clock>,
}

impl Log {
    /// Begins the log, and what receives the events of this process.
    pub fn open(settings: &Settings<'_>) -> io::Result<(Log, impl tracing::Subscriber + Send + Sync + use<>)> {
        let folder = settings.state.join("log");
        let file = DailyFile::open(&folder, Arc::clone(&settings.clock))?;
        panic::log_is_at(folder.clone());
        let trouble = Trouble::default();
        let mut log = Log { folder, trouble: Arc::clone(&trouble), limited: Vec::new(), guards: Vec::new() };
        let to_file = Clean::new(settings.redactor.clone(), file, Some(trouble));
        let to_file = log.way(to_file, settings);
        let to_screen = settings.wanted.map(|_| {
            let to_screen = Clean::new(settings.redactor.clone(), io::stderr(), None);
            log.way(to_screen, settings)
        });
        Ok((log, Registry::default().with(to_file).with(to_screen)))
    }

    /// One way for events: filtered, limited, formatted, then written by a thread of its own.
    fn way<W, S>(&mut self, writer: Clean<W>, settings: &Settings<'_>) -> impl Layer<S> + use<W, S>
    where
        W: io::Write + Send + 'static,
        S: tracing::Subscriber + for<'s> tracing_subscriber::registry::LookupSpan<'s>,
    {
        use tracing_subscriber::filter::FilterExt;

        let (writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(WAITING).finish(writer);
        let limited = Limited::new(Arc::clone(&settings.clock), writer.clone());
        self.guards.push(guard);
        self.limited.push(limited.clone());
        let filter = EnvFilter::builder().parse_lossy(settings.wanted.unwrap_or(USUAL));
        formatted(writer, Stamp(Arc::clone(&settings.clock))).with_filter(filter.and(limited))
    }

    /// The folder of the log files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Why lines were lost, if any were.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes what is left, and says why lines were lost, if any were.
    pub fn close(mut self) -> Option<String> {
        self.finish();
        self.trouble()
    }

    fn finish(&mut self) {
        self.limited.drain(..).for_each(|limited| limited.finish());
        self.guards.clear();
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.finish();
    }
}

fn formatted<S>(writer: NonBlocking, stamp: Stamp) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'s> tracing_subscriber::registry::LookupSpan<'s>,
{
    fmt::layer().with_ansi(false).with_timer(stamp).with_writer(writer)
}

/// The same instants as everywhere else in the program, and which process it was.
struct Stamp(Arc<dyn Clock>);

impl fmt::time::FormatTime for Stamp {
    fn format_time(&self, writer: &mut fmt::format::Writer<'_>) -> std::fmt::Result {
        let now = crate::text::instant::stamp(self.0.now());
        write!(writer, "{now} [{}]", std::process::id())
    }
}
