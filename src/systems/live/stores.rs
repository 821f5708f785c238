//! Whether every store is there: a folder that can be written to, a bucket that lets us in.

use futures_util::future::join_all;

use super::{asks, finding, path};
use crate::plan::types::{Store, StoreKind};
use crate::plan::{Finding, Loaded, Plan};
use crate::reach::Reach;
use crate::systems::contact::{Contact, ContactError};
use crate::systems::s3::{self, Bucket};
use crate::text::Explain;

/// What became of looking at a store.
enum Look {
    There,
    /// The key of the plan that is wrong, what is wrong, and what to do.
    Wrong(&'static str, String, String),
    /// Why it cannot be looked at.
    Not(&'static str),
}

/// What is wrong with the stores, and which of them could not be looked at.
pub(super) async fn stores(loaded: &Loaded, plan: &Plan, with: &Contact<'_>) -> (Vec<Finding>, Vec<(String, String)>) {
    let (mut findings, mut not) = (Vec::new(), Vec::new());
    for (store, outcome) in plan.store.iter().zip(join_all(plan.store.iter().map(|store| look(store, with))).await) {
        match outcome {
            Look::There => {}
            Look::Not(why) => not.push((store.name.clone(), why.to_owned())),
            Look::Wrong(key, why, next) => findings.push(
                finding(
                    loaded,
                    &path("store", &store.name, key, loaded),
                    "live-store",
                    format!("{}: {why}", store.name),
                )
                .because("the next backup fails, and the last one cannot be read")
                .mend(next),
            ),
        }
    }
    (findings, not)
}

async fn look(store: &Store, with: &Contact<'_>) -> Look {
    if let Some(bucket) = Bucket::of_store(store) {
        return match s3::contact(&bucket, None, with).await {
            // What is wrong with a secret is told at the secret itself.
            Ok(_) | Err(ContactError::Secret(_)) => Look::There,
            Err(error) => Look::Wrong("bucket", error.to_string(), error.next_step()),
        };
    }
    match store.kind {
        StoreKind::S3 => Look::Not("the plan gives it no bucket"),
        StoreKind::Archive if store.path.is_none() => Look::Not("a vault can only be asked through its own service"),
        StoreKind::Git if store.path.is_none() => Look::Not("the plan gives it no path"),
        StoreKind::Directory | StoreKind::Archive | StoreKind::Git => match writable(store, with).await {
            Ok(()) => Look::There,
            Err(why) => {
                let next = "make or mount the folder there, and let the user who runs the backups write to it";
                Look::Wrong("path", why, next.to_owned())
            }
        },
    }
}

async fn writable(store: &Store, with: &Contact<'_>) -> Result<(), String> {
    let folder = store.path.as_ref().ok_or("the plan gives it no path")?;
    let reach =
        Reach::open(&store.reach.clone().unwrap_or_default(), with.reach).await.map_err(|error| error.to_string())?;
    let test = asks("test", with).arg("-d").arg(folder).args(["-a", "-w"]).arg(folder);
    let output = reach.run(test).await.map_err(|error| error.to_string())?;
    if output.is_ok() { Ok(()) } else { Err(format!("{} is no folder that can be written to", folder.display())) }
}
