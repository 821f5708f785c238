//! Taking the list of queues: how each is declared, how many messages and consumers it has.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::broker::Broker;
use super::lost::Lost;
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::vault::{Account, Keeper, Piece, Sort, Source, recipe};

/// How many queues a page has; the API gives no more than 500.
const PAGE: usize = 500;
const COLUMNS: &str = "name,vhost,type,durable,auto_delete,exclusive,arguments,policy,node,state,messages,\
                       messages_ready,messages_unacknowledged,messages_persistent,consumers";

#[derive(Deserialize)]
struct Page {
    items: Vec<Value>,
    #[serde(rename = "page_count")]
    pages: usize,
    total_count: u64,
}

/// What was listed.
#[derive(Default)]
struct Listed {
    /// All that came, protected or not.
    came: u64,
    kept: u64,
    consumers: u64,
    messages: u64,
    lost: Lost,
}

/// Takes the list.
pub async fn queues<K: Keeper>(component: &Component, with: &Contact<'_>, into: &mut K) -> Result<Account, TakeError> {
    let broker = Broker::open(component, with).await?;
    let mut account = broker.account(with);
    let (source, told) = list(component.name.clone(), broker);
    let piece = Piece {
        sort: Sort::Queues,
        format: "json",
        is_packed: false,
        is_secret: false,
        restore: recipe::QUEUES.into(),
    };
    let kept = into.keep(piece, source).await;
    kept.map_err(|error| TakeError::not_kept(component, "list of queues", error))?;
    let listed = told.await.map_err(|_| TakeError::flawed(&component.name, "the list did not come to its end"))?;
    let counts = [("queues", listed.kept), ("messages", listed.messages), ("consumers", listed.consumers)];
    account.counts.extend(counts.map(|(name, count)| (name.to_owned(), count)));
    account.left_out = listed.lost.sentences();
    account.left_out.push("users, exchanges, bindings and policies: they are in the definitions".to_owned());
    Ok(account)
}

struct Paging {
    broker: Broker,
    name: String,
    number: usize,
    listed: Listed,
    tell: oneshot::Sender<Listed>,
}

/// A page at a time, so that no more of them is held.
fn list(name: String, broker: Broker) -> (Source, oneshot::Receiver<Listed>) {
    let (tell, told) = oneshot::channel();
    let paging = Paging { broker, name, number: 1, listed: Listed::default(), tell };
    let pages = stream::try_unfold(Some(paging), |paging| async move {
        let Some(paging) = paging else { return Ok::<_, io::Error>(None) };
        Ok(Some(paging.next().await?))
    });
    (Box::pin(pages), told)
}

impl Paging {
    async fn next(mut self) -> Result<(Bytes, Option<Paging>), TakeError> {
        let path = format!("api/queues?page={}&page_size={PAGE}&columns={COLUMNS}", self.number);
        let page: Page = self.broker.json(&path).await?;
        let mut text = if self.number == 1 { "[".to_owned() } else { String::new() };
        self.listed.came += page.items.len() as u64;
        let is_last = self.number >= page.pages || page.items.is_empty();
        for item in page.items {
            let queue: crate::systems::rabbitmq::queue::Queue =
                serde_json::from_value(item.clone()).map_err(|error| TakeError::flawed(&self.name, error))?;
            if !self.broker.protects(&queue.vhost) {
                continue;
            }
            text.push_str(if self.listed.kept == 0 { "\n" } else { ",\n" });
            text.push_str(&item.to_string());
            self.listed.kept += 1;
            self.listed.consumers += queue.consumers.unwrap_or(0);
            self.listed.messages += queue.messages.unwrap_or(0);
            self.listed.lost.add(&queue);
        }
        if !is_last {
            self.number += 1;
            return Ok((text.into(), Some(self)));
        }
        if self.listed.came < page.total_count {
            let why = format!("{} of {} queues were listed", self.listed.came, page.total_count);
            return Err(TakeError::flawed(&self.name, why));
        }
        text.push_str("\n]\n");
        // Who asked may have gone.
        let _ = self.tell.send(self.listed);
        Ok((text.into(), None))
    }
}
