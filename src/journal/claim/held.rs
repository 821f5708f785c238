//! Holding a claim: renewed in the background, given back when dropped, and its loss told.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::keep::{Claims, millis};
use super::{Claim, ClaimError, ClaimName, Tag};
use crate::journal::DiskError;
use crate::text::Span;

/// How a held claim stands.
#[derive(Clone, Debug)]
pub enum Standing {
    /// Ours.
    Ours,
    /// It could not be renewed for so long that others may think we are gone.
    Doubtful(ClaimError),
    /// Another has it: whoever acts under it must stop.
    Lost(ClaimError),
}

/// A claim that this process holds.
pub struct Held {
    renewal: Arc<Renewal>,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Renewal {
    claims: Claims,
    name: ClaimName,
    generation: u64,
    /// Locked for as long as the store takes to answer.
    present: Mutex<Present>,
    /// The last renewal that came through, in milliseconds since our boot.
    renewed: AtomicU64,
    standing: watch::Sender<Standing>,
}

struct Present {
    claim: Claim,
    tag: Tag,
}

impl Held {
    pub(super) fn begin(claims: &Claims, name: ClaimName, claim: Claim, tag: Tag) -> Result<Held, ClaimError> {
        let (generation, renewed) = (claim.generation, AtomicU64::new(claim.renewed_boot));
        let present = Mutex::new(Present { claim, tag });
        let (standing, _) = watch::channel(Standing::Ours);
        let renewal = Arc::new(Renewal { claims: claims.clone(), name, generation, present, renewed, standing });
        let (stop, stopped) = mpsc::channel();
        let mut held = Held { renewal: Arc::clone(&renewal), stop: Some(stop), thread: None };
        // If the thread cannot be had, dropping `held` gives the claim back.
        let thread = std::thread::Builder::new().name("claim".to_owned()).spawn(move || renewal.keep(&stopped));
        held.thread = Some(thread.map_err(DiskError::new("start the renewal of", held.renewal.name.0.as_ref()))?);
        Ok(held)
    }

    /// What is claimed.
    pub fn name(&self) -> &ClaimName {
        &self.renewal.name
    }

    /// The number of this holding; grows with every holder.
    pub fn generation(&self) -> u64 {
        self.renewal.generation
    }

    /// Whether it is still ours: to be asked before every effect. It neither waits nor trusts the
    /// background: that may have been stopped together with us, or hang in the store.
    pub fn check(&self) -> Result<(), ClaimError> {
        match &*self.renewal.standing.borrow() {
            Standing::Ours => self.renewal.is_fresh(),
            Standing::Doubtful(error) | Standing::Lost(error) => Err(error.clone()),
        }
    }

    /// Tells every change of how it stands, to tasks that must stop then.
    pub fn watch(&self) -> watch::Receiver<Standing> {
        self.renewal.standing.subscribe()
    }

    /// Renews it now, beside the background's beats.
    pub fn renew(&self) -> Result<(), ClaimError> {
        self.renewal.renew();
        self.check()
    }

    /// Gives it back, and says if that did not work.
    pub fn release(mut self) -> Result<(), ClaimError> {
        self.end()
    }

    /// The same, leaving word for whoever looks later.
    pub fn release_with(mut self, word: serde_json::Value) -> Result<(), ClaimError> {
        self.renewal.present().claim.left = Some(word);
        self.end()
    }

    /// Gives it back as if nobody had ever had it: nothing was done under it that others must know of.
    pub fn undo(mut self) -> Result<(), ClaimError> {
        self.end()?;
        let present = self.renewal.present();
        // What cannot be forgotten counts as one more beginning.
        let _ = self.renewal.claims.store.forget(&self.renewal.name, &present.tag);
        Ok(())
    }

