//! Where the slots of each job are kept: in a store that every host sees, where there is one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::book::Book;
use crate::journal::State;
use crate::journal::claim::{ClaimError, ClaimStore, Claims, Holder, LocalClaims, Pace};
use crate::plan::types::{Job, Plan, Store, StoreKind};
use crate::text::{Clock, SystemClock};
use crate::vault::OURS;

/// The folder of claims on slots.
const ROOM: &str = "slots";

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

impl Books {
    /// Opens them to write; where a store has no room for one yet it is made.
    pub fn open(plan: &Plan, state: &State, asker: &Asker) -> Result<Books, ClaimError> {
        let here: Arc<dyn ClaimStore> = Arc::new(LocalClaims::open_room(state, ROOM)?);
        let group = plan.platform.group.as_deref();
        Ok(Books::of(plan, asker, here, |folder| {
            // The store itself is not ours to make: a folder where a disk should be mounted is no store.
            if !folder.is_dir() {
                return Err(format!("{} is not there", folder.display()));
            }
            let shared = State::open(&folder.join(OURS), group).map_err(|error| error.to_string())?;
            let claims = LocalClaims::open_room(&shared, ROOM).map_err(|error| error.to_string())?;
            Ok(Arc::new(claims))
        }))
    }

    /// Opens them to look only; nothing is made.
    pub fn to_look_at(plan: &Plan, state: &Path, asker: &Asker) -> Books {
        let at = |folder: PathBuf| -> Arc<dyn ClaimStore> { Arc::new(LocalClaims::to_look_at(folder)) };
        Books::of(plan, asker, at(state.join(ROOM)), |folder| Ok(at(folder.join(OURS).join(ROOM))))
    }

    fn of(
        plan: &Plan,
        asker: &Asker,
        here: Arc<dyn ClaimStore>,
        open: impl Fn(&Path) -> Result<Arc<dyn ClaimStore>, String>,
    ) -> Books {
        let book = |claims: Arc<dyn ClaimStore>, place: String| {
            let claims = Claims::on(claims, Arc::clone(&asker.clock), asker.holder.clone(), asker.pace);
            Arc::new(Book::on(claims, place))
        };
        let shared = plan.store.iter().filter_map(|store| {
            let opened = open(folder_of(store)?).map(|claims| book(claims, format!("store {}", store.name)));
            Some((store.name.clone(), opened))
        });
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

/// The folder of a store that can hold claims: one of this machine's file systems.
fn folder_of(store: &Store) -> Option<&Path> {
    let is_folder = matches!(store.kind, StoreKind::Directory | StoreKind::Archive);
    let is_here = store.reach.as_ref().is_none_or(crate::plan::Place::is_here);
    store.path.as_deref().filter(|_| is_folder && is_here)
}
