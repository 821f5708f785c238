//! Looks at the stores once, for whoever prints what lies there and ends.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::jobs::{open, seen};
use super::looking::{cache, is_looked_at};
use super::{JobSeen, Shelf};
use crate::plan::Plan;
use crate::protect::hold;
use crate::vault::look;
use crate::watch::Means;

/// How long a store may take to be looked at.
const PATIENCE: Duration = Duration::from_secs(10);

/// What lies in the stores now, how the jobs stand and who holds; each as far as it answers in time.
pub async fn once(plan: &Arc<Plan>, means: &Arc<Means>, state: Option<PathBuf>) -> Shelf {
    let cache = cache(means, state.as_deref());
    let secrets = means.contact().secrets;
    let listed = look(plan, is_looked_at, PATIENCE, secrets, cache.as_ref());
    let held = timeout(PATIENCE, async { hold::Watch::open(plan, secrets).await.seen().await });
    let ((listings, unseen), held, jobs) = tokio::join!(listed, held, jobs(plan, means, state));
    Shelf::of(plan, listings, unseen, means.clock().now()).with(plan, jobs, held.unwrap_or_default())
}

/// How the jobs stand; nothing where that is not known in time.
async fn jobs(plan: &Arc<Plan>, means: &Arc<Means>, state: Option<PathBuf>) -> Vec<JobSeen> {
    let Some(state) = state else { return Vec::new() };
    let (plan, means) = (Arc::clone(plan), Arc::clone(means));
    let booked = spawn_blocking(move || {
        let books = Handle::current().block_on(open(&plan, &state, means.contact().secrets));
        seen(&plan, &books, means.clock().now())
    });
    timeout(PATIENCE, booked).await.ok().and_then(Result::ok).unwrap_or_default()
}
