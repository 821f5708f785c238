//! A snapshot that Elasticsearch makes into a repository of its own. What is kept is where it lies and what is in it;
//! what is not kept is deleted there again.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::search::{PATIENCE, Search};
use crate::reach::random_digits;
use crate::systems::contact::Contact;
use crate::systems::deposit::Left;
use crate::systems::http::Page;
use crate::systems::monitoring::snapshots::{OURS, Snapshots, causes, path, reason};
use crate::systems::take::TakeError;
use crate::systems::tee::of_bytes;
use crate::text::{Shape, untrusted};
use crate::vault::{Account, Deposit, Keeper, Piece, Sort, recipe};

/// How often is asked whether it is done: soon at first, rarely later.
const SOON: Duration = Duration::from_millis(250);
const RARELY: Duration = Duration::from_secs(15);
/// So often in a row it may not answer before that is its end: nodes restart.
const PATIENT: u32 = 5;

/// Why there is no snapshot to speak of, and whether something of it may be there all the same.
struct NotMade {
    error: TakeError,
    may_be_there: bool,
}

impl From<TakeError> for NotMade {
    fn from(error: TakeError) -> NotMade {
        NotMade { error, may_be_there: true }
    }
}

/// Has one made, waits until it is whole, and keeps the description.
pub async fn take<K: Keeper>(
    search: &Search,
    repository: &str,
    indexes: &[String],
    with: &Contact<'_>,
    into: &mut K,
) -> Result<Account, TakeError> {
    // Whoever begins in the same second must not have its name: what is deleted must be nobody else's.
    let name = format!("{OURS}{}-{}", with.clock.now().format("%Y%m%d-%H%M%S"), &random_digits()[..8]);
    let deposit = Deposit { repository: repository.to_owned(), name, id: None };
    let account = search.account(with);
    let made = async {
        let snapshot = tokio::select! {
            made = made(search, &deposit, indexes) => made?,
            // What nobody waits for need not go on.
            () = with.stop.cancelled() => Err(TakeError::CalledOff { component: search.component.name.clone() })?,
        };
        Ok::<_, NotMade>(kept(search, &deposit, &snapshot, account, into).await?)
    };
    match made.await {
        Ok(account) => Ok(account),
        Err(NotMade { error, may_be_there: false }) => Err(error),
        Err(NotMade { error, .. }) => Err(given_up(search, &deposit, error).await),
    }
}

/// Begins it, and waits for its end.
async fn made(search: &Search, deposit: &Deposit, indexes: &[String]) -> Result<Value, NotMade> {
    let nothing = |error| NotMade { error, may_be_there: false };
    let wrong = |why| TakeError::plan(&search.component, why, "write its name as `snapshot_repository`");
    let [first, repository, name] = path(deposit).map_err(|why| nothing(wrong(why)))?;
    let wanted = if indexes.is_empty() { "*".to_owned() } else { indexes.join(",") };
    let body = json!({ "indices": wanted, "ignore_unavailable": false, "partial": false });
    let begin = [first, repository, name, "?wait_for_completion=false"];
    let page = search.answer((Method::PUT, &begin), Some(body), PATIENCE).await?;
    if !page.status.is_success() {
        return Err(NotMade { error: search.fault(&page), may_be_there: !is_refused(&page) });
    }
    Ok(done(search, &[first, repository, name]).await?)
}

/// Whether Elasticsearch itself says that it did not begin.
fn is_refused(page: &Page) -> bool {
    let is_busy = causes(page).first().is_some_and(|cause| cause == "concurrent_snapshot_execution_exception");
    page.status.is_client_error() || is_busy
}

/// Waits for its end, which must be a good one.
async fn done(search: &Search, path: &[&str]) -> Result<Value, TakeError> {
    let (mut pause, mut unheard) = (SOON, 0);
    loop {
        let answer = search.answer((Method::GET, path), None, PATIENCE).await;
        let page = match answer.map(|page| (page.status.as_u16(), page)) {
            Ok((200..300, page)) => Ok(page),
            Ok((401 | 403, page)) => return Err(search.fault(&page)),
            Ok((_, page)) => Err(search.fault(&page)),
            Err(error) => Err(error),
        };
        match page {
            Ok(page) => {
                unheard = 0;
                if let Some(snapshot) = ended(search, &page)? {
                    return Ok(snapshot);
                }
            }
            Err(_) if unheard < PATIENT => unheard += 1,
            Err(error) => return Err(error),
        }
        sleep(pause).await;
        pause = (pause * 2).min(RARELY);
    }
}

/// What it came to; nothing as long as it goes on.
fn ended(search: &Search, page: &Page) -> Result<Option<Value>, TakeError> {
    let answer: Value = page.json().map_err(|why| TakeError::flawed(&search.component.name, why))?;
    let snapshot = answer.pointer("/snapshots/0").cloned().unwrap_or_default();
    match snapshot.get("state").and_then(Value::as_str) {
        Some("SUCCESS") => Ok(Some(snapshot)),
        Some("IN_PROGRESS" | "STARTED") => Ok(None),
        state => {
            let failed = snapshot.pointer("/shards/failed").and_then(Value::as_u64).unwrap_or(0);
            let (state, reason) = (state.unwrap_or("nothing known"), reason(&snapshot));
            let why = format!("its snapshot ended as {state}, {failed} shards failed: {reason}");
            Err(TakeError::flawed(&search.component.name, why))
        }
    }
}

/// Keeps the description of a snapshot.
async fn kept<K: Keeper>(
    search: &Search,
    deposit: &Deposit,
    snapshot: &Value,
    mut account: Account,
    into: &mut K,
) -> Result<Account, TakeError> {
    let Deposit { repository, name, .. } = deposit;
    let shown = untrusted(repository, Shape::line(120));
    let count = |pointer: &str| snapshot.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let indices = snapshot.get("indices").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    account.counts.insert("indexes".to_owned(), indices);
    account.counts.insert("shards".to_owned(), count("/shards/successful"));
    let id = snapshot.get("uuid").and_then(Value::as_str).map(str::to_owned);
    account.deposit = Some(Deposit { id, ..deposit.clone() });
    account.left_out.push(format!(
        "the documents themselves: they lie in the repository {shown} of Elasticsearch, and nowhere else"
    ));
    account.about.insert("repository".to_owned(), shown);
    account.about.insert("snapshot".to_owned(), name.clone());
    let text = serde_json::to_vec_pretty(&json!({ "repository": repository, "snapshot": snapshot }));
    let piece = Piece {
        sort: Sort::Export,
        format: "json",
        is_packed: false,
        is_secret: false,
        restore: recipe::deposit(name),
    };
    let kept = into.keep(piece, of_bytes(text.map_err(TakeError::ours)?)).await;
    kept.map_err(|error| TakeError::not_kept(&search.component, "description of the snapshot", error))?;
    Ok(account)
}

/// Deletes what is not kept, by the name that it was given here; tells where that may have failed.
async fn given_up(search: &Search, deposit: &Deposit, error: TakeError) -> TakeError {
    match Left::after(deposit, Snapshots::of(search).remove(deposit)).await {
        None => error,
        Some(left) => TakeError::Left { error: Box::new(error), left },
    }
}
