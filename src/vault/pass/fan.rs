//! The same bytes to several at once: one that is slow or broken fails nobody but itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};
use tokio::time::{Instant, timeout};

use super::hash::{self, Sum};
use super::{Chunk, QUEUE, Target};
use crate::text::with_causes;
use crate::vault::media::{MediaError, Staged, Trouble};

/// How long a store that takes nothing is waited for.
#[derive(Clone, Copy)]
struct Patience {
    /// Where another one goes on: this one is left behind.
    among_others: Duration,
    /// Where there is no other, or only its end is missing: nothing is gained by haste, but a drive that hangs does so
    /// for ever.
    alone: Duration,
}

const PATIENCE: Patience = Patience { among_others: Duration::from_secs(30), alone: Duration::from_mins(10) };

/// How many stores still take what is written, over all routes of a pass.
#[derive(Clone)]
pub(super) struct Open {
    stores: Arc<AtomicUsize>,
    patience: Patience,
}

impl Open {
    /// So many.
    pub(super) fn of(stores: usize) -> Open {
        Open { stores: Arc::new(AtomicUsize::new(stores)), patience: PATIENCE }
    }

    /// How long one of them is waited for.
    fn patience(&self) -> Duration {
        if self.stores.load(Ordering::Relaxed) > 1 { self.patience.among_others } else { self.patience.alone }
    }

    fn one_less(&self) {
        self.stores.fetch_sub(1, Ordering::Relaxed);
    }
}

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
    open: Open,
) -> (Sum, Vec<(usize, Result<Staged, MediaError>)>) {
    let (adder, added) = channel(QUEUE);
    let adding = spawn_blocking(move || hash::all(added));
    let mut lines: Vec<Line> = targets.into_iter().map(|target| Line::begin(target, open.clone())).collect();
    while let Some(chunk) = chunks.recv().await {
        join_all(lines.iter_mut().map(|line| line.send(&chunk))).await;
        if lines.iter().all(|line| line.way.is_none()) {
            break;
        }
        let _ = adder.send(chunk).await;
    }
    drop((adder, chunks));
    let done = join_all(lines.into_iter().map(Line::end)).await;
    match adding.await {
        Ok(sum) => (sum, done),
        // What nobody has hashed must not be kept.
        Err(error) => {
            let unhashed = |(store, _)| (store, Err(MediaError::new("its hash", Trouble::Other, with_causes(&error))));
            (Sum::default(), done.into_iter().map(unhashed).collect())
        }
    }
}

/// The way to one store.
struct Line {
    store: usize,
    key: String,
    /// Nothing once it takes no more.
    way: Option<Sender<Chunk>>,
    writing: JoinHandle<Result<Staged, MediaError>>,
    /// Counts what moves to it, however large the part is that it has taken.
    moved: Arc<AtomicU64>,
    open: Open,
    /// For how long it took nothing, where that was too long.
    stalled: Option<Duration>,
}

impl Line {
    fn begin(target: Target, open: Open) -> Line {
        let (way, chunks) = channel(QUEUE);
        let moved = target.media.moved();
        let writing = tokio::spawn(target.media.write(target.key.clone(), chunks));
        Line { store: target.store, key: target.key, way: Some(way), writing, moved, open, stalled: None }
    }

    async fn send(&mut self, chunk: &Chunk) {
        let Some(way) = self.way.clone() else { return };
        let mut still = Still::now(&self.moved);
        // Whether it is one of several may change while it is waited for.
        while still.long(&self.moved) < self.open.patience() {
            match timeout(self.open.patience.among_others / 10, way.reserve()).await {
                Ok(Ok(room)) => return room.send(chunk.clone()),
                Ok(Err(_)) => return self.close(),
                Err(_) => {}
            }
        }
        self.stalled = Some(still.since.elapsed());
        self.close();
    }

    fn close(&mut self) {
        if self.way.take().is_some() {
            self.open.one_less();
        }
    }

