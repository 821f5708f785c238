//! Holding a claim: renewed in the background, given back when dropped, and its loss told.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::watch;

use super::keep::{Claims, millis};
use super::{Claim, ClaimError, ClaimName, Holder, Tag};
use crate::journal::DiskError;

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
    present: Mutex<Present>,
    standing: watch::Sender<Standing>,
}

struct Present {
    claim: Claim,
    tag: Tag,
    /// Our time since boot at the last renewal.
    renewed: Duration,
}

impl Held {
    pub(super) fn begin(claims: &Claims, name: ClaimName, claim: Claim, tag: Tag) -> Result<Held, ClaimError> {
        let present = Mutex::new(Present { claim, tag, renewed: claims.clock.since_boot() });
        let (standing, _) = watch::channel(Standing::Ours);
        let renewal = Arc::new(Renewal { claims: claims.clone(), name, present, standing });
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
        self.renewal.present().claim.generation
    }

    /// Whether it is still ours: to be asked before every effect.
    pub fn check(&self) -> Result<(), ClaimError> {
        match &*self.renewal.standing.borrow() {
            Standing::Ours => Ok(()),
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
                *present = Present { claim: next, tag, renewed: since_boot };
                if !matches!(*self.standing.borrow(), Standing::Ours) {
                    self.standing.send_replace(Standing::Ours);
                }
            }
            Ok(None) => self.find_out(&mut present),
            Err(error) => self.doubt(&present, &error),
        }
    }

    /// The stored state is not the one we knew: ours after all, if an earlier answer got lost.
    fn find_out(&self, present: &mut Present) {
        match self.claims.store.read(&self.name) {
            Err(error) => self.doubt(present, &error),
            Ok(Some((claim, tag))) if claim.generation == present.claim.generation && claim.holder.is_some() => {
                *present = Present { claim, tag, renewed: present.renewed };
            }
            Ok(found) => {
                let to: Option<Holder> = found.and_then(|(claim, _)| claim.holder);
                let lost = ClaimError::Lost { name: self.name.clone(), to: to.map(Box::new) };
                self.standing.send_replace(Standing::Lost(lost));
            }
        }
    }

    fn doubt(&self, present: &Present, error: &ClaimError) {
        if self.claims.clock.since_boot().saturating_sub(present.renewed) >= self.claims.pace.silence.approx() / 2 {
            let since = present.claim.renewed;
            let doubtful = ClaimError::Doubtful { name: self.name.clone(), since, why: error.to_string() };
            self.standing.send_replace(Standing::Doubtful(doubtful));
        }
    }

    fn give_back(&self) -> Result<(), ClaimError> {
        let present = self.present();
        let free = Claim { holder: None, ..present.claim.clone() };
        match self.claims.store.replace(&self.name, &present.tag, &free)? {
            Some(_) => Ok(()),
            None => Err(ClaimError::Lost { name: self.name.clone(), to: None }),
        }
    }
}
