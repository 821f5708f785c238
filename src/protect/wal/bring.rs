//! What a store has missed of a log: brought from another that has it, from the oldest base on that is kept anywhere.

use std::collections::BTreeMap;

use std::time::Duration;

use super::LogOf;
use super::cluster::{NotOurs, claim};
use super::push::ready::Ready;
use crate::plan::Plan;
use crate::plan::types::{Job, Store, StoreKind};
use crate::protect::due::Outcome;
use crate::protect::operation::Telling;
use crate::protect::unlock::keys;
use crate::systems::Contact;
use crate::text::{Explain, Size, counted};
use crate::vault::log::{Log, LogFile, LogKey, Outcome as Put};
use crate::vault::window::oldest_base;
use crate::vault::{Cache, Catalogue, Keys, Media, Unseen, look};

/// How long a store may take to be looked through.
const PATIENCE: Duration = Duration::from_mins(1);

/// What came of it for one store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brought {
    /// The store.
    pub store: String,
    /// How many files it has got.
    pub files: usize,
    /// How many bytes those hold.
    pub bytes: u64,
    /// What it still lacks, and why.
    pub left: Vec<(String, String)>,
}

/// A store that is open.
struct Opened<'p> {
    store: &'p Store,
    media: Media,
    keys: Option<Keys>,
}

/// Brings to each of the chosen stores what it lacks of a log and another has; only those are told to which something was
/// to be brought.
pub async fn bring(
    log: &LogOf<'_>,
    chosen: impl Fn(&Store) -> bool,
    catalogue: &Catalogue,
    with: &Contact<'_>,
) -> Vec<Brought> {
    let logs: Vec<&Log> = catalogue.logs.iter().filter(|it| it.folder == log.folder).collect();
    let mut all: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let from = oldest_base(catalogue, &log.component.name);
    for lies in &logs {
        for name in lies.whole_since(from) {
            all.entry(name).or_default().push(&lies.store);
        }
    }
    let mut opened: Vec<Opened<'_>> = Vec::new();
    let mut brought = Vec::new();
    for store in log.everywhere().filter(|store| chosen(store)) {
        let lacks = || all.iter().filter(|(_, stores)| !stores.contains(&store.name.as_str()));
        if lacks().next().is_none() {
            continue;
        }
        let mut one = Brought { store: store.name.clone(), ..Brought::default() };
        for (name, sources) in lacks() {
            if with.stop.is_cancelled() {
                break;
            }
            match take(log, (name, sources), store, &mut opened, with).await {
                Ok((Put::Written, bytes)) => {
                    one.files += 1;
                    one.bytes += bytes;
                }
                Ok((Put::WasThere, _)) => {}
                Err(why) => one.left.push((name.clone(), why)),
            }
        }
        brought.push(one);
    }
    brought
}

/// Looks for what the stores of a log lack, and brings it.
pub async fn bring_missing(
    plan: &Plan,
    log: &LogOf<'_>,
    chosen: impl Fn(&Store) -> bool,
    cache: Option<&Cache>,
    with: &Contact<'_>,
) -> (Vec<Brought>, Vec<Unseen>) {
    // Bases may lie in other stores than the log.
    let (listings, mut unseen) = look(plan, |store| store.kind != StoreKind::Git, PATIENCE, with.secrets, cache).await;
    let catalogue = Catalogue::of(plan, listings);
    let brought = bring(log, chosen, &catalogue, with).await;
    unseen.retain(|unseen| log.everywhere().any(|store| store.name == unseen.store));
    (brought, unseen)
}

