//! Holds in every store of a plan: one anywhere stops everything that throws away, and so does a store that nobody can
//! look into.

use std::time::Duration;

use futures_util::future::join_all;

use crate::plan::types::{Plan, Store, StoreKind};
use crate::reach::Secrets;
use crate::text::{Shape, untrusted};
use crate::vault::{Hold, Media, MediaError};

/// How long a store may take; a network drive may hang.
pub const PATIENCE: Duration = Duration::from_secs(15);

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
                let why = if hold.why.is_empty() { String::new() } else { format!(": {}", hold.why) };
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

/// Looks into all of them at once.
pub async fn seen(plan: &Plan, secrets: &Secrets) -> Vec<(String, Seen)> {
    let look = async |media: Media| Hold::read(&media).await;
    each(plan, secrets, look).await.into_iter().map(|(store, read)| (store, Seen::of(read))).collect()
}

/// Looks into one.
pub async fn seen_in(store: &Store, secrets: &Secrets) -> Seen {
    if !can(store) {
        return Seen::Free;
    }
    Seen::of(in_time(store, secrets, &async |media: Media| Hold::read(&media).await).await)
}

/// Why nothing may be thrown away anywhere; nothing where nobody minds.
pub async fn stop(plan: &Plan, secrets: &Secrets) -> Option<String> {
    seen(plan, secrets).await.iter().find_map(|(store, seen)| seen.stops(store))
}

/// Puts a hold into every store that takes it; of each, whether there was none before, or why it has none.
pub async fn put(plan: &Plan, hold: &Hold, secrets: &Secrets) -> Vec<(String, Result<bool, String>)> {
    each(plan, secrets, async |media: Media| hold.put(&media).await).await
}

/// Takes it out of every store; of each, whether there was one, or why it is still there.
pub async fn release(plan: &Plan, secrets: &Secrets) -> Vec<(String, Result<bool, String>)> {
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
    let told = |error: MediaError| untrusted(error.to_string(), Shape::line(300));
    done.map_or_else(|_| Err("it does not answer".to_owned()), |done| done.map_err(told))
}
