//! What the journal's trials stand on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use lifeboat::journal::{self, Draft, Event, Fault, Heads, Journal, Kind, Reader, Report, Settings, State};
use lifeboat::text::{Clock, Size};

/// The kind of the trials' own events.
pub const TRIED: Kind = Kind::new("trial.done");

/// Whether the long trials are wanted.
pub fn full() -> bool {
    std::env::var_os("LIFEBOAT_FULL").is_some()
}

/// A journal that closes its segments often and keeps no ballast.
pub fn settings() -> Settings {
    Settings { segment: Size(16 << 10), ballast: Size(0), ..Settings::here() }
}

/// A state directory for one trial.
pub struct Ground {
    pub home: tempfile::TempDir,
    pub state: State,
}

impl Ground {
    pub fn new() -> Ground {
        let home = tempfile::tempdir().unwrap();
        let state = State::open(&home.path().join("state"), None).unwrap();
        Ground { home, state }
    }

    pub fn journal(&self) -> PathBuf {
        self.state.path().join("journal")
    }

    pub fn open(&self) -> Journal {
        Journal::open(&self.state, settings()).unwrap()
    }

    /// The directory of this host's chain.
    pub fn chain(&self) -> PathBuf {
        self.journal().join(journal::host::chain().as_str())
    }

    /// Its files with events, in order.
    pub fn segments(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = fs::read_dir(self.chain()).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.extension().is_some_and(|it| it == "jsonl"));
        paths.sort();
        paths
    }

    /// Removes what tells, beside the chains, how far they had come.
    pub fn forget_heads(&self) {
        fs::remove_dir_all(self.journal().join("heads")).unwrap();
    }

    pub fn verify(&self) -> Report {
        journal::verify(&self.journal(), &Heads::new()).unwrap()
    }
}

/// What is wrong with the ground's only chain.
pub fn fault(ground: &Ground) -> Option<Fault> {
    ground.verify().chains.remove(0).broken.map(|broken| broken.fault)
}

pub fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// Writes lines to a file that may be closed to writing.
pub fn rewrite(path: &Path, lines: &[String]) {
    fs::remove_file(path).unwrap();
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// Records so many events, one after the other.
pub fn record(journal: &Journal, count: usize) {
    for number in 0..count {
        journal.record(Draft::new(TRIED, format!("subject-{number}"))).unwrap().wait().unwrap();
    }
}

/// Everything about every event that a trial may want to look at.
pub fn read<T>(journal: &Path, mut look: impl FnMut(&Event<'_>) -> Option<T>) -> Vec<T> {
    let mut found = Vec::new();
    Reader::start(journal).unwrap().each(|event| found.extend(look(event))).unwrap();
    found
}

/// The kinds of all events, in order.
pub fn kinds(journal: &Path) -> Vec<String> {
    read(journal, |event| Some(event.kind.to_owned()))
}

/// A clock that goes as it is told.
pub struct TestClock(Mutex<(DateTime<Utc>, Duration)>);

impl TestClock {
    pub fn new() -> TestClock {
        TestClock(Mutex::new(("2024-11-18T11:00:00Z".parse().unwrap(), Duration::from_secs(1000))))
    }

    /// Time passes.
    pub fn pass(&self, length: Duration) {
        let mut now = self.0.lock().unwrap();
        now.0 += length;
        now.1 += length;
    }

    /// Somebody sets the wall clock.
    pub fn set_by(&self, by: TimeDelta) {
        self.0.lock().unwrap().0 += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        self.0.lock().unwrap().0
    }

    fn since_boot(&self) -> Duration {
        self.0.lock().unwrap().1
    }
}

/// Waits for a condition, and fails if it does not come.
pub fn until(what: &str, is: impl Fn() -> bool) {
    let give_up = std::time::Instant::now() + Duration::from_secs(20);
    while !is() {
        assert!(std::time::Instant::now() < give_up, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