/// What a job does that keeps a log, when it is its turn: its server hands over what is new, and what a store has missed
/// is brought to it.
pub async fn of_job(plan: &Plan, job: &Job, telling: &Telling, with: &Contact<'_>) -> Outcome {
    let log = match LogOf::of(plan, job.of.as_deref()) {
        Ok(log) => log,
        Err(error) => return Outcome::failed(format!("{error}; {}", error.next_step())),
    };
    let is_its = |store: &Store| job.to.contains(&store.name);
    let (brought, unseen) = bring_missing(plan, &log, is_its, telling.cache().as_ref(), with).await;
    let unseen = unseen.iter().map(|unseen| format!("{} cannot be looked into: {}", unseen.store, unseen.why));
    let told: Vec<String> = brought.iter().map(Brought::told).chain(unseen).collect();
    let is_well = brought.iter().all(|one| one.left.is_empty());
    match told.as_slice() {
        _ if with.stop.is_cancelled() => Outcome::interrupted(told.join("; ")),
        [] => Outcome::nothing("each of its stores has what another has"),
        told if is_well && told.len() == brought.len() => Outcome::done(told.join("; ")),
        told => Outcome::failed(told.join("; ")),
    }
}

/// Takes one file from the first store that gives it whole.
async fn take<'p>(
    log: &LogOf<'p>,
    (name, sources): (&str, &[&str]),
    to: &'p Store,
    opened: &mut Vec<Opened<'p>>,
    with: &Contact<'_>,
) -> Result<(Put, u64), String> {
    let (Some(key), Some(file)) = (LogKey::of(&log.folder, name), LogFile::of(name)) else {
        return Err("no log has a file of this name".to_owned());
    };
    let mut trouble = Vec::new();
    for source in log.everywhere().filter(|store| sources.contains(&store.name.as_str())) {
        let read = async {
            let Opened { media, keys, .. } = open(source, opened, with).await?;
            let plain = key.fetch(media, keys.as_ref()).await.map_err(|error| error.to_string())?;
            let plain = plain.ok_or_else(|| "it is gone".to_owned())?;
            Ready::of(key.clone(), file, plain).await
        };
        match read.await {
            Ok(ready) => return put(log, &ready, to, opened, with).await,
            Err(why) => trouble.push(format!("{}: {why}", source.name)),
        }
    }
    Err(trouble.join("; "))
}

async fn put<'p>(
    log: &LogOf<'_>,
    ready: &Ready,
    to: &'p Store,
    opened: &mut Vec<Opened<'p>>,
    with: &Contact<'_>,
) -> Result<(Put, u64), String> {
    let Opened { store, media, keys } = open(to, opened, with).await?;
    if let Some(segment) = &ready.told.segment {
        let ours = segment.system;
        let theirs = claim(media, &log.folder, ours, keys.as_ref()).await.map_err(|why| why.to_string())?;
        if theirs != ours {
            return Err(NotOurs::Other { theirs, ours }.to_string());
        }
    }
    let put = ready.keeping().put(store, media, keys.as_ref()).await.map_err(|error| error.to_string())?;
    Ok((put, ready.packed.len() as u64))
}

/// A store, opened once.
async fn open<'p, 'o>(
    store: &'p Store,
    opened: &'o mut Vec<Opened<'p>>,
    with: &Contact<'_>,
) -> Result<&'o Opened<'p>, String> {
    let known = opened.iter().position(|known| known.store.name == store.name);
    if known.is_none() {
        let media = Media::open(store, with.secrets).await.map_err(|error| error.to_string())?;
        opened.push(Opened { store, media, keys: keys(store, with).await? });
    }
    Ok(&opened[known.unwrap_or(opened.len() - 1)])
}

impl Brought {
    /// The same in words: `12 files, 34 MB, brought to offsite; 1 is left: …`.
    pub fn told(&self) -> String {
        let files = counted(self.files, "file");
        let told = format!("{files} of the log, {}, brought to {}", Size(self.bytes).approx(), self.store);
        match self.left.as_slice() {
            [] => told,
            [(name, why)] => format!("{told}; {name} is left: {why}"),
            [(name, why), more @ ..] => format!("{told}; {name} and {} others are left: {why}", more.len()),
        }
    }
}
