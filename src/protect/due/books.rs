//! Where the slots of each job are kept: in a store that every host sees, where there is one.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use futures_util::future::join_all;

use super::book::Book;
use crate::journal::State;
use crate::journal::claim::{ClaimError, ClaimStore, Claims, Holder, LocalClaims, Pace};
use crate::plan::types::{Job, Plan, Store};
use crate::reach::Secrets;
use crate::text::{Clock, SystemClock};
use crate::vault::{Room, Shared};

/// The room of claims on slots.
const ROOM: &str = "slots";
/// How long a store may take to be opened; a network drive may hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whoever asks for slots.
#[derive(Clone)]
pub struct Asker {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Which host and process.
    pub holder: Holder,
    /// How often its claims are renewed, and others' are watched.
    pub pace: Pace,
}

impl Asker {
    /// This process.
    pub fn here() -> Asker {
        Asker { clock: Arc::new(SystemClock), holder: Holder::here(""), pace: Pace::default() }
    }
}

/// The books of a plan's jobs.
pub struct Books {
    /// The stores that may hold claims, in the order of the plan.
    homes: Vec<String>,
    /// Those that a job needs, by name.
    shared: Vec<(String, Result<Arc<Book>, String>)>,
    here: Arc<Book>,
}

/// The book of a job, and what is to be known about it.
#[derive(Clone)]
pub struct Found {
    /// The book.
    pub book: Arc<Book>,
    /// Why other hosts do not see it, where they should.
    pub trouble: Option<String>,
}

/// What the claims of a store are opened with.
type Opening = Arc<dyn Fn(&Shared) -> Result<Arc<dyn ClaimStore>, String> + Send + Sync>;

impl Books {
    /// Opens them to write; where a store has no room for one yet it is made.
    pub fn open(plan: &Plan, state: &State, asker: &Asker, secrets: &Secrets) -> Result<Books, ClaimError> {
        let here: Arc<dyn ClaimStore> = Arc::new(LocalClaims::open_room(state, ROOM)?);
        let room = Room::of(&plan.platform, ROOM);
        let opening: Opening = Arc::new(move |shared| shared.claims(&room));
        Ok(Books::of(plan, asker, here, &opening, secrets))
    }

    /// Opens them to look only; nothing is made.
    pub fn to_look_at(plan: &Plan, state: &Path, asker: &Asker, secrets: &Secrets) -> Books {
        let here = Arc::new(LocalClaims::to_look_at(state.join(ROOM)));
        let room = Room::of(&plan.platform, ROOM);
        let opening: Opening = Arc::new(move |shared| shared.to_look_at(&room));
        Books::of(plan, asker, here, &opening, secrets)
    }

    fn of(plan: &Plan, asker: &Asker, here: Arc<dyn ClaimStore>, opening: &Opening, secrets: &Secrets) -> Books {
        let book = |claims: Arc<dyn ClaimStore>, place: String| {
            let claims = Claims::on(claims, Arc::clone(&asker.clock), asker.holder.clone(), asker.pace);
            Arc::new(Book::on(claims, place))
        };
        let homes: Vec<String> =
            plan.store.iter().filter(|store| Shared::is_one(store)).map(|store| store.name.clone()).collect();
        let needed = |store: &&Store| plan.job.iter().any(|job| home(&homes, job) == Some(&store.name));
        let needed: Vec<&Store> = plan.store.iter().filter(needed).collect();
        // All at once: one that hangs delays no other.
        let begun: Vec<_> = ways(&needed, secrets).into_iter().map(|way| Ok(begin(way?, opening))).collect();
        let opened = |answer: Result<Receiver<Answer>, String>| {
            answer?.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("it does not answer".to_owned()))
        };
        let named = |(store, answer): (&&Store, _)| {
            let name = &store.name;
            (name.clone(), opened(answer).map(|claims| book(claims, format!("store {name}"))))
        };
        let shared = needed.iter().zip(begun).map(named).collect();
        Books { homes, shared, here: book(here, "the state folder of this host".to_owned()) }
    }

    /// The book of a job: in the first of its stores that can hold claims, else in the first of the plan's; where that
    /// cannot be used, or there is none, on this host. Better a backup that two hosts take than one that nobody takes.
    pub fn book(&self, job: &Job) -> Found {
        let home = home(&self.homes, job);
        match self.shared.iter().find(|(store, _)| Some(store) == home) {
            Some((_, Ok(book))) => Found { book: Arc::clone(book), trouble: None },
            Some((store, Err(why))) => {
                let trouble = format!("other hosts do not see its slots: store {store} cannot hold them: {why}");
                Found { book: Arc::clone(&self.here), trouble: Some(trouble) }
            }
            None => Found { book: Arc::clone(&self.here), trouble: None },
        }
    }
}

/// The store that keeps the slots of a job, the same on every host.
fn home<'h>(homes: &'h [String], job: &Job) -> Option<&'h String> {
    let of_job = job.to.iter().find_map(|name| homes.iter().find(|home| *home == name));
    of_job.or(homes.first())
}

/// The ways to these stores. Secrets are asked for on a thread of its own, as whoever asks may be a task.
fn ways(stores: &[&Store], secrets: &Secrets) -> Vec<Result<Shared, String>> {
    if stores.is_empty() {
        return Vec::new();
    }
    let find = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        Ok(runtime.block_on(join_all(stores.iter().map(|store| Shared::of(store, secrets)))))
    };
    let found: Result<Vec<_>, String> = std::thread::scope(|scope| {
        scope.spawn(find).join().unwrap_or_else(|_| Err("the way there could not be looked for".to_owned()))
    });
    found.unwrap_or_else(|why| stores.iter().map(|_| Err(why.clone())).collect())
}

type Answer = Result<Arc<dyn ClaimStore>, String>;

fn begin(shared: Shared, opening: &Opening) -> Receiver<Answer> {
    let (tell, told) = sync_channel(1);
    let opening = Arc::clone(opening);
    let work = move || {
        // Whoever asked may have lost patience.
        let _ = tell.send(opening(&shared));
    };
    // Where no thread can be had, the answer never comes.
    let _ = std::thread::Builder::new().spawn(work);
    told
}
