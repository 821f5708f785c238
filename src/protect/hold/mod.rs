//! Holds in every store of a plan: one anywhere stops everything that throws away, and so does a store that nobody can
//! look into.

mod act;

use std::time::Duration;

use futures_util::future::join_all;

use crate::plan::types::{Plan, Store, StoreKind};
use crate::reach::Secrets;
use crate::text::{Shape, untrusted};
use crate::vault::{Hold, Media, MediaError};

pub use act::{Act, Acted, act};

/// How long a store may take; a network drive may hang.
const PATIENCE: Duration = Duration::from_secs(15);
const SILENT: &str = "it does not answer";

/// What was seen of holds in a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// There is none.
    Free,
    /// There is one.
    Held(Hold),
    /// It could not be looked at, for this reason: there may be one.
    Unseen(String),
}

impl Seen {
    fn of(read: Result<Option<Hold>, String>) -> Seen {
        match read {
            Ok(None) => Seen::Free,
            Ok(Some(hold)) => Seen::Held(hold),
            Err(why) => Seen::Unseen(why),
        }
    }

    /// Why nothing may be thrown away, where that is so.
    pub fn stops(&self, store: &str) -> Option<String> {
        match self {
            Seen::Free => None,
            Seen::Held(hold) => {
                let why = hold.because();
                let day = hold.since.format("%Y-%m-%d %H:%M UTC");
                Some(format!("{} holds everything since {day} (in {store}){why}", hold.by))
            }
            Seen::Unseen(why) => Some(format!("{store} cannot be looked into, so that it may hold everything: {why}")),
        }
    }
}

/// Whether a store takes files at all, and so a hold: what git keeps, and vaults without a bucket or a folder, do not.
pub fn can(store: &Store) -> bool {
    match store.kind {
        StoreKind::Directory | StoreKind::S3 => true,
        StoreKind::Archive => store.bucket.is_some() || store.path.is_some(),
        StoreKind::Git => false,
    }
}

/// The stores of a plan, opened once to be asked again and again whether somebody holds.
pub struct Watch(Vec<(String, Result<Media, String>)>);

impl Watch {
    /// Opens them all.
    pub async fn open(plan: &Plan, secrets: &Secrets) -> Watch {
        Watch(each(plan, secrets, async |media: Media| Ok(media)).await)
    }

    /// The way to one of them.
    pub fn media(&self, store: &str) -> Result<Media, String> {
        let known = self.0.iter().find(|(name, _)| name == store);
        known.map_or_else(|| Err("the plan has no such store".to_owned()), |(_, media)| media.clone())
    }

    /// Looks into all of them at once.
    pub async fn seen(&self) -> Vec<(String, Seen)> {
        let look = async |(store, media): &(String, Result<Media, String>)| {
            let read = async { Hold::read(media.as_ref().map_err(Clone::clone)?).await.map_err(|error| told(&error)) };
            let read = tokio::time::timeout(PATIENCE, read).await.unwrap_or_else(|_| Err(SILENT.to_owned()));
            (store.clone(), Seen::of(read))
        };
        join_all(self.0.iter().map(look)).await
    }

    /// Why nothing may be thrown away anywhere; nothing where nobody minds. A hold is told with every store it lies in.
    pub async fn stop(&self) -> Option<String> {
        let seen = self.seen().await;
        let is_held = |(_, seen): &&(String, Seen)| matches!(seen, Seen::Held(_));
        let (_, first) = seen.iter().find(is_held).or_else(|| seen.iter().find(|(_, seen)| *seen != Seen::Free))?;
        let alike: Vec<&str> = seen.iter().filter(|(_, it)| it == first).map(|(store, _)| store.as_str()).collect();
        first.stops(&alike.join(", "))
    }
}

/// Looks into one.
pub async fn seen_in(store: &Store, secrets: &Secrets) -> Seen {
    if !can(store) {
        return Seen::Free;
    }
    Seen::of(in_time(store, secrets, &async |media: Media| Hold::read(&media).await).await)
}

/// Puts a hold into every store that takes it; of each, which was there before and stays, or why it has none.
pub async fn put(plan: &Plan, hold: &Hold, secrets: &Secrets) -> Vec<(String, Result<Option<Hold>, String>)> {
    each(plan, secrets, async |media: Media| hold.put(&media).await).await
}

/// Takes it out of every store; of each, which it was, or why it is still there.
pub async fn release(plan: &Plan, secrets: &Secrets) -> Vec<(String, Result<Option<Hold>, String>)> {
    each(plan, secrets, async |media: Media| Hold::release(&media).await).await
}

async fn each<T>(
    plan: &Plan,
    secrets: &Secrets,
    work: impl AsyncFn(Media) -> Result<T, MediaError>,
) -> Vec<(String, Result<T, String>)> {
    let one = async |store: &Store| (store.name.clone(), in_time(store, secrets, &work).await);
    join_all(plan.store.iter().filter(|store| can(store)).map(one)).await
}

async fn in_time<T>(
    store: &Store,
    secrets: &Secrets,
    work: &impl AsyncFn(Media) -> Result<T, MediaError>,
) -> Result<T, String> {
    let done = async { work(Media::open(store, secrets).await?).await };
    let done = tokio::time::timeout(PATIENCE, done).await;
    done.map_or_else(|_| Err(SILENT.to_owned()), |done| done.map_err(|error| told(&error)))
}

fn told(error: &MediaError) -> String {
    untrusted(error.to_string(), Shape::line(300))
}
