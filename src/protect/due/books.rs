//! Where the slots of each job are kept: in a store that every host sees, where there is one.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use super::book::Book;
use crate::journal::State;
use crate::journal::claim::{ClaimError, ClaimStore, Claims, Holder, LocalClaims, Pace};
use crate::plan::types::{Job, Plan};
use crate::text::{Clock, SystemClock};
use crate::vault::OURS;

/// The folder of claims on slots.
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
    /// By the store that each is kept in, in the order of the plan.
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

/// Opens the claims of a store's folder, for the group of the plan.
type Open = fn(&Path, Option<&str>) -> Result<Arc<dyn ClaimStore>, String>;

impl Books {
    /// Opens them to write; where a store has no room for one yet it is made.
    pub fn open(plan: &Plan, state: &State, asker: &Asker) -> Result<Books, ClaimError> {
        let here: Arc<dyn ClaimStore> = Arc::new(LocalClaims::open_room(state, ROOM)?);
        Ok(Books::of(plan, asker, here, |folder, group| {
            let shared = State::open(&folder.join(OURS), group).map_err(|error| error.to_string())?;
            let claims = LocalClaims::open_room(&shared, ROOM).map_err(|error| error.to_string())?;
            Ok(Arc::new(claims))
        }))
    }

    /// Opens them to look only; nothing is made.
    pub fn to_look_at(plan: &Plan, state: &Path, asker: &Asker) -> Books {
        let here = Arc::new(LocalClaims::to_look_at(state.join(ROOM)));
        Books::of(plan, asker, here, |folder, _| Ok(Arc::new(LocalClaims::to_look_at(folder.join(OURS).join(ROOM)))))
    }

    fn of(plan: &Plan, asker: &Asker, here: Arc<dyn ClaimStore>, open: Open) -> Books {
        let book = |claims: Arc<dyn ClaimStore>, place: String| {
            let claims = Claims::on(claims, Arc::clone(&asker.clock), asker.holder.clone(), asker.pace);
            Arc::new(Book::on(claims, place))
        };
        let group = plan.platform.group.as_deref();
        // All at once: one that hangs delays no other.
        let stores =
            plan.store.iter().filter_map(|store| Some((&store.name, begin(store.folder_here()?, group, open))));
        let stores: Vec<_> = stores.collect();
        let opened = |answer: Receiver<Result<Arc<dyn ClaimStore>, String>>| {
            answer.recv_timeout(PATIENCE).unwrap_or_else(|_| Err("it does not answer".to_owned()))
        };
        let shared = stores
            .into_iter()
            .map(|(name, answer)| (name.clone(), opened(answer).map(|claims| book(claims, format!("store {name}")))));
        Books { shared: shared.collect(), here: book(here, "the state folder of this host".to_owned()) }
    }

    /// The book of a job: in the first of its stores that can hold claims, else in the first of the plan's; where that
    /// cannot be used, or there is none, on this host. Better a backup that two hosts take than one that nobody takes.
    pub fn book(&self, job: &Job) -> Found {
        let named = job.to.iter().find_map(|name| self.shared.iter().find(|(store, _)| store == name));
        match named.or(self.shared.first()) {
            Some((_, Ok(book))) => Found { book: Arc::clone(book), trouble: None },
            Some((store, Err(why))) => {
                let trouble = format!("other hosts do not see its slots: store {store} cannot hold them: {why}");
                Found { book: Arc::clone(&self.here), trouble: Some(trouble) }
            }
            None => Found { book: Arc::clone(&self.here), trouble: None },
        }
    }
}

fn begin(folder: &Path, group: Option<&str>, open: Open) -> Receiver<Result<Arc<dyn ClaimStore>, String>> {
    let (tell, told) = sync_channel(1);
    let (folder, group) = (folder.to_owned(), group.map(str::to_owned));
    let work = move || {
        // The store itself is not ours to make: a folder where a disk should be mounted is no store.
        let there = if folder.is_dir() { Ok(()) } else { Err(format!("{} is not there", folder.display())) };
        // Whoever asked may have lost patience.
        let _ = tell.send(there.and_then(|()| open(&folder, group.as_deref())));
    };
    // Where no thread can be had, the answer never comes.
    let _ = std::thread::Builder::new().spawn(work);
    told
}
