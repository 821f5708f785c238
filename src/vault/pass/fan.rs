//! The same bytes to several at once: one that is slow or broken fails nobody but itself.

use std::time::Duration;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::hash::{self, Sum};
use super::{Chunk, QUEUE, Target};
use crate::text::with_causes;
use crate::vault::media::{MediaError, Staged, Trouble};

/// A store that takes nothing for so long is left behind, where another one goes on.
const STALLED: Duration = Duration::from_secs(30);

/// Gives each of several ways all chunks; those that are closed get no more.
pub(super) async fn copy(mut chunks: Receiver<Chunk>, mut ways: Vec<Sender<Chunk>>) {
    while let Some(chunk) = chunks.recv().await {
        let mut open = Vec::with_capacity(ways.len());
        for way in ways {
            if way.send(chunk.clone()).await.is_ok() {
                open.push(way);
            }
        }
        ways = open;
        if ways.is_empty() {
            return;
        }
    }
}

/// Writes all chunks to every target, and adds them up.
pub(super) async fn write(
    mut chunks: Receiver<Chunk>,
    targets: Vec<Target>,
) -> (Sum, Vec<(usize, Result<Staged, MediaError>)>) {
    let (adder, added) = channel(QUEUE);
    let adding = spawn_blocking(move || hash::all(added));
    let mut lines: Vec<Line> = targets.into_iter().map(Line::begin).collect();
    while let Some(chunk) = chunks.recv().await {
        let open = lines.iter().filter(|line| line.way.is_some()).count();
        if open == 0 {
            break;
        }
        for line in &mut lines {
            line.send(&chunk, open > 1).await;
        }
        let _ = adder.send(chunk).await;
    }
    drop((adder, chunks));
    let mut done = Vec::with_capacity(lines.len());
    for line in lines {
        done.push(line.end().await);
    }
    (adding.await.unwrap_or_default(), done)
}

/// The way to one store.
struct Line {
    store: usize,
    key: String,
    /// Nothing once it takes no more.
    way: Option<Sender<Chunk>>,
    writing: JoinHandle<Result<Staged, MediaError>>,
    is_stalled: bool,
}

impl Line {
    fn begin(target: Target) -> Line {
        let (way, chunks) = channel(QUEUE);
        let writing = tokio::spawn(target.media.write(target.key.clone(), chunks));
        Line { store: target.store, key: target.key, way: Some(way), writing, is_stalled: false }
    }

    async fn send(&mut self, chunk: &Chunk, is_one_of_several: bool) {
        let Some(way) = &self.way else { return };
        let sending = way.send(chunk.clone());
        let taken = if is_one_of_several {
            let taken = timeout(STALLED, sending).await;
            self.is_stalled = taken.is_err();
            taken.is_ok_and(|taken| taken.is_ok())
        } else {
            sending.await.is_ok()
        };
        if !taken {
            self.way = None;
        }
    }

    async fn end(self) -> (usize, Result<Staged, MediaError>) {
        drop(self.way);
        if self.is_stalled {
            // It may hang in the file system for ever; when it wakes, it finds no end and leaves nothing.
            let why = format!("it took nothing for {} s", STALLED.as_secs());
            return (self.store, Err(MediaError::new(self.key, Trouble::Stalled, why)));
        }
        let staged = self.writing.await;
        let staged = staged.unwrap_or_else(|error| Err(MediaError::new(self.key, Trouble::Other, with_causes(&error))));
        (self.store, staged)
    }
}
