//! The stores of a log, each opened once for all that is handed over together.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::ready::Ready;
use super::{NotTaken, away::Away};
use crate::plan::types::Store;
use crate::protect::unlock::keys;
use crate::protect::wal::LogOf;
use crate::protect::wal::cluster::{NotOurs, claim};
use crate::systems::Contact;
use crate::vault::log::{LogError, Outcome};
use crate::vault::{Keys, Media, MediaError, Trouble};

/// Once one store has it, the others may take so much longer: the server waits. What they miss is told.
const GRACE: Duration = Duration::from_secs(10);

/// What one store did with a file.
pub(super) type Done = (String, Result<Outcome, NotTaken>);

/// The stores of a log.
pub(super) struct Shelves<'a> {
    folder: &'a str,
    all: Vec<Shelf<'a>>,
    with: &'a Contact<'a>,
}

struct Shelf<'a> {
    store: &'a Store,
    opened: OnceCell<(Media, Option<Keys>)>,
    /// Whose log lies there.
    system: OnceCell<u64>,
    /// What it said lately, when it was asked for nothing.
    away: Option<String>,
}

impl<'a> Shelves<'a> {
    /// Those of a log. Where others are there, one that was silent lately is left alone for a while.
    pub(super) fn of(log: &'a LogOf<'_>, away: Option<&Away>, with: &'a Contact<'a>) -> Shelves<'a> {
        let shelf = |store: &'a Store| Shelf {
            store,
            opened: OnceCell::new(),
            system: OnceCell::new(),
            away: away.and_then(|away| away.why(&store.name, with.clock.now())),
        };
        let mut shelves: Vec<Shelf<'a>> = log.stores.iter().map(|store| shelf(store)).collect();
        if shelves.iter().all(|shelf| shelf.away.is_some()) {
            for shelf in &mut shelves {
                shelf.away = None;
            }
        }
        Shelves { folder: &log.folder, all: shelves, with }
    }

    /// Keeps a file in each; done when one has it on its disk, and the others had their time.
    pub(super) async fn keep(&self, ready: &Ready) -> Vec<Done> {
        let one = async |shelf: &Shelf<'_>| (shelf.store.name.clone(), self.put(shelf, ready).await);
        let mut under_way: FuturesUnordered<_> = self.all.iter().map(one).collect();
        let (mut done, mut until) = (Vec::<Done>::new(), None::<Instant>);
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
                () = self.with.stop.cancelled() => break,
            }
        }
        drop(under_way);
        for Shelf { store, .. } in &self.all {
            if !done.iter().any(|(name, _)| *name == store.name) {
                let why = MediaError::new(&store.name, Trouble::Stalled, "it has not answered in time");
                done.push((store.name.clone(), Err(NotTaken::Log(why.into()))));
            }
        }
        done
    }

    async fn put(&self, shelf: &Shelf<'_>, ready: &Ready) -> Result<Outcome, NotTaken> {
        if let Some(why) = &shelf.away {
            return Err(NotTaken::Away(why.clone()));
        }
        let (media, keys) = shelf.opened.get_or_try_init(|| self.open(shelf.store)).await?;
        if let Some(segment) = &ready.told.segment {
            let ours = segment.system;
            let claimed = async || claim(media, self.folder, ours, keys.as_ref()).await;
            let theirs = *shelf.system.get_or_try_init(claimed).await?;
            if theirs != ours {
                return Err(NotOurs::Other { theirs, ours }.into());
            }
        }
        Ok(ready.keeping().put(shelf.store, media, keys.as_ref()).await?)
    }

    async fn open(&self, store: &Store) -> Result<(Media, Option<Keys>), NotTaken> {
        let media = Media::open(store, self.with.secrets).await.map_err(LogError::from)?;
        let keys = keys(store, self.with).await.map_err(NotTaken::NoKey)?;
        Ok((media, keys))
    }
}
