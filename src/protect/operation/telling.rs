//! Telling of an operation while it runs: a file that a thread writes anew about once a second. That it cannot be told
//! is no reason not to do it.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{About, Ended, Operation, ROOM};
use crate::journal::claim::Holder;
use crate::journal::{Access, State};
use crate::protect::due::{Ending, Outcome};
use crate::text::{Clock, Redactor, Shape, SystemClock, untrusted};
use crate::vault::{Cache, Progress};

/// How often it is told.
const BEAT: Duration = Duration::from_secs(1);
/// It is told at least so often, also where nothing has changed.
const AT_LEAST: Duration = Duration::from_secs(10);
/// The rate is that of this long.
const LATELY: Duration = Duration::from_secs(10);
/// What has ended is told of for so long.
const KEPT: Duration = Duration::from_hours(1);
/// What workers printed is kept for so long.
const PRINTED: Duration = Duration::from_hours(7 * 24);

/// Where operations are told.
#[derive(Clone, Debug)]
pub struct Operations {
    place: Option<Place>,
    redactor: Redactor,
}

#[derive(Clone, Debug)]
struct Place {
    folder: PathBuf,
    access: Access,
    /// What is remembered of stores.
    cache: Cache,
}

impl Operations {
    /// In this state folder, for all who share it.
    pub fn told_in(state: &State, redactor: &Redactor) -> Operations {
        let place = state.room(ROOM).inspect_err(|error| tracing::warn!(%error, "operations are told to nobody"));
        let place = place.ok().map(|folder| {
            sweep(&folder);
            Place { folder, access: state.access(), cache: Cache::in_state(state.path()) }
        });
        Operations { place, redactor: redactor.clone() }
    }

    /// To nobody: where nothing may be written.
    pub fn untold(redactor: &Redactor) -> Operations {
        Operations { place: None, redactor: redactor.clone() }
    }

    /// Begins to tell of one.
    pub fn begin(&self, about: About) -> Telling {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let by = Holder::here(&about.title());
        let id = format!("{}-{}-{}", by.host, by.process.pid, COUNT.fetch_add(1, Ordering::Relaxed));
        let now = SystemClock.now();
        let operation = Operation {
            id: id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect(),
            about,
            by,
            began: now,
            told: now,
            at: String::new(),
            bytes: 0,
            expected: None,
            rate: None,
            ended: None,
        };
        let shared = Arc::new(Shared {
            place: self.place.clone(),
            redactor: self.redactor.clone(),
            progress: Progress::default(),
            present: Mutex::new(operation),
        });
        shared.write();
        let (stop, stopped) = channel();
        let teller = Arc::clone(&shared);
        let begun = std::thread::Builder::new().name("telling".to_owned()).spawn(move || teller.keep(&stopped));
        Telling { shared, stop: Some(stop), thread: begun.ok() }
    }
}

/// An operation that is told of. Dropped, it was ended in the middle.
pub struct Telling {
    shared: Arc<Shared>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Telling {
    /// Where its bytes are counted.
    pub fn progress(&self) -> &Progress {
        &self.shared.progress
    }

    /// What is remembered of stores, for whoever has to know what is there now: notes that are as they were are not
    /// read again.
    pub fn cache(&self) -> Option<Cache> {
        self.shared.place.as_ref().map(|place| place.cache.clone().fresh())
    }

    /// There will be so many bytes.
    pub fn expects(&self, bytes: u64) {
        self.shared.change(|operation| operation.expected = Some(bytes));
    }

    /// This is what it is at.
    pub fn is_at(&self, what: impl AsRef<[u8]>) {
        let what = untrusted(what, Shape::line(200));
        self.shared.change(|operation| operation.at = what);
    }

    /// As it is told last.
    pub fn now(&self) -> Operation {
        self.shared.change(|operation| operation.bytes = self.shared.progress.bytes())
    }

    /// It has ended like this; what to do about it, where there is something.
    pub fn ends(mut self, outcome: &Outcome, next: Option<String>) {
        self.end(outcome.ending, &outcome.told, next);
    }

    fn end(&mut self, ending: Ending, told: &str, next: Option<String>) {
        let Some(stop) = self.stop.take() else { return };
        drop(stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let harmless = |text: &str| untrusted(self.shared.redactor.redact(text).as_bytes(), Shape::line(600));
        let ended =
            Ended { at: SystemClock.now(), ending, told: harmless(told), next: next.map(|next| harmless(&next)) };
        let operation = self.shared.change(|operation| operation.ended = Some(ended));
        if let Some(place) = &self.shared.place {
            // Whoever sees the end looks into the stores, and must not find what is remembered of them.
            operation.about.stores.iter().for_each(|store| place.cache.forget(store));
        }
        self.shared.write();
    }
}

impl Drop for Telling {
    fn drop(&mut self) {
        self.end(Ending::Failed, "it was ended in the middle; the next one clears away what it left", None);
    }
}

struct Shared {
    place: Option<Place>,
    redactor: Redactor,
    progress: Progress,
    present: Mutex<Operation>,
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut Operation)) -> Operation {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut present);
        present.clone()
    }

    fn keep(&self, stopped: &Receiver<()>) {
        let mut lately = VecDeque::from([(Instant::now(), self.progress.bytes())]);
        let (mut told, mut last) = (self.change(|_| ()), Instant::now());
        while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
            let (now, bytes) = (Instant::now(), self.progress.bytes());
            let rate = rate(&mut lately, now, bytes);
            let present = self.change(|operation| (operation.bytes, operation.rate) = (bytes, rate));
            if present != told || last.elapsed() >= AT_LEAST {
                self.write();
                (told, last) = (self.change(|_| ()), now);
            }
        }
    }

    /// Writes it, whole or not at all.
    fn write(&self) {
        let bytes = self.progress.bytes();
        let present = self.change(|operation| (operation.told, operation.bytes) = (SystemClock.now(), bytes));
        let Some(place) = &self.place else { return };
        let path = place.folder.join(format!("{}.json", present.id));
        if let Err(error) = place.put(&path, &present) {
            tracing::debug!(%error, "an operation is not told");
        }
    }
}

