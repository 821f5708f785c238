//! A database as a dump: in the custom format, which parallel restore reads as it lies, or as SQL for everybody.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use tokio::sync::oneshot;

use super::program::Programs;
use super::restore::read_dump;
use super::snapshot::Snapshot;
use super::stream::{output_of, twice};
use super::{custom, open, roles};
use crate::plan::types::Component;
use crate::reach::Reach;
use crate::systems::contact::Contact;
use crate::systems::postgres::rows::{RowCounter, compare};
use crate::systems::take::TakeError;
use crate::systems::tee::{proven, tee};
use crate::vault::{Account, Keeper, Piece, Sort, Source, recipe};

/// From this version on both ends know zstd.
const KNOWS_ZSTD: u32 = 16;
/// How long a table may be locked by somebody else before the dump is given up.
const LOCKED: &str = "--lock-wait-timeout=60s";

/// The rows of each table.
type Rows = BTreeMap<String, u64>;

/// Takes a dump in custom format, packed inside.
pub async fn dump<K: Keeper>(
    component: &Component,
    with: &Contact<'_>,
    at: &Reach,
    into: &mut K,
) -> Result<Account, TakeError> {
    let (snapshot, programs, command) = open("pg_dump", component, with, at).await?;
    let packing = if snapshot.major >= KNOWS_ZSTD && programs.major >= KNOWS_ZSTD { "zstd:1" } else { "1" };
    let command =
        command.args(["--format=custom", LOCKED]).args([format!("--compress={packing}"), snapshot_of(&snapshot)]);
    let source = output_of(command, at).await?;
    let (source, rows) = read_on_its_way(source, &programs, component, (with, at)).await;
    let piece =
        Piece { sort: Sort::Dump, format: "dump", is_packed: true, is_secret: false, restore: recipe::DUMP.into() };
    let counts = keep(component, &snapshot, piece, source, rows, into).await?;
    let left_out = roles::keep(component, &snapshot, &programs, with, at, into).await?;
    let mut account = snapshot.account(counts);
    account.left_out.extend(left_out);
    Ok(account)
}

/// Takes a dump as SQL.
pub async fn sql<K: Keeper>(
    component: &Component,
    with: &Contact<'_>,
    at: &Reach,
    into: &mut K,
) -> Result<Account, TakeError> {
    let (snapshot, programs, command) = open("pg_dump", component, with, at).await?;
    let command = command.args(["--format=plain", "--create", LOCKED]).arg(snapshot_of(&snapshot));
    let piece =
        Piece { sort: Sort::Sql, format: "sql", is_packed: false, is_secret: false, restore: recipe::SQL.into() };
    let (source, rows) = counted(output_of(command, at).await?, &component.name);
    let counts = keep(component, &snapshot, piece, source, rows, into).await?;
    let left_out = roles::keep(component, &snapshot, &programs, with, at, into).await?;
    let mut account = snapshot.account(counts);
    account.left_out.extend(left_out);
    Ok(account)
}

/// What reads a dump back, and where: here, where its bytes come by, if a program that knows its version is here; else
/// where it is taken.
async fn reader(component: &Component, programs: &Programs, with: &Contact<'_>, at: &Reach) -> (String, Reach) {
    let here = Reach::here(with.secrets.redactor());
    let found = if at.is_here() { None } else { Programs::find(component, programs.major, &here).await.ok() };
    match found {
        Some(found) => (found.path("pg_restore"), here),
        None => (programs.path("pg_restore"), at.clone()),
    }
}

fn snapshot_of(snapshot: &Snapshot) -> String {
    format!("--snapshot={}", snapshot.id)
}

/// Keeps what comes, while the rows of the same moment are counted; the two must agree before it is whole.
async fn keep<K: Keeper>(
    component: &Component,
    snapshot: &Snapshot,
    piece: Piece,
    source: Source,
    dumped: oneshot::Receiver<Rows>,
    into: &mut K,
) -> Result<Rows, TakeError> {
    let kept = async { into.keep(piece, source).await.map_err(|error| TakeError::not_kept(component, "dump", error)) };
    let (kept, counted) = tokio::join!(kept, snapshot.count(component));
    let counted = match (kept, counted) {
        // What is not let count ends the moment that is dumped, and that is all that the program says of it.
        (Err(_), Err(refused @ TakeError::Refused { .. })) => return Err(refused),
        (kept, counted) => kept.and(counted)?,
    };
    let dumped = dumped.await.unwrap_or_default();
    match compare(&dumped, &counted) {
        Ok(()) => Ok(counted),
        Err(why) => Err(TakeError::flawed(&component.name, why)),
    }
}

/// The same dump, which ends well only when all of it could be read, and the rows that were found in it.
async fn read_on_its_way(
    source: Source,
    programs: &Programs,
    component: &Component,
    (with, at): (&Contact<'_>, &Reach),
) -> (Source, oneshot::Receiver<Rows>) {
    let name = component.name.clone();
    if custom::KNOWN.contains(&programs.major) {
        return tee(source, move |dump| custom::read(dump).map_err(|error| TakeError::flawed(&name, error)));
    }
    let (source, again) = twice(source);
    let (program, place) = reader(component, programs, with, at).await;
    after(source, read_dump(again, program, place, name))
}

/// The same bytes, which end well only when somebody else has read them too, and what that one found.
fn after(
    source: Source,
    reading: impl Future<Output = Result<Rows, TakeError>> + Send + 'static,
) -> (Source, oneshot::Receiver<Rows>) {
    let (tell, told) = oneshot::channel();
    let reading = tokio::spawn(reading);
    let reading = tokio_util::task::AbortOnDropHandle::new(reading);
    let proof = async move {
        let rows = reading.await.map_err(TakeError::ours)??;
        // Who asked may have gone.
        let _ = tell.send(rows);
        Ok(())
    };
    (proven(source, proof), told)
}

/// The same bytes, whose rows are counted as they go by.
fn counted(source: Source, name: &str) -> (Source, oneshot::Receiver<Rows>) {
    let (tell, told) = oneshot::channel();
    let counter = std::sync::Arc::new(std::sync::Mutex::new(RowCounter::default()));
    let (adding, name) = (std::sync::Arc::clone(&counter), name.to_owned());
    let passed = source.inspect(move |piece| {
        if let (Ok(bytes), Ok(mut counter)) = (piece, adding.lock()) {
            counter.add(bytes);
        }
    });
    let proof = async move {
        let counter = counter.lock().map(|mut counter| std::mem::take(&mut *counter)).map_err(TakeError::ours)?;
        let _ = tell.send(counter.end().map_err(|why| TakeError::flawed(&name, why))?);
        Ok(())
    };
    (proven(Box::pin(passed), proof), told)
}
