//! Looks at the stores again and again, each by itself, on threads where blocking does no harm: one that hangs delays
//! nobody, and is not asked again before it has answered.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep, timeout_at};

use super::jobs::{open, seen};
use super::{JobSeen, Shelf};
use crate::plan::Plan;
use crate::plan::types::{Store, StoreKind};
use crate::protect::due::Books;
use crate::protect::hold::{Seen, seen_in};
use crate::protect::operation;
use crate::vault::{Cache, Catalogue, Listing, Point, Unseen, look, unanswered};
use crate::watch::Means;

/// The pause between two looks.
const PAUSE: Duration = Duration::from_mins(1);
/// How long a store may take to answer before nothing is known of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// The same the first time: whoever opened the console waits for it.
const FIRST: Duration = Duration::from_secs(2);
/// How long a bucket is asked at most; a folder that hangs does so until its thread comes back.
const GIVEN_UP: Duration = Duration::from_mins(2);
/// Books are opened anew so often: a store may be there that was not.
const OPENED_ANEW: Duration = Duration::from_mins(10);

/// Looks from now on, until the means are told to stop or nobody listens any more.
pub fn follow(
    plan: Arc<Plan>,
    means: Arc<Means>,
    state: Option<PathBuf>,
    operations: watch::Receiver<Arc<[operation::Seen]>>,
) -> watch::Receiver<Arc<Shelf>> {
    let (sender, receiver) = watch::channel(Arc::new(Shelf::not_looked_at(&plan)));
    tokio::spawn(async move {
        let stop = means.stop().clone();
        let stores = plan.store.iter().filter(|store| is_looked_at(store));
        let stores = stores.map(|store| Slot { store: store.name.clone(), task: None, found: None }).collect();
        let ended = Ended { operations, known: HashSet::new() };
        let looking = Looking { plan, means, state, stores, jobs: None, booked: Vec::new(), books: None, ended };
        tokio::select! {
            () = stop.cancelled() => {}
            () = sender.closed() => {}
            () = looking.run(&sender) => {}
        }
    });
    receiver
}

/// Everything that is known of one recovery point, read anew; why not, where that is so.
pub async fn read_point(
    plan: Arc<Plan>,
    means: Arc<Means>,
    state: Option<PathBuf>,
    id: String,
) -> Result<Point, String> {
    let looked = spawn_blocking(move || {
        let cache = cache(&means, state.as_deref());
        let looked = look(&plan, is_looked_at, PATIENCE, means.contact().secrets, cache.as_ref());
        let (listings, unseen) = Handle::current().block_on(looked);
        let found = Catalogue::of(&plan, listings).points.into_iter().find(|point| point.id == id);
        found.ok_or_else(|| match unseen.as_slice() {
            [] => "it is there no more".to_owned(),
            [unseen, ..] => format!("store {} could not be looked at: {}", unseen.store, unseen.why),
        })
    });
    looked.await.unwrap_or_else(|error| Err(error.to_string()))
}

/// What git keeps are no recovery points.
pub(super) fn is_looked_at(store: &Store) -> bool {
    store.kind != StoreKind::Git
}

/// Where listings of buckets are remembered; nowhere where nothing may be written. Looking makes no state folder.
pub(super) fn cache(means: &Means, state: Option<&Path>) -> Option<Cache> {
    state.filter(|state| !means.contact().only_looks && state.is_dir()).map(Cache::in_state)
}

/// A store, the look at it that is under way, and what came of it this time.
struct Slot {
    store: String,
    task: Option<JoinHandle<Result<Found, String>>>,
    found: Option<Result<Found, String>>,
}

/// What lies in a store, and whether somebody holds it.
type Found = (Listing, Seen);

/// The operations that have ended, each once: what they did is looked at without waiting.
struct Ended {
    operations: watch::Receiver<Arc<[operation::Seen]>>,
    known: HashSet<String>,
}

impl Ended {
    /// Until one ends that had not.
    async fn another(&mut self) {
        loop {
            let is_over = |seen: &&operation::Seen| !seen.is_running();
            let names = |seen: &[operation::Seen]| -> HashSet<String> {
                seen.iter().filter(is_over).map(|seen| seen.operation.id.clone()).collect()
            };
            let ended = names(&self.operations.borrow_and_update());
            let is_new = !ended.is_subset(&self.known);
            self.known = ended;
            if is_new {
                return;
            }
            if self.operations.changed().await.is_err() {
                return std::future::pending().await;
            }
        }
    }
}

