//! Where the slots of each job are kept: in a store that every host sees, where there is one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::book::Book;
use crate::journal::State;
use crate::journal::claim::{ClaimError, ClaimStore, Claims, Holder, LocalClaims, Pace};
use crate::plan::types::{Job, Plan, Store};
use crate::reach::Secrets;
use crate::text::{Clock, SystemClock};
use crate::vault::{Room, Shared};

/// The room of claims on slots.
const ROOM: &str = "slots";
/// How long a store may take to be opened. A network drive may hang; it holds up no other.
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
    /// Those that hold none, though other hosts may see them.
    silent: Vec<String>,
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
    pub async fn open(plan: &Plan, state: &State, asker: &Asker, secrets: &Secrets) -> Result<Books, ClaimError> {
        let here: Arc<dyn ClaimStore> = Arc::new(LocalClaims::open_room(state, ROOM)?);
        let room = Room::of(&plan.platform, ROOM);
        let opening: Opening = Arc::new(move |shared| shared.claims(&room));
        Ok(Books::of(plan, asker, here, &opening, secrets).await)
    }

    /// Opens them to look only; nothing is made.
    pub async fn to_look_at(plan: &Plan, state: &Path, asker: &Asker, secrets: &Secrets) -> Books {
        let here = Arc::new(LocalClaims::to_look_at(state.join(ROOM)));
        let room = Room::of(&plan.platform, ROOM);
        let opening: Opening = Arc::new(move |shared| shared.to_look_at(&room));
        Books::of(plan, asker, here, &opening, secrets).await
    }

    async fn of(plan: &Plan, asker: &Asker, here: Arc<dyn ClaimStore>, opening: &Opening, secrets: &Secrets) -> Books {
        let book = |claims: Arc<dyn ClaimStore>, place: String| {
            Book::on(Claims::on(claims, Arc::clone(&asker.clock), asker.holder.clone(), asker.pace), place)
        };
        let here = Arc::new(book(here, "the state folder of this host".to_owned()));
        let homes: Vec<String> =
            plan.store.iter().filter(|store| Shared::is_one(store)).map(|store| store.name.clone()).collect();
        let needed = |store: &&Store| plan.job.iter().any(|job| home(&homes, job) == Some(&store.name));
        let shared = join_all(plan.store.iter().filter(needed).map(async |store| {
            let name = &store.name;
            let opened = opened(store, opening, secrets).await;
            let shared = opened.map(|claims| Arc::new(book(claims, format!("store {name}")).copied_to(&here)));
            (name.clone(), shared)
        }));
        let shared = shared.await;
        let silent =
            plan.store.iter().filter(|store| Shared::holds_no_claims(store)).map(|store| store.name.clone()).collect();
        Books { homes, silent, shared, here }
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
            None => {
                let silent = job.to.iter().find(|name| self.silent.contains(name));
                let trouble = silent.map(|store| {
                    format!(
                        "other hosts do not see its slots: store {store}, a folder of another machine, holds no claims"
                    )
                });
                Found { book: Arc::clone(&self.here), trouble }
            }
        }
    }
}

/// The store that keeps the slots of a job, the same on every host.
fn home<'h>(homes: &'h [String], job: &Job) -> Option<&'h String> {
    let of_job = job.to.iter().find_map(|name| homes.iter().find(|home| *home == name));
    of_job.or(homes.first())
}

/// What the claims of a store are asked with. Opening may block, so that it has a thread that may be left behind.
async fn opened(store: &Store, opening: &Opening, secrets: &Secrets) -> Result<Arc<dyn ClaimStore>, String> {
    let shared = Shared::of(store, secrets).await?;
    let opening = Arc::clone(opening);
    match timeout(PATIENCE, spawn_blocking(move || opening(&shared))).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) | Err(_) => Err("it does not answer".to_owned()),
    }
}
