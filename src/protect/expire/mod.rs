//! Expiry: throws away what the plan no longer keeps, under a claim on each store, and only while nobody holds.

mod deposit;
mod events;
mod lifecycle;
mod logs;
mod outlook;
mod removal;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::journal::claim::{ClaimError, ClaimName, Claims, Held};
use crate::journal::{Journal, JournalError};
use crate::plan::Plan;
use crate::plan::types::{Job, Store, Task};
use crate::systems::Contact;
use crate::text::{Exit, Explain, Size, counted, counted_as};
use crate::vault::retention::Survey;
use crate::vault::{Cache, Catalogue, Deposit, Unseen, look};

use super::due::Outcome;
use super::hold;
use super::keepers::Keepers;
use super::operation::Telling;
use removal::{Going, Removal};

pub use events::{FAILED, REMOVED, REMOVING};
pub use lifecycle::{Early, early};
pub use outlook::{Found, Outlook, Prospect, found, goes, outlook, stays};

/// How long a store may take to be looked through.
const PATIENCE: Duration = Duration::from_mins(5);
/// So many recovery points are told together before the first of them is thrown away.
const BATCH: usize = 16;

/// What is to be gone through.
#[derive(Clone, Debug, Default)]
pub struct Wish<'p> {
    /// Only these stores; of a job those of the job, else all.
    pub stores: Vec<String>,
    /// The job of the plan that throws away, where one does.
    pub job: Option<&'p Job>,
}

/// A recovery point in a store, by both names.
pub type Named = (String, String);

/// Something that was thrown away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The store.
    pub store: String,
    /// The recovery point.
    pub point: String,
    /// How many bytes that frees, once nothing else keeps them.
    pub bytes: u64,
    /// What went with it of what its system keeps itself.
    pub deposit: Option<Deposit>,
}

/// What of a log was thrown away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogGone {
    /// The store.
    pub store: String,
    /// What of which: a phrase.
    pub what: String,
    /// How many files.
    pub files: usize,
    /// How many bytes that frees.
    pub bytes: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Expired {
    /// What is gone.
    pub gone: Vec<Gone>,
    /// What of logs is gone.
    pub logs: Vec<LogGone>,
    /// What was to go and did not, and why: store, recovery point, reason.
    pub left: Vec<(String, String, String)>,
    /// Why it was ended early.
    pub stopped: Option<String>,
    /// Whether somebody ended it.
    pub is_called_off: bool,
}

/// Why nothing was thrown away.
#[derive(Debug, thiserror::Error)]
pub enum ExpireError {
    /// Another does so, or cannot be asked.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// What was to be done could not be written down.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Somebody holds, or may.
    #[error("nothing is thrown away: {0}")]
    Held(String),
}

impl Explain for ExpireError {
    fn next_step(&self) -> String {
        match self {
            ExpireError::Claim(error) => error.next_step(),
            ExpireError::Journal(error) => error.next_step(),
            ExpireError::Held(_) => {
                "Where a store cannot be looked into, mend that first: nobody knows what it holds. `lifeboat hold \
                 --show` says who holds, and in which store."
                    .to_owned()
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            ExpireError::Claim(error) => error.exit(),
            ExpireError::Journal(error) => error.exit(),
            ExpireError::Held(_) => Exit::Refused,
        }
    }
}

impl Wish<'_> {
    /// Whether a store is gone through.
    pub fn chooses(&self, store: &Store) -> bool {
        let of_job = self.job.map_or(&[][..], |job| job.to.as_slice());
        let chosen = if self.stores.is_empty() { of_job } else { &self.stores };
        hold::can(store) && (chosen.is_empty() || chosen.contains(&store.name))
    }

    /// What becomes of what lies in these stores.
    pub fn survey<'c>(&self, plan: &Plan, catalogue: &'c Catalogue, with: &Contact<'_>) -> Survey<'c> {
        Survey::of(plan, catalogue, |store| self.chooses(store), self.job, with.clock.now())
    }
}

/// Looks into every store, as a taint in one counts in all.
pub async fn catalogue(plan: &Plan, cache: Option<&Cache>, with: &Contact<'_>) -> (Catalogue, Vec<Unseen>) {
    let (listings, unseen) = look(plan, hold::can, PATIENCE, with.secrets, cache).await;
    (Catalogue::of(plan, listings), unseen)
}

