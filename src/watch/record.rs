//! Changes of verdict go to the journal, once a host: whoever holds the claim on watching records them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::Change;
use super::watched::{RESUMED, Verdicts, unwatched_from};
use crate::journal::claim::{self, ClaimError, ClaimName, Claims, Held};
use crate::journal::{Draft, Folded, Journal, Kind, Settings, State};
use crate::plan::facts::Verdict;
use crate::text::{Clock, Explain, Redactor, SystemClock};

/// A verdict changed.
pub const VERDICT: Kind = Kind::new("watch.verdict");
/// Who holds this records for the host.
const CLAIM: &str = "watch";
/// How often one who does not hold the claim looks whether it is free.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Where changes are recorded, and by whose leave.
#[derive(Clone, Debug)]
pub struct Recording {
    /// The state folder.
    pub state: PathBuf,
    /// The group that the plan names.
    pub group: Option<String>,
    /// The digest of the plan in force.
    pub plan: Option<String>,
    /// Takes secrets out.
    pub redactor: Redactor,
}

/// How the recording goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Whether this process records.
    pub is_ours: bool,
    /// Who records instead, where somebody does.
    pub holder: Option<String>,
    /// Why nothing can be recorded, if so.
    pub trouble: Option<String>,
}

/// Records changes on a thread of its own: a disk that hangs must not hold up the watching.
pub struct Recorder {
    sender: Option<Sender<Change>>,
    thread: Option<std::thread::JoinHandle<()>>,
    standing: Arc<Mutex<Standing>>,
}

impl Recorder {
    /// Begins to record, as soon as the claim can be had.
    pub fn begin(recording: Recording) -> Recorder {
        let (sender, receiver) = channel();
        let standing = Arc::new(Mutex::new(Standing::default()));
        let shared = Arc::clone(&standing);
        let work = move || Work { recording, standing: shared }.run(&receiver);
        let thread = std::thread::Builder::new().name("recorder".to_owned()).spawn(work).ok();
        Recorder { sender: Some(sender), thread, standing }
    }

    /// Hands over a change. Nothing waits for it.
    pub fn record(&self, change: Change) {
        if let Some(sender) = &self.sender {
            let _ = sender.send(change);
        }
    }

