//! What a server hands over: into every store of its log, and on their disks before it is told so.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

use super::LogOf;
use super::cluster::{NotOurs, claim};
use crate::plan::types::Store;
use crate::protect::unlock::keys;
use crate::systems::{Contact, wal};
use crate::text::{Exit, Explain, with_causes};
use crate::vault::log::{Committed, Keeping, LogError, LogFile, LogKey, Outcome, Told, pack};
use crate::vault::{Media, MediaError, Trouble};

/// Once one store has it, the others may take so much longer: the server waits. What they miss is told.
const GRACE: Duration = Duration::from_secs(10);
/// The largest segment that a server can be told to write.
const LARGEST: u64 = 1 << 30;

/// What became of a file that was handed over.
#[derive(Debug)]
pub struct Pushed {
    /// Its name.
    pub name: String,
    /// Each store, and what it did.
    pub stores: Vec<(String, Result<Outcome, NotTaken>)>,
    /// What was wrong with it already.
    pub flaw: Option<String>,
}

/// Why a store did not take it.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// It refuses, or is away.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The log of another server lies there.
    #[error("{0}")]
    OtherServer(String),
    /// The key of the store cannot be had.
    #[error("{0}")]
    NoKey(String),
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

/// A file as it was handed over, looked at and packed.
struct Ready {
    key: LogKey,
    plain: Vec<u8>,
    packed: Vec<u8>,
    told: Told,
}

/// Keeps a file in every store; done when at least one has it on its disk.
pub async fn push(log: &LogOf<'_>, path: &Path, with: &Contact<'_>) -> Result<Pushed, NotPushed> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let file = LogFile::of(&name).ok_or_else(|| NotPushed::Name(name.clone()))?;
    let key = LogKey::of(&log.folder, &name).ok_or_else(|| NotPushed::Name(name.clone()))?;
    let plain = read(path).await?;
    let ready = ready(key, file, plain).await?;
    let stores = kept(log, &ready, with).await;
    let flaw = ready.told.segment.and_then(|segment| segment.flaw);
    Pushed { name, stores, flaw }.decided()
}

impl Pushed {
    /// The stores that do not have it, and why.
    pub fn missing(&self) -> impl Iterator<Item = (&str, &NotTaken)> {
        self.stores.iter().filter_map(|(store, done)| Some((store.as_str(), done.as_ref().err()?)))
    }

    fn decided(self) -> Result<Pushed, NotPushed> {
        let told = |(store, why): (&str, &NotTaken)| format!("{store}: {why}");
        let is_other = |why: &NotTaken| matches!(why, NotTaken::OtherServer(_) | NotTaken::Log(LogError::Different(_)));
        let others: Vec<String> = self.missing().filter(|(_, why)| is_other(why)).map(told).collect();
        if !others.is_empty() {
            return Err(NotPushed::Different { name: self.name, why: others.join("; ") });
        }
        if self.stores.iter().all(|(_, done)| done.is_err()) {
            let why: Vec<String> = self.missing().map(told).collect();
            return Err(NotPushed::Nowhere { name: self.name, why: why.join("; ") });
        }
        Ok(self)
    }
}

async fn read(path: &Path) -> Result<Vec<u8>, NotPushed> {
    let unreadable = |why: String| NotPushed::Unreadable { path: path.to_owned(), why };
    let bytes = tokio::fs::read(path).await.map_err(|error| unreadable(with_causes(&error)))?;
    if bytes.len() as u64 > LARGEST { Err(unreadable("it is larger than any segment".to_owned())) } else { Ok(bytes) }
}

