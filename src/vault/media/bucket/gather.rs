//! A part that is gathered until it can be sent. A large one lies in a file meanwhile: memory stays flat, whatever the
//! size. Where no file takes it, it is held as a small one is.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::task::spawn_blocking;

use crate::reach::s3::{Payload, Spool};
use crate::vault::media::tickets::Tickets;

/// A part up to this size is held. Two of them, one under way and one that is gathered, are no more than three of the
/// first parts.
const HELD: u64 = 12 << 20;
/// So much of a larger one is held before its file takes it.
const MOVED: u64 = 1 << 20;

/// How much of a part is held at most.
pub(super) fn most_held(size: u64) -> u64 {
    if size > HELD { MOVED } else { size }
}

/// Gathers one part after the other.
pub(super) struct Gather {
    /// Beside what the files lie.
    tickets: Option<Tickets>,
    part: Part,
    /// Whether it was told already that no file takes a part.
    is_told: bool,
}

#[derive(Default)]
struct Part {
    size: u64,
    /// Its beginning, if it is a large one.
    spool: Option<Spool>,
    /// What follows.
    held: BytesMut,
    most_held: u64,
}

impl Gather {
    pub(super) fn beside(tickets: Option<Tickets>) -> Gather {
        Gather { tickets, part: Part::default(), is_told: false }
    }

    /// Takes some bytes, no more than fit into a part of this size; tells whether it is full. A new part lies where one
    /// lay that has gone: memory that is freed by one thread and taken by another grows with each.
    pub(super) async fn add(&mut self, bytes: &mut Bytes, size: u64, spare: &mut Vec<BytesMut>) -> io::Result<bool> {
        if self.part.len() == 0 {
            self.part = Part::of(size, spare.pop());
        }
        let is_full = self.part.add(bytes);
        if !is_full && self.part.has_to_move() {
            self.spill().await?;
        }
        Ok(is_full)
    }

    /// What was gathered. The next bytes are those of another part.
    pub(super) async fn take(&mut self) -> io::Result<Payload> {
        if self.part.spool.is_some() {
            self.spill().await?;
        }
        let Part { spool, held, .. } = std::mem::take(&mut self.part);
        Ok(spool.map_or_else(|| held.freeze().into(), Spool::end))
    }

    /// Moves what is held into the file, or everything into memory.
    async fn spill(&mut self) -> io::Result<()> {
        let (mut part, tickets) = (std::mem::take(&mut self.part), self.tickets.clone());
        let spilling = spawn_blocking(move || match part.spill(tickets.as_ref()) {
            Ok(()) => Ok((part, None)),
            Err(error) => part.hold().map(|()| (part, Some(error))),
        });
        let (part, error) = spilling.await??;
        self.part = part;
        if let Some(error) = error
            && !std::mem::replace(&mut self.is_told, true)
        {
            tracing::warn!(%error, "no file takes the large parts of an upload; they are held in memory");
        }
        Ok(())
    }
}

impl Part {
    fn of(size: u64, spare: Option<BytesMut>) -> Part {
        let most_held = most_held(size);
        let has_room = |spare: &BytesMut| spare.capacity() as u64 >= most_held;
        // Grown by itself, it would become twice as large as what comes into it.
        let held = spare.filter(has_room).unwrap_or_else(|| with_room(most_held));
        Part { size, spool: None, held, most_held }
    }

    fn len(&self) -> u64 {
        self.held.len() as u64 + self.spool.as_ref().map_or(0, Spool::size)
    }

    /// Takes what it may hold; tells whether it is full.
    fn add(&mut self, bytes: &mut Bytes) -> bool {
        let room = (self.size - self.len()).min(self.most_held - self.held.len() as u64);
        let fits = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        self.held.extend_from_slice(&bytes.split_to(fits));
        self.len() == self.size
    }

    fn has_to_move(&self) -> bool {
        self.held.len() as u64 == self.most_held
    }