    /// How it goes.
    pub fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Recorder {
    /// What was handed over is written, and the claim given back.
    fn drop(&mut self) {
        self.sender.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Work {
    recording: Recording,
    standing: Arc<Mutex<Standing>>,
}

/// What is needed to write.
struct Pen {
    held: Held,
    journal: Journal,
    verdicts: Verdicts,
}

impl Work {
    fn run(&self, changes: &Receiver<Change>) {
        // Whoever holds the claim now renews it: then nobody missed anything.
        let mut gap = unwatched_from(&self.recording.state, SystemClock.now());
        let mut pen = self.take_up();
        // What could not be written yet, the last change of each component. What another recorded meanwhile is found
        // written already.
        let mut open: BTreeMap<String, Change> = BTreeMap::new();
        loop {
            match changes.recv_timeout(LOOK_EVERY) {
                Ok(change) => drop(open.insert(change.component.clone(), change)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            match pen.as_ref().map(|pen| pen.held.check()) {
                Some(Ok(())) => {}
                // The renewal does not come through, a full disk for one; another attempt to take it would find ourselves.
                Some(Err(error @ ClaimError::Doubtful { .. })) => {
                    self.set(Standing { trouble: Some(told(&error)), ..Standing::default() });
                    continue;
                }
                Some(Err(_)) | None => {
                    drop(pen.take());
                    pen = self.take_up();
                }
            }
            if let Some(pen) = &mut pen {
                self.write(pen, &mut gap, &mut open);
            }
        }
    }

    /// Writes what is open; what fails stays open until the next attempt.
    fn write(&self, pen: &mut Pen, gap: &mut Option<DateTime<Utc>>, open: &mut BTreeMap<String, Change>) {
        let mut trouble = gap.and_then(|until| pen.resume(until).err());
        if trouble.is_none() {
            *gap = None;
        }
        open.retain(|_, change| {
            let written = if trouble.is_none() { pen.write(change) } else { Ok(()) };
            let fails = written.is_err() || trouble.is_some();
            trouble = trouble.take().or(written.err());
            fails
        });
        self.set(Standing { is_ours: true, holder: None, trouble });
    }

    fn take_up(&self) -> Option<Pen> {
        match self.claim() {
            Ok(pen) => {
                self.set(Standing { is_ours: true, ..Standing::default() });
                Some(pen)
            }
            Err(Refused::Held(holder)) => {
                self.set(Standing { holder: Some(holder), ..Standing::default() });
                None
            }
            Err(Refused::Trouble(why)) => {
                self.set(Standing { trouble: Some(why), ..Standing::default() });
                None
            }
        }
    }

    fn claim(&self) -> Result<Pen, Refused> {
        let state = State::open(&self.recording.state, self.recording.group.as_deref())
            .map_err(|error| Refused::trouble(&error))?;
        let held = take_claim(&state)?;
        let settings =
            Settings { plan: self.recording.plan.clone(), redact: self.recording.redactor.clone(), ..Settings::here() };
        let journal = Journal::open(&state, settings).map_err(|error| Refused::trouble(&error))?;
        let verdicts = Folded::<Verdicts>::open(journal.path()).map_err(|error| Refused::trouble(&error))?.value;
        Ok(Pen { held, journal, verdicts })
    }

    fn set(&self, standing: Standing) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }
}

/// The claim on watching: free, or left behind by a process that is gone, was stopped, or hangs. A change that two
/// record is recorded twice, which harms nobody; one that nobody records is lost.
fn take_claim(state: &State) -> Result<Held, ClaimError> {
    let claims = Claims::here(state)?;
    let name = claim_name();
    match claims.acquire(&name, "watch") {
        Err(ClaimError::Held { .. }) => {
            claims.inspect(&name).and_then(|looked| claims.take_over_from_the_silent(looked, "watch"))
        }
        taken => taken,
    }
}

/// What whoever watches holds.
pub(super) fn claim_name() -> ClaimName {
    let Ok(name) = CLAIM.parse::<ClaimName>() else { unreachable!("{CLAIM} names a claim") };
    name
}

/// Why this process does not record.
enum Refused {
    Held(String),
    Trouble(String),
}

impl From<ClaimError> for Refused {
    fn from(error: ClaimError) -> Refused {
        match error {
            ClaimError::Held { holder, .. } => Refused::Held(holder.told()),
            other => Refused::trouble(&other),
        }
    }
}

impl Refused {
    fn trouble(error: &impl Explain) -> Refused {
        Refused::Trouble(told(error))
    }
}

fn told(error: &impl Explain) -> String {
    format!("{error}; {}", error.next_step())
}

impl Pen {
    /// Records that nobody watched since then, where that makes a difference to what was recorded before.
    fn resume(&mut self, unwatched_from: DateTime<Utc>) -> Result<(), String> {
        if self.verdicts.is_empty() {
            return Ok(());
        }
        let draft = Draft::new(RESUMED, CLAIM).with(json!({ "unwatched_from": unwatched_from }));
        let pending = self.journal.record(draft).map_err(|error| error.to_string())?;
        pending.wait().map_err(|error| error.to_string())?;
        self.verdicts.resume(SystemClock.now());
        Ok(())
    }

    /// Writes it, unless it says what was recorded last.
    fn write(&mut self, change: &Change) -> Result<(), String> {
        // What was never recorded otherwise was well.
        let last = self.verdicts.of(&change.component).map(|(verdict, _)| verdict);
        if last.unwrap_or(Verdict::Healthy) == change.to {
            return Ok(());
        }
        let from = last.or_else(|| (!change.first).then_some(change.from));
        let draft = Draft::new(VERDICT, &change.component)
            .with(json!({ "from": from, "to": change.to, "since": change.at, "reason": change.reason }));
        let pending = self.journal.record(draft).map_err(|error| error.to_string())?;
        pending.wait().map_err(|error| error.to_string())?;
        self.verdicts.note(&change.component, change.to, change.at);
        Ok(())
    }
}

/// Whether another process of this host records, said as a sentence.
pub fn holder(state: &State) -> Result<Option<String>, ClaimError> {
    let name = claim_name();
    let looked = Claims::here(state)?.inspect(&name)?;
    let kept = matches!(looked.verdict(), claim::Verdict::Kept { .. } | claim::Verdict::Watching { .. });
    let holder = looked.claim().and_then(|claim| claim.holder.as_ref()).filter(|_| kept);
    Ok(holder.map(claim::Holder::told))
}
