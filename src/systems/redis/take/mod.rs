//! Taking what Redis holds: as a snapshot over the replication protocol, or as its append-only file.

mod aof;
mod files;
mod framing;
mod line;
mod manifest;
mod rewrites;
mod server;
mod settings;
mod standing;
mod sync;

pub use aof::append_only;
pub use manifest::Manifest;
pub use rewrites::{left as rewrites_left, setting_back};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::rdb::{self, Contents};
use crate::plan::types::{Component, Method};
use crate::systems::contact::Contact;
use crate::systems::probe::Subject;
use crate::systems::take::TakeError;
use crate::systems::tee::{proven, tee};
use crate::systems::trouble::shown;
use crate::vault::{Account, Keeper, Piece, Sort, recipe};
use server::Server;
use standing::{Standing, misfit};
use sync::Begun;

/// Takes a snapshot, then the users and the settings of the server.
pub async fn snapshot<K: Keeper>(subject: Subject<'_>, with: &Contact<'_>, into: &mut K) -> Result<Account, TakeError> {
    let component = subject.component;
    if component.redis.as_ref().is_some_and(|settings| settings.sentinel == Some(true)) {
        return Err(TakeError::not_offered(component, Some(Method::Snapshot)));
    }
    let own = Server::open(component, with).await?;
    if own.standing.is_cluster {
        return Err(TakeError::refused(
            component,
            "it is a node of a cluster: a snapshot of it would hold only its part of the data",
            "take the append-only file of each of the cluster's primaries: `method = \"aof\"`",
        ));
    }
    let mut left_out = Vec::new();
    let replicas = server::replicas(subject, &own, with).await;
    let is_alone = replicas.is_empty();
    let mut chosen = None;
    for replica in replicas {
        match sync::begin(replica.component, with).await {
            Ok(begun) => {
                chosen = Some((replica, begun));
                break;
            }
            Err(error @ TakeError::CalledOff { .. }) => return Err(error),
            Err(error) => left_out.push(format!("the replica {} gave no snapshot: {error}", replica.component.name)),
        }
    }
    let (server, begun) = if let Some(chosen) = chosen {
        chosen
    } else {
        let begun = sync::begin(component, with).await?;
        (own, begun)
    };
    let mut account = keep(component, server, begun, with, into).await?;
    account.left_out.splice(0..0, left_out);
    if is_alone && component.redis.as_ref().is_some_and(|settings| !settings.replicas.is_empty()) {
        account.left_out.push("no replica of the plan is up to date: the primary had to make the snapshot".to_owned());
    }
    settings::take(component, with, into, &mut account).await?;
    Ok(account)
}

/// What the check of a snapshot leaves for the account.
#[derive(Default)]
struct Found {
    contents: Contents,
    after: Option<Standing>,
}

async fn keep<K: Keeper>(
    component: &Component,
    server: Server<'_>,
    begun: Begun,
    with: &Contact<'_>,
    into: &mut K,
) -> Result<Account, TakeError> {
    let (at, place) = (begun.at, begun.place.clone());
    let name = component.name.clone();
    let flawed = name.clone();
    let source = begun.into_source(server.component, with);
    let (source, told) = tee(source, move |tap| rdb::read(tap).map_err(|damage| TakeError::flawed(&flawed, damage)));
    let found = Arc::new(Mutex::new(Found::default()));
    let (before, clock) = (server.standing, server.clock);
    let mut asked = (server.component.clone(), server.session);
    let proof = {
        let (found, before) = (Arc::clone(&found), before.clone());
        async move {
            let contents = told.await.map_err(|_| TakeError::flawed(&name, "it did not come to its end"))?;
            // A server that has gone since has handed over all that was asked of it.
            let after = Standing::ask(&asked.0, &mut asked.1).await.ok();
            if let Some(why) = after.as_ref().and_then(|after| misfit(&contents, &before, after)) {
                return Err(TakeError::flawed(&name, why));
            }
            *found.lock().unwrap_or_else(PoisonError::into_inner) = Found { contents, after };
            Ok(())
        }
    };
    let piece = Piece {
        sort: Sort::Snapshot,
        format: "rdb",
        is_packed: false,
        is_secret: false,
        restore: recipe::SNAPSHOT.into(),
    };
    let kept = into.keep(piece, proven(source, proof)).await;
    kept.map_err(|error| TakeError::not_kept(component, "snapshot", error))?;
    let Found { contents, after } = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    // A server may let us join a snapshot that it had begun before.
    let made = contents.about.get("ctime").and_then(|seconds| seconds.parse().ok());
    let made = made.and_then(|seconds| clock.ours(seconds));
    let as_of = made.map_or(at, |made| made.min(at));
    let mut account = Account {
        system: before.identity.clone().unwrap_or_else(|| "Redis".to_owned()),
        identity: place.as_ref().map(|(id, _)| id.clone()).or(before.history.clone()),
        as_of: Some(as_of),
        about: before.about.clone(),
        counts: counts(&contents),
        ..Account::default()
    };
    account.about.extend(told_of(component, server.component, &before, &contents, place.map(|(_, offset)| offset)));
    account.left_out.extend(unproven(&before, after.as_ref(), &contents));
    Ok(account)
}

fn counts(contents: &Contents) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for (database, keys) in &contents.databases {
        counts.insert(format!("db{database}"), keys.all);
        counts.insert(format!("db{database} expiring"), keys.expiring);
    }
    counts.insert("keys".to_owned(), contents.keys());
    counts.insert("functions".to_owned(), contents.functions);
    counts
}

fn told_of(
    component: &Component,
    source: &Component,
    standing: &Standing,
    contents: &Contents,
    offset: Option<u64>,
) -> Vec<(String, String)> {
    let role = if source.name != component.name || standing.is_replica { "replica" } else { "primary" };
    let address = source.address.as_deref().map(shown).unwrap_or_default();
    let mut told = vec![
        ("taken_of".to_owned(), format!("the {role} {} at {address}", source.name)),
        ("rdb_version".to_owned(), contents.version.to_string()),
    ];
    told.extend(standing.run_id.clone().map(|id| ("run_id".to_owned(), id)));
    told.extend(offset.map(|offset| ("replication_offset".to_owned(), offset.to_string())));
    told
}

/// What could not be proven of it.
fn unproven(before: &Standing, after: Option<&Standing>, contents: &Contents) -> Vec<String> {
    let mut told = Vec::new();
    if !contents.is_summed {
        told.push("the server writes no checksum (`rdbchecksum no`): only the structure was checked".to_owned());
    }
    if !before.is_told {
        told.push("the login may not ask INFO: whether all keys came was not compared with the server".to_owned());
    } else if after.is_none_or(|after| after.run_id != before.run_id) {
        told.push("the server was gone afterwards: whether all keys came was not compared with it".to_owned());
    }
    told
}
