//! What the other nodes of the plan say when this one refuses: with `pause_minority` a survivor refuses everybody.

use std::time::Duration;

use futures_util::future::join_all;
use lapin::uri::AMQPUri;

use crate::plan::types::{Component, Kind, Plan};
use crate::systems::wire::tcp;

/// How long another node may take.
const PATIENCE: Duration = Duration::from_millis(700);

/// How many are named.
const NAMED: usize = 3;

/// Another node of the same cluster.
#[derive(Clone, Debug)]
pub struct Other {
    name: String,
    host: String,
    port: u16,
}

/// The other nodes of a component's cluster, as the plan tells them: one broker of a site gives its `nodes`, and the
/// others of that site, which give as many or none, are its peers. More of them than that are more than one cluster,
/// and where no broker gives its `nodes` the plan knows of none.
pub fn others(component: &Component, plan: &Plan) -> Vec<Other> {
    let is_here = |other: &&Component| other.kind == Kind::Rabbitmq && other.site == component.site;
    let here: Vec<&Component> = plan.component.iter().filter(is_here).collect();
    let Some(nodes) = here.iter().filter_map(|other| other.nodes).max().filter(|nodes| *nodes > 1) else {
        return Vec::new();
    };
    if here.len() > nodes as usize || here.iter().any(|other| other.nodes.is_some_and(|other| other != nodes)) {
        return Vec::new();
    }
    let other = |other: &Component| {
        let uri: AMQPUri = other.address.as_deref()?.parse().ok()?;
        Some(Other { name: other.name.clone(), host: uri.authority.host, port: uri.authority.port })
    };
    here.into_iter().filter(|other| other.name != component.name).filter_map(other).collect()
}

/// What they say about a node that refuses, in a clause; nothing where the plan knows of none.
pub async fn say(others: &[Other]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let open = join_all(others.iter().map(|other| async {
        let connect = tcp(&other.host, other.port);
        matches!(tokio::time::timeout(PATIENCE, connect).await, Ok(Ok(_)))
    }));
    let open = open.await;
    let there: Vec<&str> =
        others.iter().zip(&open).filter(|(_, open)| **open).map(|(other, _)| other.name.as_str()).collect();
    if there.is_empty() {
        let count = others.len();
        let all = if count == 1 { "the other node".to_owned() } else { format!("all {count} other nodes") };
        return format!(
            "{all} of the plan refuse too: they are down, or the ones that are left paused themselves for want of a majority"
        );
    }
    let take = if there.len() == 1 { "takes" } else { "take" };
    let more = there.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names = there[..there.len().min(NAMED)].join(", ");
    format!("{names}{more} of its cluster still {take} connections")
}
