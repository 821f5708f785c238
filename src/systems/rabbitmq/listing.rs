//! All queues, a page at a time, beside the questions: ten thousand of them take a broker seconds.

use std::collections::HashSet;
use std::time::Duration;

use serde::Deserialize;

use super::queue::{COLUMNS, Id, Queue};
use crate::systems::http::Ask;
use crate::text::SystemClock;

/// How many queues a page has; the API gives no more than 500.
const PAGE: usize = 500;
/// How many pages are read.
const PAGES: usize = 100;
/// How large a page may be.
const MOST: usize = 8 * 1024 * 1024;
/// How long a page may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many exchanges for dead letters are followed.
const EXCHANGES: usize = 20;

/// The queues of a broker.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// As many as were read.
    pub queues: Vec<Queue>,
    /// How many there are.
    pub total: usize,
    /// Those that take dead letters.
    pub dead: HashSet<Id>,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Queue>,
    #[serde(rename = "page_count")]
    pages: usize,
    total_count: usize,
}

#[derive(Deserialize)]
struct Binding {
    destination: String,
    #[serde(default)]
    destination_type: String,
}

/// How often the queues are listed: as often as asked for while that is cheap, else so that a broker spends little
/// of its time on it.
pub fn interval(queues: u64) -> Duration {
    if queues <= PAGE as u64 {
        Duration::ZERO
    } else {
        Duration::from_millis(queues.saturating_mul(10)).max(Duration::from_secs(10))
    }
}

/// The path of the first page.
pub fn path() -> String {
    format!("api/queues?page=1&page_size={PAGE}&columns={COLUMNS}")
}

/// Reads all pages, beginning with `first`.
pub async fn list(first: Ask) -> Result<Listing, String> {
    let mut listing = Listing::default();
    let mut number = 1;
    loop {
        let mut ask = Ask { most: MOST, ..first.clone() };
        let query = format!("page={number}&page_size={PAGE}&columns={COLUMNS}");
        ask.url.set_query(Some(&query));
        let page: Page = read(&ask).await?;
        listing.total = page.total_count;
        let is_last = page.items.is_empty() || number >= page.pages.min(PAGES);
        listing.queues.extend(page.items);
        if is_last {
            break;
        }
        number += 1;
    }
    listing.dead = dead(&listing.queues, &first).await;
    Ok(listing)
}

async fn read<T: serde::de::DeserializeOwned>(ask: &Ask) -> Result<T, String> {
    let page = ask.page(PATIENCE, &SystemClock).await.map_err(|trouble| trouble.to_string())?;
    match page.status.as_u16() {
        200 => page.json(),
        status => Err(format!("status {status}")),
    }
}

/// The queues that take dead letters: those that others name, else those that are called so.
async fn dead(queues: &[Queue], ask: &Ask) -> HashSet<Id> {
    let mut dead: HashSet<Id> = queues.iter().filter(|queue| queue.is_named_dead()).map(Queue::id).collect();
    let mut exchanges: Vec<(&str, &str)> = Vec::new();
    for queue in queues {
        match queue.dead_letters_to() {
            // The exchange without a name leads to the queue that is called like the key.
            Some(("", key)) => {
                dead.insert((queue.vhost.clone(), key.unwrap_or(&queue.name).to_owned()));
            }
            Some((exchange, _)) if !exchanges.contains(&(&queue.vhost, exchange)) => {
                exchanges.push((&queue.vhost, exchange));
            }
            _ => {}
        }
    }
    for (vhost, exchange) in exchanges.into_iter().take(EXCHANGES) {
        let mut ask = Ask { most: MOST, ..ask.clone() };
        ask.url.set_query(Some("columns=destination,destination_type"));
        if let Ok(mut path) = ask.url.path_segments_mut() {
            path.pop().extend(["exchanges", vhost, exchange, "bindings", "source"]);
        }
        // What may not be seen is left to the names.
        let bindings: Vec<Binding> = read(&ask).await.unwrap_or_default();
        let queues = bindings.into_iter().filter(|binding| binding.destination_type == "queue");
        dead.extend(queues.map(|binding| (vhost.to_owned(), binding.destination)));
    }
    dead
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_queues_are_listed_less_often() {
        assert_eq!(interval(150), Duration::ZERO);
        assert_eq!(interval(600), Duration::from_secs(10));
        assert_eq!(interval(10_000), Duration::from_secs(100));
    }
}