/// Throws away what is to go, looked at anew; of that only what was `agreed` to, where anything was.
pub async fn expire(
    plan: &Plan,
    wish: &Wish<'_>,
    agreed: Option<&BTreeSet<Named>>,
    (claims, journal): (&Claims, &Journal),
    telling: &Telling,
    with: &Contact<'_>,
) -> Result<Expired, ExpireError> {
    let stores = plan.store.iter().filter(|store| wish.chooses(store));
    let _held = stores.map(|store| claim(store, claims)).collect::<Result<Vec<Held>, ClaimError>>()?;
    let watch = hold::Watch::open(plan, with.secrets).await;
    if let Some(why) = watch.stop().await {
        return Err(ExpireError::Held(why));
    }
    let (catalogue, unseen) = catalogue(plan, telling.cache().as_ref(), with).await;
    if let Some(Unseen { store, why }) = unseen.into_iter().next() {
        return Err(ExpireError::Held(format!("{store} cannot be looked into: {why}")));
    }
    let survey = wish.survey(plan, &catalogue, with);
    let is_agreed =
        |store: &str, point: &str| agreed.is_none_or(|agreed| agreed.contains(&(store.to_owned(), point.to_owned())));
    let going: Vec<Going<'_, '_>> =
        survey.going().filter(|(series, it)| is_agreed(&series.store, &it.point.id)).collect();
    let mut expired = Expired::default();
    let removal = Removal { watch: &watch, catalogue: &catalogue, keepers: Keepers::of(plan), journal, with };
    // What a system deletes takes long, and may be called off between two.
    let is_quick = |(_, judged): &Going<'_, '_>| judged.deposit.is_none();
    let batches = going.chunk_by(|one, next| is_quick(one) && is_quick(next)).flat_map(|many| many.chunks(BATCH));
    for batch in batches {
        telling.is_at(format!("{} of {} gone", expired.gone.len(), going.len()));
        if with.stop.is_cancelled() {
            (expired.stopped, expired.is_called_off) = (Some("it was called off".to_owned()), true);
            break;
        }
        if let Err(error) = removal.batch(batch, &mut expired).await {
            // What has gone by then is told all the same.
            if expired.gone.is_empty() {
                return Err(error.into());
            }
            expired.stopped = Some(format!("{error}; {}", error.next_step()));
        }
        if expired.stopped.is_some() {
            break;
        }
    }
    for log in survey.logs.iter().filter(|log| is_agreed(&log.store, &log.name())) {
        if expired.stopped.is_none() {
            logs::remove(log, &removal, &mut expired).await?;
        }
    }
    Ok(expired)
}

/// The right to throw away what lies in a store; held by one process of this host at a time.
fn claim(store: &Store, claims: &Claims) -> Result<Held, ClaimError> {
    let name = ClaimName::of("expire", &store.name);
    claims.take_over(claims.inspect(&name)?, &format!("throwing away what is old in {}", store.name))
}

/// Does what a job of the plan that throws away is for.
pub async fn of_job(
    plan: &Plan,
    job: &Job,
    record: (&Claims, &Journal),
    telling: &Telling,
    with: &Contact<'_>,
) -> Outcome {
    if job.task != Task::Expire {
        return Outcome::failed("this job throws nothing away");
    }
    let wish = Wish { stores: Vec::new(), job: Some(job) };
    match expire(plan, &wish, None, record, telling, with).await {
        Ok(expired) => expired.outcome(),
        Err(error) => Outcome::failed(format!("{error}; {}", error.next_step())),
    }
}

impl Expired {
    /// How many bytes are gone.
    pub fn bytes(&self) -> u64 {
        self.gone.iter().map(|gone| gone.bytes).chain(self.logs.iter().map(|log| log.bytes)).sum()
    }

    /// The same in words.
    pub fn outcome(&self) -> Outcome {
        let count = self.gone.len();
        let copies = counted_as(count, "copy is", "copies are");
        let segments: usize = self.logs.iter().map(|log| log.files).sum();
        let copies = match segments {
            0 => copies,
            _ => format!("{} of logs and {copies}", counted(segments, "file")),
        };
        let gone = format!("{copies} gone, {} with them", Size(self.bytes()).approx());
        match (&self.stopped, self.left.first()) {
            (Some(_), _) if self.is_called_off => Outcome::interrupted(gone),
            (Some(why), _) => Outcome::failed(format!("{gone}; then it was ended: {why}")),
            (None, Some((store, point, why))) => {
                let others = self.left.len() - 1;
                Outcome::failed(format!("{gone}; {point} in {store} and {others} others are left: {why}"))
            }
            (None, None) if count + segments == 0 => Outcome::nothing("nothing is older than what is kept"),
            (None, None) => Outcome::done(gone),
        }
    }
}
