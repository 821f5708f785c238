//! An export of documents, as of one moment, in the form that Elasticsearch takes in again; and how the indexes are set
//! up.

use std::fmt::Write;

use bytes::Bytes;
use futures_util::stream;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::raw::{field, items};
use super::search::Search;
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::systems::tee::of_bytes;
use crate::vault::{Account, Keeper, Piece, Sort, Source, recipe};

/// How many documents a page has at first; fewer, where they are large.
const PAGE: usize = 1000;
/// How long Elasticsearch keeps the moment between two pages.
const KEPT_FOR: &str = "10m";

#[derive(Deserialize)]
struct Moment {
    id: String,
}

#[derive(Deserialize)]
struct Counted {
    count: u64,
}

/// What is read of a page besides its documents.
#[derive(Deserialize)]
struct Outline {
    #[serde(default)]
    timed_out: bool,
    #[serde(default)]
    pit_id: Option<String>,
    #[serde(rename = "_shards", default)]
    shards: Shards,
    hits: Hits,
}

#[derive(Default, Deserialize)]
struct Shards {
    #[serde(default)]
    failed: u64,
}

#[derive(Deserialize)]
struct Hits {
    total: Total,
    hits: Vec<Hit>,
}

#[derive(Deserialize)]
struct Total {
    value: u64,
}

#[derive(Deserialize)]
struct Hit {
    #[serde(default)]
    sort: Vec<Value>,
}

/// Takes the documents of these indexes, and their settings and mappings.
pub async fn take<K: Keeper>(
    search: &Search,
    indexes: &[String],
    with: &Contact<'_>,
    into: &mut K,
) -> Result<Account, TakeError> {
    let component = &search.component;
    let mut account = search.account(with);
    let wanted = indexes.join(",");
    let set_up = search.page(Method::GET, &[&wanted], None).await?;
    if set_up.cut || set_up.json::<Value>().is_err() {
        return Err(TakeError::flawed(&component.name, "how its indexes are set up cannot be read"));
    }
    let counted: Counted = search.json(Method::GET, &[&wanted, "_count"], None).await?;
    let keep_alive = format!("?keep_alive={KEPT_FOR}");
    let moment: Moment = search.json(Method::POST, &[&wanted, "_pit", &keep_alive], None).await?;
    let (tell, told) = oneshot::channel();
    let id = moment.id.clone();
    let paging = Paging { search: search.clone(), id: moment.id, after: None, size: PAGE, count: 0, tell };
    let piece = |format: &'static str, recipe: recipe::Recipe| Piece {
        sort: Sort::Export,
        format,
        is_packed: false,
        is_secret: false,
        restore: recipe.into(),
    };
    let kept = into.keep(piece("ndjson", recipe::DOCUMENTS), documents(paging)).await;
    // What Elasticsearch keeps for us costs it something; it forgets by itself, only later.
    let _ = search.page(Method::DELETE, &["_pit"], Some(json!({ "id": id }))).await;
    kept.map_err(|error| TakeError::not_kept(component, "export", error))?;
    let count = told.await.map_err(|_| TakeError::flawed(&component.name, "it did not come to its end"))?;
    let kept = into.keep(piece("json", recipe::INDEXES), of_bytes(set_up.body)).await;
    kept.map_err(|error| TakeError::not_kept(component, "settings of the indexes", error))?;
    account.counts.insert("documents".to_owned(), count);
    account.counts.insert("documents counted before".to_owned(), counted.count);
    account.about.insert("indexes".to_owned(), crate::text::untrusted(wanted, crate::text::Shape::line(300)));
    account.left_out.push("users, pipelines and templates of Elasticsearch: an export holds documents".to_owned());
    Ok(account)
}

struct Paging {
    search: Search,
    id: String,
    after: Option<Vec<Value>>,
    size: usize,
    count: u64,
    tell: oneshot::Sender<u64>,
}

fn documents(paging: Paging) -> Source {
    Box::pin(stream::try_unfold(Some(paging), |paging| async move {
        let Some(paging) = paging else { return Ok::<_, std::io::Error>(None) };
        Ok(Some(paging.next().await?))
    }))
}

impl Paging {
    async fn next(mut self) -> Result<(Bytes, Option<Paging>), TakeError> {
        let name = self.search.component.name.clone();
        let page = loop {
            let mut body = json!({
                "size": self.size,
                "pit": { "id": self.id, "keep_alive": KEPT_FOR },
                "sort": [{ "_shard_doc": "asc" }],
                "track_total_hits": true,
            });
            if let Some(after) = &self.after {
                body["search_after"] = Value::from(after.clone());
            }
            let page = self.search.page(Method::POST, &["_search"], Some(body)).await?;
            if !page.cut {
                break page;
            }
            if self.size == 1 {
                return Err(TakeError::flawed(&name, "one of its documents is too large to be read"));
            }
            self.size = (self.size / 4).max(1);
        };
        let outline: Outline = page.json().map_err(|why| TakeError::flawed(&name, why))?;
        if outline.timed_out || outline.shards.failed > 0 {
            let why = format!("{} shards did not answer a part of the export", outline.shards.failed);
            return Err(TakeError::flawed(&name, why));
        }
        let Some(last) = outline.hits.hits.last() else {
            if self.count != outline.hits.total.value {
                let why = format!("{} of {} documents came", self.count, outline.hits.total.value);
                return Err(TakeError::flawed(&name, why));
            }
            // Who asked may have gone.
            let _ = self.tell.send(self.count);
            return Ok((Bytes::new(), None));
        };
        if last.sort.is_empty() || self.after.as_ref() == Some(&last.sort) {
            return Err(TakeError::flawed(&name, "a page of it does not lead to the next one"));
        }
        self.after = Some(last.sort.clone());
        if let Some(id) = outline.pit_id {
            self.id = id;
        }
        let hits = field(&page.body, "hits").and_then(|hits| field(hits, "hits")).map(items).unwrap_or_default();
        self.count += hits.len() as u64;
        let lines = hits.into_iter().map(line).collect::<Option<Vec<String>>>();
        let lines = lines.ok_or_else(|| TakeError::flawed(&name, "a document of it is kept nowhere (no _source)"))?;
        Ok((lines.concat().into(), Some(self)))
    }
}

/// A document as Elasticsearch takes it in: where it belongs, and what it is.
fn line(hit: &[u8]) -> Option<String> {
    let text = |name: &str| field(hit, name).map(|value| String::from_utf8_lossy(value).into_owned());
    let (index, id, source) = (text("_index")?, text("_id")?, text("_source")?);
    let mut line = format!("{{\"index\":{{\"_index\":{index},\"_id\":{id}");
    if let Some(routing) = text("_routing") {
        let _ = write!(line, ",\"routing\":{routing}");
    }
    // A line break between two values means nothing; in a text there is none.
    let source = source.replace(['\n', '\r'], " ");
    let _ = writeln!(line, "}}}}\n{source}");
    Some(line)
}