struct Looking {
    plan: Arc<Plan>,
    means: Arc<Means>,
    state: Option<PathBuf>,
    stores: Vec<Slot>,
    jobs: Option<JoinHandle<(Books, Instant, Vec<JobSeen>)>>,
    booked: Vec<JobSeen>,
    /// The books, and when they were opened.
    books: Option<(Books, Instant)>,
    ended: Ended,
}

impl Looking {
    async fn run(mut self, sender: &watch::Sender<Arc<Shelf>>) {
        let mut patience = FIRST;
        loop {
            self.begin();
            self.settle(Instant::now() + patience).await;
            if let Some(shelf) = self.shelf().await {
                sender.send_replace(Arc::new(shelf));
            }
            // What was slower than the first patience is told as soon as it comes.
            let is_pending = self.stores.iter().any(|slot| slot.task.is_some()) || self.jobs.is_some();
            if patience == FIRST && is_pending {
                self.settle(Instant::now() + PATIENCE).await;
            } else {
                tokio::select! {
                    () = sleep(PAUSE) => {}
                    () = self.ended.another() => {}
                }
            }
            patience = PATIENCE;
        }
    }

    /// Begins what is not under way, and what did not come to its end since the last time.
    fn begin(&mut self) {
        let hangs = self.stores.iter().any(|slot| slot.task.is_some());
        for slot in self.stores.iter_mut().filter(|slot| slot.task.is_none() && slot.found.is_none()) {
            let (plan, means, store) = (Arc::clone(&self.plan), Arc::clone(&self.means), slot.store.clone());
            let state = self.state.clone();
            slot.task = Some(spawn_blocking(move || {
                let cache = cache(&means, state.as_deref());
                let is_it = |other: &Store| other.name == store;
                let looked = look(&plan, is_it, GIVEN_UP, means.contact().secrets, cache.as_ref());
                let (listings, unseen) = Handle::current().block_on(looked);
                let why = || unseen.into_iter().next().map_or_else(String::new, |unseen| unseen.why);
                let listing = listings.into_iter().next().ok_or_else(why)?;
                let store = plan.store.iter().find(|other| other.name == store).ok_or_else(String::new)?;
                let hold = Handle::current().block_on(seen_in(store, means.contact().secrets));
                Ok((listing, hold))
            }));
        }
        let Some(state) = self.state.clone().filter(|_| self.jobs.is_none()) else { return };
        let is_old = self.books.as_ref().is_none_or(|(_, at)| at.elapsed() > OPENED_ANEW && !hangs);
        let (plan, means) = (Arc::clone(&self.plan), Arc::clone(&self.means));
        let books = self.books.take().filter(|_| !is_old);
        self.jobs = Some(spawn_blocking(move || {
            let open = || {
                let books = Handle::current().block_on(open(&plan, &state, means.contact().secrets));
                (books, Instant::now())
            };
            let (books, opened) = books.unwrap_or_else(open);
            let jobs = seen(&plan, &books, means.clock().now());
            (books, opened, jobs)
        }));
    }

    /// Waits until all have answered, until then at most.
    async fn settle(&mut self, until: Instant) {
        for slot in &mut self.stores {
            let Some(task) = &mut slot.task else { continue };
            if let Ok(ended) = timeout_at(until, task).await {
                slot.found = Some(ended.unwrap_or_else(|error| Err(error.to_string())));
                slot.task = None;
            }
        }
        if let Some(task) = &mut self.jobs
            && let Ok(ended) = timeout_at(until, task).await
        {
            self.jobs = None;
            if let Ok((books, opened, booked)) = ended {
                (self.books, self.booked) = (Some((books, opened)), booked);
            }
        }
    }

    /// What was found this time.
    async fn shelf(&mut self) -> Option<Shelf> {
        let (mut listings, mut unseen, mut holds) = (Vec::new(), Vec::new(), Vec::new());
        for slot in &mut self.stores {
            let silent = || Err(unanswered(PATIENCE));
            match slot.found.take().unwrap_or_else(silent) {
                Ok((listing, hold)) => {
                    listings.push(listing);
                    holds.push((slot.store.clone(), hold));
                }
                Err(why) => unseen.push(Unseen { store: slot.store.clone(), why }),
            }
        }
        let (plan, now) = (Arc::clone(&self.plan), self.means.clock().now());
        let booked = self.booked.clone();
        spawn_blocking(move || Shelf::of(&plan, listings, unseen, now).with(&plan, booked, holds)).await.ok()
    }
}
