//! The book of slots: which host has begun which slot of a job, and how it ended. A claim a slot, so that exactly one
//! of many wins it, and a host that died in it is found out.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::json;

use super::record::{Ending, Record, Rest, Run, SlotState};
use crate::journal::Digest;
use crate::journal::claim::{ClaimError, ClaimName, Claims, Held, Looked, Standing, Verdict};
use crate::text::{Shape, untrusted};

/// So many slots of each job are kept.
pub const KEPT: usize = 50;
/// The longest part of a job's name that goes into that of a claim.
const LONGEST: usize = 60;
const SLOT: &str = "%Y%m%dt%H%M%Sz";

/// A book of slots, kept in one place.
pub struct Book {
    claims: Claims,
    place: String,
    /// Where it is kept on this host how slots ended: the place may not answer the next time.
    copy: Option<Arc<Book>>,
    /// What is watched until it is known whether its holder is gone.
    watched: Mutex<HashMap<ClaimName, Looked>>,
}

/// What became of an attempt to begin a slot.
#[derive(Debug)]
pub enum Claimed {
    /// It is ours.
    Won(Turn),
    /// Somebody else is at it, or has ended it meanwhile.
    Taken(Record),
}

/// The right to run a slot.
#[derive(Debug)]
pub struct Turn {
    held: Held,
    job: String,
    copy: Option<Arc<Book>>,
}

impl fmt::Debug for Book {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Book").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Book {
    /// A book among these claims; `place` is what people call it.
    pub fn on(claims: Claims, place: impl Into<String>) -> Book {
        Book { claims, place: place.into(), copy: None, watched: Mutex::default() }
    }

    /// The same; how slots end is kept in another book as well, and what that knows alone counts here.
    #[must_use]
    pub fn copied_to(self, copy: &Arc<Book>) -> Book {
        Book { copy: Some(Arc::clone(copy)), ..self }
    }

    /// Where it is kept, for people.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// How often a heartbeat is looked for.
    pub fn beat(&self) -> Duration {
        self.claims.pace().beat.approx()
    }

    /// Whether the place answers at all: one on a network may hang.
    pub fn answers(self: &Arc<Book>, within: Duration) -> bool {
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        let book = Arc::clone(self);
        let ask = move || {
            // Whoever asked may have lost patience.
            let _ = book.claims.store().names();
            let _ = tell.send(());
        };
        std::thread::Builder::new().spawn(ask).is_ok() && told.recv_timeout(within).is_ok()
    }

    /// The newest `most` slots of a job that somebody began, the oldest first.
    pub fn records(&self, job: &str, most: usize) -> Result<Vec<Record>, ClaimError> {
        let slots = self.slots(job)?;
        let newest = slots.iter().skip(slots.len().saturating_sub(most));
        let mut records: Vec<Record> =
            newest.filter_map(|(slot, name)| self.record(*slot, name).transpose()).collect::<Result<_, _>>()?;
        let copied = self.copy.as_ref().and_then(|copy| copy.records(job, most).ok()).unwrap_or_default();
        for ended in copied.into_iter().filter(|record| record.run().is_some()) {
            match records.iter_mut().find(|record| record.slot == ended.slot) {
                // That it ended did not come through.
                Some(record) if matches!(record.state, SlotState::Broken { .. }) => *record = ended,
                Some(_) => {}
                None => records.push(ended),
            }
        }
        records.sort_by_key(|record| record.slot);
        Ok(records.split_off(records.len().saturating_sub(most)))
    }

    /// Keeps how a slot ended that was run elsewhere, unless that is known here.
    fn remember(&self, job: &str, run: &Run) -> Result<(), ClaimError> {
        if let Claimed::Won(turn) = self.claim_again(job, run.slot)? {
            turn.finish(run)?;
        }
        self.thin(job)
    }

    /// Begins a slot, if nobody else has, or whoever had is gone.
    pub fn claim(&self, job: &str, slot: DateTime<Utc>) -> Result<Claimed, ClaimError> {
        self.claim_if(job, slot, |record| matches!(record.state, SlotState::Broken { .. }))
    }

    /// The same; also one that failed, however often.
    pub fn claim_again(&self, job: &str, slot: DateTime<Utc>) -> Result<Claimed, ClaimError> {
        self.claim_if(job, slot, |record| matches!(record.state, SlotState::Broken { .. }) || record.has_failed())
    }