    fn spill(&mut self, tickets: Option<&Tickets>) -> io::Result<()> {
        let spool = match &mut self.spool {
            Some(spool) => spool,
            none => {
                let tickets = tickets.ok_or_else(|| io::Error::other("there is no state folder"))?;
                none.insert(tickets.spool(self.size)?)
            }
        };
        spool.write(&self.held)?;
        self.held.clear();
        Ok(())
    }

    /// Holds all of it from now on.
    fn hold(&mut self) -> io::Result<()> {
        let mut all = with_room(self.size);
        if let Some(spool) = self.spool.take() {
            spool.read_into(&mut all)?;
        }
        all.extend_from_slice(&self.held);
        (self.held, self.most_held) = (all, self.size);
        Ok(())
    }
}

fn with_room(size: u64) -> BytesMut {
    BytesMut::with_capacity(usize::try_from(size).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SIZE: u64 = 13 << 20;

    /// Gathers a part from pieces that do not fit.
    async fn gather(gather: &mut Gather, size: u64) -> Payload {
        let (pieces, mut is_full) = (Bytes::from(vec![7; 700_000]), false);
        while !is_full {
            let mut piece = pieces.clone();
            while !is_full && !piece.is_empty() {
                is_full = gather.add(&mut piece, size, &mut Vec::new()).await.unwrap();
            }
        }
        gather.take().await.unwrap()
    }

    #[tokio::test]
    async fn a_large_part_is_a_file_and_a_small_one_is_held() {
        let state = tempfile::tempdir().unwrap();
        let mut gathering = Gather::beside(Some(Tickets::in_state(state.path())));
        for size in [HELD, SIZE, 1, SIZE] {
            let part = gather(&mut gathering, size).await;
            assert_eq!((part.size(), matches!(part, Payload::File(_))), (size, size == SIZE));
        }
        // The last part of an artefact is short, and may be small.
        for (size, is_file) in [(MOVED - 1, false), (MOVED, true)] {
            let mut bytes = vec![7; usize::try_from(size).unwrap()].into();
            assert!(!gathering.add(&mut bytes, SIZE, &mut Vec::new()).await.unwrap() && bytes.is_empty());
            let part = gathering.take().await.unwrap();
            assert_eq!((part.size(), matches!(part, Payload::File(_))), (size, is_file));
        }
        assert!(gathering.take().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_part_lies_where_one_lay_before() {
        let mut gathering = Gather::beside(None);
        let mut spare = vec![with_room(SIZE / 2)];
        let at = spare[0].as_ptr();
        assert!(gathering.add(&mut vec![7; 9].into(), 9, &mut spare).await.unwrap() && spare.is_empty());
        let Payload::Bytes(part) = gathering.take().await.unwrap() else { panic!("it is small") };
        assert_eq!((part.as_ptr(), part.len()), (at, 9));
        let mut spare = vec![with_room(3)];
        let mut bytes = Bytes::from_static(&[8; 20]);
        assert!(gathering.add(&mut bytes, 20, &mut spare).await.unwrap(), "it has no room, and another is taken");
        assert_eq!(gathering.take().await.unwrap().size(), 20);
    }

    #[tokio::test]
    async fn what_no_file_takes_is_held_and_that_is_told_once() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for (tickets, why) in [(None, "no state folder"), (Some(Tickets::in_state(file.path())), "Not a directory")] {
            let log = tempfile::NamedTempFile::new().unwrap();
            let subscriber = tracing_subscriber::fmt().with_writer(Arc::new(log.reopen().unwrap())).finish();
            let _guard = tracing::subscriber::set_default(subscriber);
            let mut gathering = Gather::beside(tickets);
            for _ in 0..3 {
                let part = gather(&mut gathering, SIZE).await;
                assert!(matches!(&part, Payload::Bytes(bytes) if bytes.len() as u64 == SIZE));
            }
            let log = std::fs::read_to_string(log.path()).unwrap();
            assert!(log.lines().count() == 1 && log.contains("WARN") && log.contains(why), "{log}");
        }
    }
}
