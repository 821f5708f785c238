//! Whether every store is there and takes what is written: each is tried, and nothing stays behind.

use futures_util::future::join_all;

use super::writing::try_to_write;
use super::{asks, finding, path};
use crate::plan::types::{Store, StoreKind};
use crate::plan::{Finding, Loaded, Plan};
use crate::reach::mounts::unmounted;
use crate::reach::{Reach, quote, quote_all};
use crate::systems::contact::Contact;
use crate::systems::s3::{self, Bucket, Takes};
use crate::systems::trouble::ContactError;
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
        return match s3::takes(&bucket, with).await {
            Ok(Takes::Proven) => Look::There,
            Ok(Takes::Unknown(why)) => Look::Not(why),
            // What is wrong with a secret is told at the secret itself.
            Err(ContactError::Secret(_)) => Look::Not("a secret of it cannot be had"),
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
                let next = next(store, &why);
                Look::Wrong("path", why, next)
            }
        },
    }
}

/// Something is written there, never seen, and gone at once.
const TRY: &str = "f=$(mktemp \"$1/.lifeboat-doctor-XXXXXX\") || exit; trap 'rm -f \"$f\"' EXIT HUP INT TERM; \
    dd if=/dev/zero of=\"$f\" bs=4096 count=1 conv=fsync";

async fn writable(store: &Store, with: &Contact<'_>) -> Result<(), String> {
    let folder = store.path.as_ref().ok_or("the plan gives it no path")?;
    let failed = |why: &str| format!("{} takes nothing: {why}", folder.display());
    let place = store.reach.clone().unwrap_or_default();
    if place.is_here() {
        if let Some(point) = unmounted(folder, store.mount.as_deref()) {
            return Err(failed(&format!("nothing is mounted at {}, which it lies on", point.display())));
        }
        let path = folder.clone();
        let tried = tokio::task::spawn_blocking(move || try_to_write(&path));
        // A network file system that is gone holds whoever writes there.
        let tried = tokio::time::timeout(with.reach.connect * 2, tried).await;
        let tried = tried.map_err(|_| failed("it does not answer; its file system may hang"))?;
        return tried.map_err(|error| failed(&error.to_string()))?.map_err(|error| failed(&error.to_string()));
    }
    let reach = Reach::open(&place, with.reach).await.map_err(|error| error.to_string())?;
    let script = asks("sh", with).args(["-c", TRY, "lifeboat"]).arg(folder);
    let output = reach.run(script).await.map_err(|error| error.to_string())?;
    let said = output.stderr.shown(&with.reach.redactor, 200);
    if output.is_ok() { Ok(()) } else { Err(failed(said.lines().next().unwrap_or_default())) }
}

/// What makes the folder, or lets us in there and takes it from nobody.
fn next(store: &Store, why: &str) -> String {
    let Some(path) = &store.path else { return "give it a path".to_owned() };
    let folder = String::from_utf8_lossy(&quote(path)).into_owned();
    let does = |kind: &str| why.contains(kind);
    let command = if does("No such file") {
        format!("sudo install -d -o \"$(id -un)\" {folder}")
    } else if does("ermission denied") {
        format!("sudo setfacl -m \"u:$(id -un):rwx\" {folder}")
    } else if does("No space") {
        return format!("Check what fills it: df -h {folder}");
    } else {
        return format!("Check where it lies and how: findmnt -T {folder}");
    };
    // A new folder where a disk should be hides that all is away.
    let before =
        if does("No such file") { "Mount its disk, if it has one of its own. If the store is new: " } else { "" };
    let host = store.reach.as_ref().and_then(|place| place.ssh.as_deref());
    before.to_owned()
        + &host.map_or_else(
            || command.clone(),
            |host| String::from_utf8_lossy(&quote_all(["ssh", "-t", host, &command])).into_owned(),
        )
}