/// Packs it while it is looked at: both take as long as the other.
async fn ready(key: LogKey, file: LogFile, plain: Vec<u8>) -> Result<Ready, NotPushed> {
    let name = key.name().to_owned();
    let unfit = |why: String| NotPushed::Unfit { name: name.clone(), why };
    let plain = std::sync::Arc::new(plain);
    let (to_look, to_pack) = (plain.clone(), plain.clone());
    let looking = spawn_blocking(move || committed(file, &to_look).map(|segment| Told::of(&to_look, segment)));
    let packing = spawn_blocking(move || pack(&to_pack));
    let told = looking.await.map_err(|error| unfit(with_causes(&error)))?.map_err(unfit)?;
    let packed = packing.await.map_err(|error| unfit(with_causes(&error)))?;
    let packed = packed.and_then(|packed| told.behind(packed)).map_err(|error| unfit(with_causes(&error)))?;
    let plain = std::sync::Arc::try_unwrap(plain).unwrap_or_else(|shared| (*shared).clone());
    Ok(Ready { key, plain, packed, told })
}

/// What is in a segment; why it is none of this name. Damage that its server made is kept with what is before it: nobody
/// else has that.
fn committed(file: LogFile, plain: &[u8]) -> Result<Option<Committed>, String> {
    let name = match file {
        LogFile::Segment(name) => name,
        LogFile::Partial(_) | LogFile::History(_) | LogFile::Label(_) => return Ok(None),
    };
    let (segment, flaw) = match wal::read(plain) {
        Ok(segment) => (segment, None),
        Err(wal::Damage::At { so_far, at, why }) => (*so_far, Some(format!("it is damaged at {at}: {why}"))),
        Err(damage) => return Err(damage.to_string()),
    };
    if name.begins(segment.size) != Some(segment.start.0) {
        return Err(format!("it is the segment that begins at {}", segment.start));
    }
    if segment.timeline > name.timeline {
        return Err(format!("it is of the timeline {}", segment.timeline));
    }
    let wal::Segment { system, timeline, start, commits, first, last, .. } = segment;
    Ok(Some(Committed { system, timeline, start: start.0, commits, first, last, flaw }))
}

async fn kept(log: &LogOf<'_>, ready: &Ready, with: &Contact<'_>) -> Vec<(String, Result<Outcome, NotTaken>)> {
    let one = async |store: &Store| (store.name.clone(), keep(log, ready, store, with).await);
    let mut under_way: FuturesUnordered<_> = log.stores.iter().map(|store| one(store)).collect();
    let (mut done, mut until) = (Vec::new(), None::<Instant>);
    while !under_way.is_empty() {
        let patience = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            next = under_way.next() => {
                let Some((store, outcome)) = next else { break };
                until = until.or_else(|| outcome.is_ok().then(|| Instant::now() + GRACE));
                done.push((store, outcome));
            }
            () = patience => break,
            () = with.stop.cancelled() => break,
        }
    }
    drop(under_way);
    for store in &log.stores {
        if !done.iter().any(|(name, _)| *name == store.name) {
            let why = MediaError::new(&store.name, Trouble::Stalled, "it has not answered in time");
            done.push((store.name.clone(), Err(NotTaken::Log(why.into()))));
        }
    }
    done
}

async fn keep(log: &LogOf<'_>, ready: &Ready, store: &Store, with: &Contact<'_>) -> Result<Outcome, NotTaken> {
    let media = Media::open(store, with.secrets).await.map_err(LogError::from)?;
    let keys = keys(store, with).await.map_err(NotTaken::NoKey)?;
    if let Some(segment) = &ready.told.segment {
        let claimed = claim(&media, &log.folder, segment.system, keys.as_ref()).await;
        claimed.map_err(|why| match why {
            NotOurs::Media(error) => NotTaken::Log(error.into()),
            NotOurs::Log(error) => NotTaken::Log(error),
            NotOurs::Other { .. } => NotTaken::OtherServer(why.to_string()),
        })?;
    }
    let keeping = Keeping { key: &ready.key, plain: &ready.plain, packed: &ready.packed, told: &ready.told };
    Ok(keeping.put(store, &media, keys.as_ref()).await?)
}