    fn claim_if(
        &self,
        job: &str,
        slot: DateTime<Utc>,
        is_free: impl Fn(&Record) -> bool,
    ) -> Result<Claimed, ClaimError> {
        let name = name_of(job, slot)?;
        let purpose = format!("job {job}, slot {}", slot.format("%Y-%m-%dT%H:%M:%SZ"));
        // Twice: between looking and taking another may have ended it.
        for _ in 0..2 {
            let looked = self.look(&name)?;
            if let Some(record) = Book::told(slot, &looked)
                && !is_free(&record)
            {
                return Ok(Claimed::Taken(record));
            }
            match self.claims.take(looked, &purpose) {
                Ok(held) => return Ok(Claimed::Won(Turn { held, job: job.to_owned(), copy: self.copy.clone() })),
                Err(ClaimError::Held { .. } | ClaimError::Changed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        match self.record(slot, &name)? {
            Some(record) => Ok(Claimed::Taken(record)),
            None => Err(ClaimError::Changed(name)),
        }
    }

    /// Forgets the oldest slots of a job that ended.
    pub fn thin(&self, job: &str) -> Result<(), ClaimError> {
        let slots = self.slots(job)?;
        for (slot, name) in slots.iter().take(slots.len().saturating_sub(KEPT)) {
            let Some((claim, tag)) = self.claims.store().read(name)? else { continue };
            let is_at_work = matches!(self.record(*slot, name)?, Some(Record { state: SlotState::Running { .. }, .. }));
            if claim.left.is_some() || !is_at_work {
                self.claims.store().forget(name, &tag)?;
            }
        }
        Ok(())
    }

    /// The slots of a job, the oldest first.
    fn slots(&self, job: &str) -> Result<Vec<(DateTime<Utc>, ClaimName)>, ClaimError> {
        let start = prefix(job);
        let names = self.claims.store().names().inspect_err(|_| self.forget_what_was_seen())?.into_iter();
        let mut slots: Vec<_> = names.filter_map(|name| Some((slot_in(&name, &start)?, name))).collect();
        slots.sort_unstable();
        Ok(slots)
    }

    fn record(&self, slot: DateTime<Utc>, name: &ClaimName) -> Result<Option<Record>, ClaimError> {
        Ok(Book::told(slot, &self.look(name)?))
    }

    /// Looks at a slot; what has to be watched is watched from the first look on.
    fn look(&self, name: &ClaimName) -> Result<Looked, ClaimError> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let looked = match watched.remove(name) {
            Some(before) => self.claims.look_again(before)?,
            None => self.claims.inspect(name)?,
        };
        // Also when it is gone: taking it over looks again, and is not to begin the watching anew.
        if matches!(looked.verdict(), Verdict::Watching { .. } | Verdict::Gone { .. }) || looked.was_renewed() {
            watched.insert(name.clone(), looked.clone());
        }
        Ok(looked)
    }

    /// Where nobody could look, nobody could renew either: all that is watched is watched anew.
    fn forget_what_was_seen(&self) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What a look at a slot tells; nothing where nobody ever began it.
    fn told(slot: DateTime<Utc>, looked: &Looked) -> Option<Record> {
        let claim = looked.claim()?;
        let run = claim.left.as_ref().map(|left| match serde_json::from_value::<Run>(left.clone()) {
            Ok(run) => Run { slot, ..run },
            Err(error) => Run {
                slot,
                began: claim.since,
                ended: claim.renewed,
                ending: Ending::Unknown,
                told: untrusted(format!("what was kept of it cannot be read: {error}"), Shape::line(200)),
                host: String::new(),
                missed: 0,
                rest: Rest::default(),
            },
        });
        let state = match (run, looked.verdict()) {
            (Some(run), _) => SlotState::Ended(run),
            (None, Verdict::Free | Verdict::Gone { .. }) => SlotState::Broken { attempts: claim.generation },
            (None, verdict) => SlotState::Running {
                holder: claim.holder.as_ref().map_or_else(String::new, |holder| {
                    untrusted(format!("{} (process {})", holder.host, holder.process.pid), Shape::line(100))
                }),
                since: claim.since,
                is_certain: !matches!(verdict, Verdict::Watching { .. }) || looked.was_renewed(),
            },
        };
        Some(Record { slot, state, attempts: claim.generation })
    }
}

impl Turn {
    /// Gives the slot back with word of how it ended.
    pub fn finish(self, run: &Run) -> Result<(), ClaimError> {
        // First where nothing hangs. What is not kept there is missed only while the place itself does not answer.
        if let Some(Err(error)) = self.copy.map(|copy| copy.remember(&self.job, run)) {
            tracing::warn!(%error, job = self.job, "how a slot ended is not kept on this host");
        }
        self.held.release_with(json!(run))
    }

    /// Gives it back without: somebody may begin it again, and what was called off counts for no failed attempt.
    pub fn give_back(self) -> Result<(), ClaimError> {
        self.held.undo()
    }

    /// Comes when the slot is no longer ours.
    pub fn lost(&self) -> impl Future<Output = ()> + 'static {
        let mut standing = self.held.watch();
        async move {
            if standing.wait_for(|standing| matches!(standing, Standing::Lost(_))).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// How the claims on a job's slots begin. A name that is too long or of other letters is told from others by its digest.
fn prefix(job: &str) -> String {
    let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'_');
    if job.len() <= LONGEST && job.bytes().all(is_plain) {
        return format!("job.{job}.");
    }
    let letters = job.bytes().map(|c| c.to_ascii_lowercase());
    let clean: String = letters.map(|c| if is_plain(c) { char::from(c) } else { '_' }).take(LONGEST).collect();
    let digest: String = Digest::of(job.as_bytes()).to_string().chars().filter(char::is_ascii_hexdigit).collect();
    format!("job.{clean}.{}.", digest.chars().rev().take(12).collect::<String>())
}

fn name_of(job: &str, slot: DateTime<Utc>) -> Result<ClaimName, ClaimError> {
    let name = format!("{}{}", prefix(job), slot.format(SLOT));
    name.parse().map_err(|_| ClaimError::Unreadable {
        path: name.into(),
        why: "the job's name cannot be that of a claim".to_owned(),
    })
}

fn slot_in(name: &ClaimName, start: &str) -> Option<DateTime<Utc>> {
    let name = name.to_string();
    let slot = name.strip_prefix(start)?;
    NaiveDateTime::parse_from_str(slot, SLOT).ok().map(|slot| slot.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_has_slots_of_its_own_whatever_its_name() {
        let slot: DateTime<Utc> = "2024-11-18T02:00:00Z".parse().unwrap();
        assert_eq!(name_of("postgres-daily", slot).unwrap().to_string(), "job.postgres-daily.20241118t020000z");
        let long = "x".repeat(300);
        let names = ["a", "a.b", "a b", "a_b", "A_B", "ä", "../../etc", "", &long, &long[1..], "a.20241118t020000z"];
        for one in names {
            let name = name_of(one, slot).unwrap();
            for other in names {
                assert_eq!(slot_in(&name, &prefix(other)), (one == other).then_some(slot), "{one} {other}");
            }
        }
    }
}
