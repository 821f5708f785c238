//! Reads what one would restore from, to its end, as what it claims to be.

use std::time::Duration;

use futures_util::{Stream, StreamExt, stream};

use crate::plan::Plan;
use crate::plan::types::Store;
use crate::reach::Reach;
use crate::systems::artefact::{Look, look_through};
use crate::text::Clock;
use crate::vault::{Copied, Holding, Point, Sort, open};

/// So many files are read at once.
const AT_ONCE: usize = 2;

/// One file, and what became of reading it.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    /// The recovery point that it is part of.
    pub point: &'a Point,
    /// The store that it lies in.
    pub store: &'a str,
    /// The file.
    pub file: &'a Holding,
    /// What it claims to be.
    pub sort: Sort,
    /// What became of it.
    pub look: Look,
    /// How long that took.
    pub took: Duration,
}

/// Reads every file of every copy of these recovery points, and tells of each in their order.
pub fn verify<'a>(
    plan: &'a Plan,
    points: &'a [&'a Point],
    here: &'a Reach,
    clock: &'a dyn Clock,
) -> impl Stream<Item = Verified<'a>> {
    let files = points.iter().flat_map(|point| point.copies.iter().map(move |copied| (*point, copied)));
    let files = files.flat_map(|(point, copied)| copied.artefacts.iter().map(move |file| (point, copied, file)));
    stream::iter(files)
        .map(move |(point, copied, (sort, file))| one(plan, (point, copied), (*sort, file), here, clock))
        .buffered(AT_ONCE)
}

async fn one<'a>(
    plan: &Plan,
    (point, copied): (&'a Point, &'a Copied),
    (sort, file): (Sort, &'a Holding),
    here: &Reach,
    clock: &dyn Clock,
) -> Verified<'a> {
    let begun = clock.since_boot();
    let store = plan.store.iter().find(|store| store.name == copied.store);
    let look = look(store, sort, &file.key, here).await;
    Verified { point, store: &copied.store, file, sort, look, took: clock.since_boot().saturating_sub(begun) }
}

async fn look(store: Option<&Store>, sort: Sort, key: &str, here: &Reach) -> Look {
    let Some(store) = store else { return Look::NotLooked("the plan has no such store".to_owned()) };
    match open(store, key) {
        Ok(file) => look_through(sort, key, file, here).await,
        Err(why) => Look::NotLooked(why.to_string()),
    }
}