impl Place {
    fn put(&self, path: &Path, operation: &Operation) -> io::Result<()> {
        let draft = path.with_extension("new");
        // Left by a process that had our number and was killed.
        let _ = fs::remove_file(&draft);
        let mut file = self.access.create(&draft)?;
        file.write_all(&serde_json::to_vec(operation)?)?;
        fs::rename(&draft, path)
    }
}

/// How many bytes a second lately.
fn rate(lately: &mut VecDeque<(Instant, u64)>, now: Instant, bytes: u64) -> Option<u64> {
    lately.push_back((now, bytes));
    while lately.len() > 2 && lately.front().is_some_and(|(at, _)| now.duration_since(*at) > LATELY) {
        lately.pop_front();
    }
    let (since, before) = *lately.front()?;
    let millis = u64::try_from(now.duration_since(since).as_millis()).ok().filter(|millis| *millis > 0)?;
    (bytes > 0).then(|| bytes.saturating_sub(before).saturating_mul(1000) / millis)
}

/// Removes what nobody needs to be told any more. What others own they remove.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let age = entry.metadata().and_then(|found| found.modified()).ok().and_then(|at| at.elapsed().ok());
        let kept = if path.extension().is_some_and(|ending| ending == "out") { PRINTED } else { KEPT };
        if age.is_some_and(|age| age > kept) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protect::operation::{Doing, Looker, Standing};

    fn about() -> About {
        let stores = vec!["local".to_owned()];
        About { doing: Doing::Verify, of: "db".to_owned(), method: None, job: None, stores }
    }

    #[test]
    fn what_is_under_way_is_seen_and_how_it_ended() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("state"), None).unwrap();
        let redactor = Redactor::new();
        redactor.register(b"hunter2hunter2");
        let telling = Operations::told_in(&state, &redactor).begin(about());
        telling.expects(100);
        telling.is_at("db/backup_1 \x1b[2J");
        let mut looker = Looker::at(state.path());
        let seen = looker.look().unwrap();
        assert_eq!((seen.len(), &seen[0].standing), (1, &Standing::Running));
        assert_eq!(seen[0].operation.by.process.pid, std::process::id());
        telling.ends(&Outcome::failed("hunter2hunter2 was refused"), Some("Look.".to_owned()));
        let seen = looker.look().unwrap();
        let Standing::Ended(ended) = &seen[0].standing else { panic!("{seen:?}") };
        assert_eq!((ended.ending, ended.next.as_deref()), (Ending::Failed, Some("Look.")));
        assert!(!ended.told.contains("hunter2"), "{}", ended.told);
        assert_eq!(seen[0].operation.expected, Some(100));
        assert!(!seen[0].operation.at.contains('\x1b'));
        assert_eq!(looker.look(), None, "nothing has changed");
    }

    #[test]
    fn what_is_dropped_was_ended_in_the_middle() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(&folder.path().join("state"), None).unwrap();
        drop(Operations::told_in(&state, &Redactor::new()).begin(about()));
        let seen = Looker::at(state.path()).look().unwrap();
        assert!(matches!(&seen[0].standing, Standing::Ended(ended) if ended.ending == Ending::Failed), "{seen:?}");
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut lately = VecDeque::from([(begun, 0)]);
        assert_eq!(rate(&mut lately, at(1), 0), None);
        assert_eq!(rate(&mut lately, at(2), 200), Some(100));
        for second in 3..=30 {
            rate(&mut lately, at(second), 200 + (second - 2) * 1000);
        }
        assert_eq!(rate(&mut lately, at(31), 29_200), Some(1000));
    }
}
