//! Jobs by schedule: several hosts, real servers, a real listener for what is reported.

#[cfg(feature = "lab")]
mod buckets;
mod chores;
mod hosts;
mod late;
mod on_change;
mod reports;
mod schedule;
mod shown;
mod wal;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat::journal::claim::{Holder, Pace};
use lifeboat::journal::{ChainId, Journal, Settings, State};
use lifeboat::plan::types::{Job, Plan};
use lifeboat::protect::due::{Asker, Books, Came, DueSlot, Executor, Outcome, Round, Said, run_due};
use lifeboat::reach::{self, Secrets};
use lifeboat::systems::Contact;
use lifeboat::text::{Clock, Redactor, Span, SystemClock};
use tokio::runtime::{Handle, Runtime};
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::journal::ground::read;

/// A wall clock that is set; the time since boot is that of the machine.
pub struct WallClock(Mutex<DateTime<Utc>>);

impl WallClock {
    pub fn at(text: &str) -> Arc<WallClock> {
        Arc::new(WallClock(Mutex::new(text.parse().unwrap())))
    }

    pub fn pass(&self, by: TimeDelta) {
        *self.0.lock().unwrap() += by;
    }
}

impl Clock for WallClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}

/// A host with its own state folder, its own clock, and stores that it shares with others.
pub struct Host {
    pub plan: Plan,
    pub books: Books,
    pub journal: Option<Journal>,
    pub clock: Arc<WallClock>,
    pub secrets: Secrets,
    pub reach: reach::Settings,
    pub stop: CancellationToken,
    pub state: PathBuf,
}

/// Beats often, and takes less than half a second of silence for a death.
pub const QUICK: Pace = Pace { beat: Span::from_millis(20), silence: Span::from_millis(400) };
/// Never beats while a test lasts.
pub const DEAD: Pace = Pace { beat: Span::from_hours(1), silence: Span::from_hours(2) };

impl Host {
    pub fn new(home: &Path, name: &str, plan: &str, clock: &Arc<WallClock>, pace: Pace) -> Host {
        let plan: Plan = toml::from_str(&plan.replace("HOME", &home.display().to_string())).unwrap();
        let state = State::open(&home.join(format!("state-{name}")), None).unwrap();
        let me = Holder {
            chain: ChainId::of_host(name, name),
            host: name.to_owned(),
            boot_id: format!("boot of {name}"),
            ..Holder::here("")
        };
        let asker = Asker { clock: clock.clone(), holder: me, pace };
        let redactor = Redactor::new();
        let secrets = Secrets::new(&redactor);
        let opening = Books::open(&plan, &state, &asker, &secrets);
        let books = match Handle::try_current() {
            Ok(handle) => block_in_place(|| handle.block_on(opening)),
            Err(_) => Runtime::new().unwrap().block_on(opening),
        }
        .unwrap();
        let journal = Journal::open(&state, Settings::here()).unwrap();
        Host {
            books,
            journal: Some(journal),
            clock: clock.clone(),
            secrets,
            reach: reach::Settings { redactor, ..reach::Settings::default() },
            stop: CancellationToken::new(),
            state: state.path().to_owned(),
            plan,
        }
    }

    pub fn contact(&self) -> Contact<'_> {
        Contact {
            secrets: &self.secrets,
            reach: &self.reach,
            clock: &*self.clock,
            stop: self.stop.clone(),
            only_looks: false,
        }
    }

    /// Runs what is due.
    pub async fn run(&self, executor: &impl Executor) -> Vec<Said> {
        let with = self.contact();
        let journal = self.journal.as_ref().unwrap();
        let round = Round { plan: &self.plan, books: &self.books, journal, with: &with };
        run_due(&round, |_| true, executor, |_| ()).await
    }

    /// Kinds, subjects and bodies of what its journal says of jobs.
    pub fn events(&self) -> Vec<(String, String, serde_json::Value)> {
        read(&self.state.join("journal"), |event| {
            let body = event.body().unwrap_or(serde_json::Value::Null);
            event.kind.starts_with("job.").then(|| (event.kind.to_owned(), event.subject.to_string(), body))
        })
    }
}

/// Counts what it is given to do, and takes a moment for it.
#[derive(Default)]
pub struct Counting {
    pub runs: AtomicUsize,
    pub jobs: Mutex<Vec<String>>,
    pub outcome: Option<Outcome>,
}

impl Executor for Counting {
    fn offers(&self, _: &Job) -> bool {
        true
    }

    async fn run(&self, job: &Job, _: &DueSlot, _: CancellationToken) -> Outcome {
        self.runs.fetch_add(1, Ordering::SeqCst);
        self.jobs.lock().unwrap().push(job.name.clone());
        tokio::time::sleep(Duration::from_millis(30)).await;
        self.outcome.clone().unwrap_or_else(|| Outcome::done("done"))
    }
}

impl Counting {
    pub fn count(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }
}

/// What came of a job.
#[track_caller]
pub fn came<'a>(said: &'a [Said], job: &str) -> &'a Came {
    &said.iter().find(|said| said.job == job).unwrap_or_else(|| panic!("{job}: {said:?}")).came
}

/// A home with a store.
pub fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("store")).unwrap();
    home
}

/// A platform with a store and one hourly job.
pub const HOURLY: &str = "[platform]\nname = 'p'\ntime_zone = 'UTC'\n\
    [[store]]\nname = 'local'\nkind = 'directory'\npath = 'HOME/store'\n\
    [[job]]\nname = 'j'\ndo = 'command'\nrun = ['true']\ncron = '0 * * * *'\nto = ['local']\n";