    async fn end(mut self) -> (usize, Result<Staged, MediaError>) {
        drop(self.way.take());
        let written = match self.stalled {
            Some(_) => None,
            None => self.written().await,
        };
        let staged = match written {
            Some(Ok(staged)) => staged,
            Some(Err(error)) => Err(MediaError::new(&self.key, Trouble::Other, with_causes(&error))),
            None => {
                // It may hang in the file system for ever; when it wakes, it finds no end and leaves nothing.
                let length = self.stalled.unwrap_or(self.open.patience.alone);
                let why = format!("it took nothing for {} s", length.as_secs());
                Err(MediaError::new(&self.key, Trouble::Stalled, why))
            }
        };
        (self.store, staged)
    }

    /// What came of it; nothing where it stands still.
    async fn written(&mut self) -> Option<Result<Result<Staged, MediaError>, JoinError>> {
        let mut still = Still::now(&self.moved);
        while still.long(&self.moved) < self.open.patience.alone {
            if let Ok(written) = timeout(self.open.patience.among_others / 10, &mut self.writing).await {
                return Some(written);
            }
        }
        None
    }
}

/// How long nothing has moved.
struct Still {
    since: Instant,
    moved: u64,
}

impl Still {
    fn now(moved: &AtomicU64) -> Still {
        Still { since: Instant::now(), moved: moved.load(Ordering::Relaxed) }
    }

    fn long(&mut self, moved: &AtomicU64) -> Duration {
        if moved.load(Ordering::Relaxed) != self.moved {
            *self = Still::now(moved);
        }
        self.since.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Patience = Patience { among_others: Duration::from_millis(50), alone: Duration::from_millis(400) };

    /// A store that takes what its queue takes, and nothing more.
    fn hanging(stores: usize) -> (Line, Receiver<Chunk>) {
        let (way, chunks) = channel(QUEUE);
        let writing = tokio::spawn(std::future::pending());
        let open = Open { patience: QUICK, ..Open::of(stores) };
        let (key, moved) = ("x".to_owned(), Arc::default());
        (Line { store: 7, key, way: Some(way), writing, moved, open, stalled: None }, chunks)
    }

    #[tokio::test]
    async fn a_store_that_hangs_holds_up_the_others_for_a_moment_and_nobody_for_ever() {
        for (stores, patience) in [(2, QUICK.among_others), (1, QUICK.alone)] {
            let (mut line, _chunks) = hanging(stores);
            let begun = Instant::now();
            while line.way.is_some() {
                line.send(&Chunk::End).await;
            }
            assert!(begun.elapsed() >= patience && line.stalled.is_some());
            assert_eq!(line.open.stores.load(Ordering::Relaxed), stores - 1);
            let (store, done) = line.end().await;
            assert!(store == 7 && done.is_err_and(|error| error.trouble == Trouble::Stalled));
        }
    }

    #[tokio::test]
    async fn one_that_is_left_alone_meanwhile_is_given_more_time() {
        let (mut line, mut chunks) = hanging(2);
        line.open.one_less();
        let sending = async {
            for _ in 0..=QUEUE {
                line.send(&Chunk::End).await;
            }
        };
        let taking = async {
            tokio::time::sleep(QUICK.among_others * 2).await;
            chunks.recv().await
        };
        tokio::join!(sending, taking);
        assert!(line.way.is_some() && line.stalled.is_none());
    }

    #[tokio::test]
    async fn one_whose_part_is_on_its_way_is_not_left() {
        let (mut line, _chunks) = hanging(2);
        let moved = Arc::clone(&line.moved);
        let moving = tokio::spawn(async move {
            for _ in 0..20 {
                tokio::time::sleep(QUICK.among_others / 5).await;
                moved.fetch_add(1, Ordering::Relaxed);
            }
        });
        let begun = Instant::now();
        while line.way.is_some() {
            line.send(&Chunk::End).await;
        }
        assert!(begun.elapsed() >= QUICK.among_others * 4, "{:?}", begun.elapsed());
        assert!(moving.is_finished() && line.stalled.is_some());
    }

    #[tokio::test]
    async fn a_store_that_never_says_that_it_has_all_is_left() {
        let (mut line, chunks) = hanging(1);
        line.send(&Chunk::End).await;
        let begun = Instant::now();
        assert!(line.end().await.1.is_err_and(|error| error.trouble == Trouble::Stalled));
        assert!(begun.elapsed() >= QUICK.alone && chunks.len() == 1);
    }
}
