//! A snapshot that Elasticsearch makes into a repository of its own. What is kept is where it lies and what is in it.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::search::Search;
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::systems::tee::of_bytes;
use crate::text::{Shape, untrusted};
use crate::vault::{Account, Keeper, Piece, Restore, Sort};

/// How often is asked whether it is done: soon at first, rarely later.
const SOON: Duration = Duration::from_millis(250);
const RARELY: Duration = Duration::from_secs(15);

/// Has one made, waits until it is whole, and keeps the description.
pub async fn take<K: Keeper>(
    search: &Search,
    repository: &str,
    indexes: &[String],
    with: &Contact<'_>,
    into: &mut K,
) -> Result<Account, TakeError> {
    let component = &search.component;
    let mut account = search.account(with);
    let name = format!("lifeboat-{}", with.clock.now().format("%Y%m%d-%H%M%S"));
    let path = ["_snapshot", repository, &name];
    let wanted = if indexes.is_empty() { "*".to_owned() } else { indexes.join(",") };
    let body = json!({ "indices": wanted, "ignore_unavailable": false, "partial": false });
    search.page(Method::PUT, &["_snapshot", repository, &name, "?wait_for_completion=false"], Some(body)).await?;
    let snapshot = tokio::select! {
        done = done(search, &path) => done?,
        () = with.stop.cancelled() => {
            // What nobody waits for need not go on.
            let _ = search.page(Method::DELETE, &path, None).await;
            return Err(TakeError::CalledOff { component: component.name.clone() });
        }
    };
    let count = |pointer: &str| snapshot.pointer(pointer).and_then(Value::as_u64).unwrap_or(0);
    let indices = snapshot.get("indices").and_then(Value::as_array).map_or(0, Vec::len) as u64;
    account.counts.insert("indexes".to_owned(), indices);
    account.counts.insert("shards".to_owned(), count("/shards/successful"));
    account.about.insert("repository".to_owned(), untrusted(repository, Shape::line(120)));
    account.about.insert("snapshot".to_owned(), name.clone());
    account.left_out.push(format!(
        "the documents themselves: they lie in the repository {} of Elasticsearch, and nowhere else",
        untrusted(repository, Shape::line(120))
    ));
    let text = serde_json::to_vec_pretty(&json!({ "repository": repository, "snapshot": snapshot }));
    let piece = Piece {
        sort: Sort::Export,
        format: "json",
        is_packed: false,
        is_secret: false,
        restore: Restore::Named(format!(
            "curl -fX POST \"$ELASTICSEARCH/_snapshot/$(jq -r .repository {{}})/{name}/_restore?wait_for_completion=true\""
        )),
    };
    let kept = into.keep(piece, of_bytes(text.map_err(TakeError::ours)?)).await;
    kept.map_err(|error| TakeError::not_kept(component, "description of the snapshot", error))?;
    Ok(account)
}

/// Waits for its end, which must be a good one.
async fn done(search: &Search, path: &[&str]) -> Result<Value, TakeError> {
    let mut pause = SOON;
    loop {
        let answer: Value = search.json(Method::GET, path, None).await?;
        let snapshot = answer.pointer("/snapshots/0").cloned().unwrap_or_default();
        match snapshot.get("state").and_then(Value::as_str) {
            Some("SUCCESS") => return Ok(snapshot),
            Some("IN_PROGRESS" | "STARTED") => {}
            state => {
                let failed = snapshot.pointer("/shards/failed").and_then(Value::as_u64).unwrap_or(0);
                let reason = snapshot.pointer("/failures/0/reason").or_else(|| snapshot.get("reason"));
                let why = format!(
                    "its snapshot ended as {}, {failed} shards failed: {}",
                    state.unwrap_or("nothing known"),
                    reason.and_then(Value::as_str).unwrap_or("no reason is given")
                );
                return Err(TakeError::flawed(&search.component.name, why));
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RARELY);
    }
}
