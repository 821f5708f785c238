//! What a server hands over: into every store of its log, and on their disks before it is told so. What waits behind it is
//! kept with it.

mod ahead;
mod away;
pub(super) mod ready;
mod shelf;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use super::LogOf;
use super::cluster::NotOurs;
use crate::systems::Contact;
use crate::text::{Exit, Explain};
use crate::vault::log::{LogError, Outcome};
use ahead::{Ahead, Print, waiting};
use away::Away;
use ready::ready;
use shelf::{Done, Shelves};

/// So many are on their way at once: what one waits for the disk, others are packed.
const AT_ONCE: usize = 4;
/// The server waits for what it asked for: no others are begun after so long.
const OTHERS: Duration = Duration::from_secs(1);

/// What became of a file that was handed over.
#[derive(Debug)]
pub struct Pushed {
    /// Its name.
    pub name: String,
    /// Each store, and what it did.
    pub stores: Vec<ToStore>,
    /// What was wrong with it already.
    pub flaw: Option<String>,
}

/// What a store did.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ToStore {
    /// The store.
    pub store: String,
    /// What it did; why it does not have it.
    pub outcome: Result<Outcome, String>,
}

/// Why a store did not take it.
#[derive(Debug, thiserror::Error)]
enum NotTaken {
    /// It refuses, or is away.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It was silent lately.
    #[error("{0}")]
    Away(String),
    /// The log of another server lies there.
    #[error("{0}")]
    OtherServer(String),
    /// The key of the store cannot be had.
    #[error("{0}")]
    NoKey(String),
}

impl From<NotOurs> for NotTaken {
    fn from(why: NotOurs) -> NotTaken {
        match why {
            NotOurs::Media(error) => NotTaken::Log(error.into()),
            NotOurs::Log(error) => NotTaken::Log(error),
            NotOurs::Other { .. } => NotTaken::OtherServer(why.to_string()),
        }
    }
}

/// Why nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum NotPushed {
    /// Its name is none of a file of a log.
    #[error("{0:?} is no name of a file of a log")]
    Name(String),
    /// It cannot be read.
    #[error("{path} cannot be read: {why}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// It is not what its name says.
    #[error("{name} is not kept: {why}")]
    Unfit {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something else has its name.
    #[error("{name} is not kept: {why}")]
    Different {
        /// Its name.
        name: String,
        /// Where, and what.
        why: String,
    },
    /// No store has it.
    #[error("no store has taken {name}: {why}")]
    Nowhere {
        /// Its name.
        name: String,
        /// What each said.
        why: String,
    },
}

impl Explain for NotPushed {
    fn next_step(&self) -> String {
        match self {
            NotPushed::Name(_) => "The archive command hands over %p: archive_command = 'lifeboat wal push %p'.",
            NotPushed::Unreadable { .. } => {
                "Run it as the user of the server, in its data directory, or name the file in full."
            }
            NotPushed::Unfit { .. } => "Only whole segments are archived; look at what the server has written there.",
            NotPushed::Different { .. } => {
                "Two servers write one log, or this one was made anew. One that was restored or upgraded needs a folder \
                 of its own: another component in the plan."
            }
            NotPushed::Nowhere { .. } => "The server keeps the file, and hands it over again. Look at the stores.",
        }
        .to_owned()
    }

    fn exit(&self) -> Exit {
        match self {
            NotPushed::Different { .. } | NotPushed::Unfit { .. } => Exit::Refused,
            NotPushed::Name(_) => Exit::Usage,
            NotPushed::Unreadable { .. } | NotPushed::Nowhere { .. } => Exit::Failed,
        }
    }
}

/// Keeps a file in every store; done when at least one has it on its disk. What waits behind it is kept too, and what came
/// of that is noted in the state folder, where there is one.
pub async fn push(log: &LogOf<'_>, path: &Path, state: Option<&Path>, with: &Contact<'_>) -> Result<Pushed, NotPushed> {
    let name = name_of(path);
    let notes = state.map(|state| log.notes(state));
    let away = notes.clone().map(Away::in_folder);
    let (shelves, spare) = (Shelves::of(log, away.as_ref(), with), Spare::default());
    let one = async |name: String, path: PathBuf| {
        let ready = ready(&log.folder, &name, &path, spare.take()).await?;
        let done = shelves.keep(&ready).await;
        if let Some(away) = &away {
            away.learn(&done, with.clock.now());
        }
        spare.give_back(ready.plain);
        decided(name, done, ready.told.segment.and_then(|segment| segment.flaw))
    };
    let Some(ahead) = notes.map(Ahead::in_folder) else { return one(name, path.to_owned()).await };
    let all = waiting(path);
    if !all.is_empty() {
        ahead.forget_all_but(&all);
    }
    let (begun, folder) = (Instant::now(), path.parent().unwrap_or(Path::new("")));
    let next = all.into_iter().filter(|other| *other > name && !ahead.knows(other));
    let next = next.take_while(|_| begun.elapsed() < OTHERS && !with.stop.is_cancelled());
    let others = stream::iter(next).map(async |other| {
        let path = folder.join(&other);
        let Some(print) = Print::of(&path) else { return };
        // What is wrong with one is told when its turn comes.
        if let Ok(pushed) = one(other, path).await {
            ahead.remember(print, &pushed);
        }
    });
    let others = others.buffer_unordered(AT_ONCE - 1).collect::<Vec<()>>();
    let (asked, _) = tokio::join!(one(name.clone(), path.to_owned()), others);
    asked
}

/// What became of a file that was kept already, before its server asked for it; it is asked for once.
pub fn kept_before(log: &LogOf<'_>, path: &Path, state: &Path) -> Option<Pushed> {
    Ahead::in_folder(log.notes(state)).take(&name_of(path), path)
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl LogOf<'_> {
    /// Where it is noted what its pushes have to know of each other.
    fn notes(&self, state: &Path) -> PathBuf {
        state.join("wal").join(&self.folder)
    }
}

/// Memory that one file was read into, and the next can be.
#[derive(Default)]
struct Spare(Mutex<Vec<Vec<u8>>>);

impl Spare {
    fn take(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default()
    }

    fn give_back(&self, memory: Vec<u8>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
    }
}

/// What it comes to: nothing is kept if a store has something else of this name, or none has it.
fn decided(name: String, done: Vec<Done>, flaw: Option<String>) -> Result<Pushed, NotPushed> {
    let told = |(store, why): (&String, &NotTaken)| format!("{store}: {why}");
    let missing = || done.iter().filter_map(|(store, done)| Some((store, done.as_ref().err()?)));
    let is_other = |why: &NotTaken| matches!(why, NotTaken::OtherServer(_) | NotTaken::Log(LogError::Different(_)));
    let others: Vec<String> = missing().filter(|(_, why)| is_other(why)).map(told).collect();
    if !others.is_empty() {
        return Err(NotPushed::Different { name, why: others.join("; ") });
    }
    if done.iter().all(|(_, done)| done.is_err()) {
        let why: Vec<String> = missing().map(told).collect();
        return Err(NotPushed::Nowhere { name, why: why.join("; ") });
    }
    let outcome = |(store, done): Done| ToStore { store, outcome: done.map_err(|why| why.to_string()) };
    Ok(Pushed { name, stores: done.into_iter().map(outcome).collect(), flaw })
}
