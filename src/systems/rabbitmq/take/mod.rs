//! Taking what a broker is set up to be, and which queues it has with how many messages.

mod broker;
mod lost;
mod queues;
mod read;

pub use queues::queues;

use std::collections::BTreeMap;
use std::io;

use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::oneshot;

use super::listing::{self, Listing};
use crate::plan::types::Component;
use crate::systems::contact::Contact;
use crate::systems::take::TakeError;
use crate::systems::tee::{made, proven};
use crate::text::{Size, with_causes};
use crate::vault::{Account, Keeper, Piece, Sort, Source, recipe};
use broker::{Broker, PATIENCE};
use lost::Lost;
use read::Counts;

/// No broker is set up in more bytes than these.
const MOST: u64 = 1 << 30;

/// Takes the definitions of a broker: virtual hosts, users, permissions, policies, queues, exchanges and bindings.
pub async fn definitions<K: Keeper>(
    component: &Component,
    with: &Contact<'_>,
    into: &mut K,
) -> Result<Account, TakeError> {
    let broker = Broker::open(component, with).await?;
    let mut account = broker.account(with);
    let before = Wanted::of(&broker).await?;
    let (source, told) = export(component, &broker).await?;
    let (name, asks, wanted) = (component.name.clone(), broker.clone(), before.clone());
    let (tell, found) = oneshot::channel();
    let proof = async move {
        let counts = told.await.map_err(|_| TakeError::flawed(&name, "they did not come to their end"))?;
        if let Some(why) = wanted.missing(&counts) {
            // Somebody may have deleted something meanwhile.
            let after = Wanted::of(&asks).await?;
            if after.missing(&counts).is_some() {
                return Err(TakeError::flawed(&name, why));
            }
        }
        // Who asked may have gone.
        let _ = tell.send(counts);
        Ok(())
    };
    let piece = Piece {
        sort: Sort::Definitions,
        format: "json",
        is_packed: false,
        is_secret: false,
        restore: recipe::DEFINITIONS.into(),
    };
    let kept = into.keep(piece, proven(source, proof)).await;
    kept.map_err(|error| TakeError::not_kept(component, "definitions", error))?;
    let counts = found.await.map_err(|_| TakeError::flawed(&component.name, "they did not come to their end"))?;
    account.counts = counts.parts;
    account.left_out = before.lost.sentences();
    Ok(account)
}

/// The definitions as they come, of the protected virtual hosts alone.
async fn export(component: &Component, broker: &Broker) -> Result<(Source, oneshot::Receiver<Counts>), TakeError> {
    let asked = tokio::time::timeout(PATIENCE, broker.ask("api/definitions")?.open()).await;
    let silent =
        || TakeError::refused(component, "it takes connections and says nothing", "Look whether it is stopped.");
    let answer =
        asked.map_err(|_| silent())?.map_err(|why| TakeError::refused(component, why.to_string(), "take it again"))?;
    broker.good(answer.status().as_u16(), "it does not export its definitions")?;
    let name = component.name.clone();
    let pieces = answer.bytes_stream().map_err(|error| io::Error::other(with_causes(&error.without_url())));
    let reader = tokio_util::io::SyncIoBridge::new(tokio_util::io::StreamReader::new(pieces.boxed()));
    let vhosts = broker.vhosts.clone();
    Ok(made(move |feed| {
        let mut bounded = io::Read::take(reader, MOST);
        let read = read::read(&mut bounded, &vhosts, feed);
        if bounded.limit() == 0 {
            return Err(TakeError::flawed(&name, format!("its definitions are larger than {}", Size(MOST).approx())));
        }
        read.map_err(|why| TakeError::flawed(&name, format!("its definitions are not whole: {why}")))
    }))
}

/// What the definitions must hold at least.
#[derive(Clone)]
struct Wanted {
    counts: BTreeMap<&'static str, u64>,
    lost: Lost,
}

impl Wanted {
    async fn of(broker: &Broker) -> Result<Wanted, TakeError> {
        let mut counts = BTreeMap::new();
        counts.insert("users", broker.count("api/users?columns=name").await?);
        // Of these there may be more than are wanted.
        if broker.vhosts.is_empty() {
            counts.insert("vhosts", broker.count("api/vhosts?columns=name").await?);
            counts.insert("policies", broker.count("api/policies?columns=name").await?);
        }
        let listed = listing::list(broker.ask(&listing::path())?).await;
        let Listing { queues, .. } = listed.map_err(|why| TakeError::ours(format!("its queues: {why}")))?;
        let mut lost = Lost::default();
        queues.iter().filter(|queue| broker.protects(&queue.vhost)).for_each(|queue| lost.add(queue));
        counts.insert("queues", lost.durable);
        Ok(Wanted { counts, lost })
    }

    fn missing(&self, counts: &Counts) -> Option<String> {
        let fewer = self.counts.iter().find(|(part, wanted)| counts.of(part) < **wanted);
        fewer.map(|(part, wanted)| format!("they hold {} {part}, and the broker has {wanted}", counts.of(part)))
    }
}
