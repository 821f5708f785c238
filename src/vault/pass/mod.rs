//! Bytes go through once: read, packed, sealed, hashed and written to every store at the same time.
//!
//! ```text
//! source ─ pack ─┬─ (seal) ─┬─ hash
//!                │          ├─ store
//!                │          └─ store
//!                └─ (seal) ─ …          stores that are sealed to others
//! ```
//!
//! Between all of these lie short queues: memory stays flat, whatever the size. What breaks off anywhere is never
//! taken for an end: only [`Chunk::End`] is one.

mod fan;
mod hash;
mod pace;
mod pack;
mod seal;
mod writer;

use std::io;

use bytes::Bytes;
use fan::Open;
use futures_util::StreamExt;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinHandle, spawn_blocking};

use super::media::{Media, MediaError, Staged};
use super::piece::{KeepError, Source};
use crate::text::{Span, with_causes};

pub use hash::{Adding, Sum};
pub use pace::{Pace, Progress};
pub use pack::Packing;
pub use seal::{Seal, SealError};

/// So many chunks wait between two that work on them.
const QUEUE: usize = 8;

/// Bytes on their way, and their end.
#[derive(Clone, Debug)]
pub enum Chunk {
    /// Some of them.
    Bytes(Bytes),
    /// There are no more, and these were all.
    End,
}

/// One way that bytes take: as they are or sealed, to some stores.
pub struct Route {
    /// To whom they are sealed.
    pub seal: Option<Seal>,
    /// Where they go.
    pub to: Vec<Target>,
}

/// A file of a store that is to be written.
pub struct Target {
    /// The store, by whatever number its owner gave it.
    pub store: usize,
    /// The store.
    pub media: Media,
    /// What the file will be called there.
    pub key: String,
}

/// What became of one pass.
pub struct Passed {
    /// How many bytes came in.
    pub read: u64,
    /// What was written, a route each.
    pub routes: Vec<Routed>,
}

/// What became of one route.
pub struct Routed {
    /// What the stores hold.
    pub stored: Sum,
    /// The same before it was sealed, where it was.
    pub inside: Option<Sum>,
    /// The stores, and what each of them has.
    pub to: Vec<(usize, Result<Staged, MediaError>)>,
}

/// Sends everything that a source gives through.
pub async fn pass(source: Source, packing: Packing, routes: Vec<Route>, pace: &Pace) -> Result<Passed, KeepError> {
    let (first, packed) = packing.stage(QUEUE);
    let routes = spread(packed, routes);
    let read = drain(source, first, pace).await;
    let mut done = Vec::new();
    for route in routes {
        let routed = route.await.map_err(|error| KeepError::Nowhere(with_causes(&error)))?;
        done.push(routed);
    }
    // Why a source broke off says more than that what came of it is not whole.
    let read = read?;
    let routes = done.into_iter().collect::<Result<Vec<Routed>, SealError>>();
    let routes = routes.map_err(|error| KeepError::Nowhere(error.to_string()))?;
    let is_somewhere = routes.iter().flat_map(|route| &route.to).any(|(_, staged)| staged.is_ok());
    if !is_somewhere {
        let why = routes.iter().flat_map(|route| &route.to).filter_map(|(_, staged)| staged.as_ref().err());
        let why: Vec<String> = why.map(ToString::to_string).collect();
        return Err(KeepError::Nowhere(why.join("; ")));
    }
    Ok(Passed { read, routes })
}

/// Reads a source to its end, no faster than allowed.
async fn drain(mut source: Source, into: Sender<Chunk>, pace: &Pace) -> Result<u64, KeepError> {
    let mut read = 0;
    loop {
        let next = tokio::select! {
            () = pace.stop.cancelled() => return Err(KeepError::CalledOff),
            next = tokio::time::timeout(pace.patience, source.next()) => next,
        };
        let Ok(next) = next else {
            let why = format!("nothing came for {}", Span::from(pace.patience).rough());
            return Err(KeepError::Source(io::Error::new(io::ErrorKind::TimedOut, why)));
        };
        let Some(bytes) = next else { break };
        let bytes = bytes.map_err(KeepError::Source)?;
        if bytes.is_empty() {
            continue;
        }
        read += bytes.len() as u64;
        pace.took(bytes.len()).await?;
        // Whoever is behind has its own reason for that, and tells it.
        if into.send(Chunk::Bytes(bytes)).await.is_err() {
            return Ok(read);
        }
    }
    let _ = into.send(Chunk::End).await;
    Ok(read)
}

/// Gives every route all of it.
fn spread(packed: Receiver<Chunk>, routes: Vec<Route>) -> Vec<JoinHandle<Result<Routed, SealError>>> {
    let open = Open::of(routes.iter().map(|route| route.to.len()).sum());
    let (mut ways, mut running) = (Vec::new(), Vec::new());
    for route in routes {
        let (way, chunks) = channel(QUEUE);
        ways.push(way);
        running.push(tokio::spawn(route.run(chunks, open.clone())));
    }
    tokio::spawn(fan::copy(packed, ways));
    running
}

impl Route {
    async fn run(self, chunks: Receiver<Chunk>, open: Open) -> Result<Routed, SealError> {
        let Some(seal) = self.seal else {
            let (stored, to) = fan::write(chunks, self.to, open).await;
            return Ok(Routed { stored, inside: None, to });
        };
        let (sealed, out) = channel(QUEUE);
        let sealing = spawn_blocking(move || seal.all(chunks, sealed));
        let (stored, to) = fan::write(out, self.to, open).await;
        let inside = sealing.await.map_err(|error| SealError::Broken(with_causes(&error)))??;
        Ok(Routed { stored, inside: Some(inside), to })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_util::stream;

    use super::*;

    #[tokio::test]
    async fn a_source_from_which_nothing_comes_is_not_waited_for_for_ever() {
        let some = stream::iter([Ok(Bytes::from_static(b"half of it"))]);
        let source: Source = Box::pin(some.chain(stream::pending()));
        let (into, mut out) = channel(QUEUE);
        let mut pace = Pace::default();
        pace.patience = Duration::from_millis(50);
        let ended = drain(source, into, &pace).await;
        assert!(matches!(&ended, Err(KeepError::Source(why)) if why.to_string().contains("nothing came")), "{ended:?}");
        assert!(matches!(out.recv().await, Some(Chunk::Bytes(_))));
        assert!(out.recv().await.is_none(), "that is no end");
    }
}