    fn end(&mut self) -> Result<(), ClaimError> {
        if self.stop.take().is_none() {
            return Ok(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        self.renewal.give_back()
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held")
            .field("name", self.name())
            .field("generation", &self.generation())
            .finish_non_exhaustive()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What could not be given back is free for others once this process has ended.
        let _ = self.end();
    }
}

impl Renewal {
    fn keep(&self, stopped: &mpsc::Receiver<()>) {
        let beat = self.claims.pace.beat.approx();
        while stopped.recv_timeout(beat) == Err(mpsc::RecvTimeoutError::Timeout) {
            self.renew();
            if matches!(*self.standing.borrow(), Standing::Lost(_)) {
                return;
            }
        }
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn renew(&self) {
        let clock = &self.claims.clock;
        let mut present = self.present();
        if matches!(*self.standing.borrow(), Standing::Lost(_)) {
            return;
        }
        let since_boot = clock.since_boot();
        let next = Claim {
            beat: present.claim.beat + 1,
            renewed: clock.now(),
            renewed_boot: millis(since_boot),
            ..present.claim.clone()
        };
        match self.claims.store.replace(&self.name, &present.tag, &next) {
            Ok(Some(tag)) => {
                *present = Present { claim: next, tag };
                self.renewed.store(millis(since_boot), Ordering::Release);
                if !matches!(*self.standing.borrow(), Standing::Ours) {
                    self.standing.send_replace(Standing::Ours);
                }
            }
            Ok(None) => self.find_out(&mut present),
            Err(error) => self.doubt(error.to_string()),
        }
    }

    /// The stored state is not the one we knew: ours after all, if an earlier answer got lost.
    fn find_out(&self, present: &mut Present) {
        match self.claims.store.read(&self.name) {
            Err(error) => self.doubt(error.to_string()),
            Ok(Some((claim, tag))) if is_same_holding(&claim, &present.claim) => {
                self.renewed.fetch_max(claim.renewed_boot, Ordering::AcqRel);
                let left = present.claim.left.take();
                *present = Present { claim: Claim { left, ..claim }, tag };
            }
            Ok(found) => {
                let to = found.and_then(|(claim, _)| claim.holder).map(Box::new);
                let lost = ClaimError::Lost { name: self.name.clone(), to };
                self.standing.send_replace(Standing::Lost(lost));
            }
        }
    }

    fn is_fresh(&self) -> Result<(), ClaimError> {
        let silent = self.silent();
        if silent < self.claims.pace.silence.approx() / 2 {
            return Ok(());
        }
        let why = format!("no renewal came through for {}", Span::from_secs(silent.as_secs()));
        Err(self.doubtful(silent, why))
    }

    fn doubt(&self, why: String) {
        let silent = self.silent();
        if silent >= self.claims.pace.silence.approx() / 2 {
            self.standing.send_replace(Standing::Doubtful(self.doubtful(silent, why)));
        }
    }

    /// For how long no renewal has come through.
    fn silent(&self) -> Duration {
        let renewed = Duration::from_millis(self.renewed.load(Ordering::Acquire));
        self.claims.clock.since_boot().saturating_sub(renewed)
    }

    fn doubtful(&self, silent: Duration, why: String) -> ClaimError {
        let since = self.claims.clock.now() - chrono::TimeDelta::from_std(silent).unwrap_or_default();
        ClaimError::Doubtful { name: self.name.clone(), since, why }
    }

    fn give_back(&self) -> Result<(), ClaimError> {
        let mut present = self.present();
        if self.swap_for_none(&mut present)? {
            return Ok(());
        }
        self.find_out(&mut present);
        if let Standing::Lost(error) = &*self.standing.borrow() {
            return Err(error.clone());
        }
        // An answer got lost, and it was ours all the time.
        if self.swap_for_none(&mut present)? { Ok(()) } else { Err(ClaimError::Changed(self.name.clone())) }
    }

    fn swap_for_none(&self, present: &mut Present) -> Result<bool, ClaimError> {
        let free = Claim { holder: None, ..present.claim.clone() };
        let Some(tag) = self.claims.store.replace(&self.name, &present.tag, &free)? else { return Ok(false) };
        *present = Present { claim: free, tag };
        Ok(true)
    }
}

/// Whether both tell of one holding. The generation alone does not: it begins anew where the stored
/// claim was removed.
fn is_same_holding(stored: &Claim, ours: &Claim) -> bool {
    stored.generation == ours.generation
        && stored.since == ours.since
        && stored.holder.is_some()
        && stored.holder == ours.holder
}
