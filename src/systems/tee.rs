//! Bytes on their way to whoever keeps them: made on a thread, looked at on a thread, or proven at their end. None is
//! held longer than it takes to hand it on, and what is not whole ends with an error, never just so.

use std::io::{self, Read, Write};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{StreamExt, future, stream};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::take::TakeError;
use crate::vault::Source;

/// How many pieces may wait for a thread, or come from one, before its other side waits.
const WAITING: usize = 8;
/// How much a thread makes at once.
const PIECE: usize = 128 * 1024;
/// How long a piece is gathered.
const GATHERED: Duration = Duration::from_millis(100);

/// What passes by, for a checker on a thread of its own.
pub struct Tap {
    pieces: mpsc::Receiver<Bytes>,
    piece: Bytes,
}

impl Read for Tap {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => return Ok(0),
            }
        }
        let count = self.piece.len().min(into.len());
        into[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}

struct Teeing<T> {
    source: Source,
    pieces: mpsc::Sender<Bytes>,
    checking: JoinHandle<Result<T, TakeError>>,
    tell: oneshot::Sender<T>,
}

impl<T> Teeing<T> {
    /// What the checker found, once it has all.
    async fn end(self) -> io::Result<()> {
        drop(self.pieces);
        let found = self.checking.await.map_err(io::Error::other)?;
        let found = found.map_err(io::Error::other)?;
        // Who asked may have gone.
        let _ = self.tell.send(found);
        Ok(())
    }
}

/// Passes bytes on, and lets `check` read them as they come. They end only when it has found nothing wrong; what it
/// found is told then.
pub fn tee<T: Send + 'static>(
    source: Source,
    check: impl FnOnce(&mut Tap) -> Result<T, TakeError> + Send + 'static,
) -> (Source, oneshot::Receiver<T>) {
    let (pieces, tapped) = mpsc::channel(WAITING);
    let (tell, told) = oneshot::channel();
    let checking = tokio::task::spawn_blocking(move || {
        let mut tap = Tap { pieces: tapped, piece: Bytes::new() };
        let found = check(&mut tap)?;
        // Who has seen enough does not hold up the rest.
        io::copy(&mut tap, &mut io::sink()).map_err(TakeError::ours)?;
        Ok(found)
    });
    let teeing = Teeing { source, pieces, checking, tell };
    let passed = stream::try_unfold(teeing, |mut teeing| async move {
        match teeing.source.next().await {
            Some(Ok(piece)) => {
                if teeing.pieces.send(piece.clone()).await.is_ok() {
                    return Ok(Some((piece, teeing)));
                }
                // The checker has ended before the bytes have: it has a complaint.
                teeing.end().await?;
                Err(io::Error::other("whoever checked it ended before it did"))
            }
            Some(Err(error)) => Err(error),
            None => teeing.end().await.map(|()| None),
        }
    });
    (Box::pin(passed), told)
}

/// The same bytes, which end well only if `proof` finds nothing wrong when all of them are through.
pub fn proven(source: Source, proof: impl Future<Output = Result<(), TakeError>> + Send + 'static) -> Source {
    let proof =
        stream::once(proof).filter_map(|found| future::ready(found.err().map(|error| Err(io::Error::other(error)))));
    Box::pin(source.chain(proof))
}

/// Small things that lie in memory already.
pub fn of_bytes(bytes: impl Into<Bytes>) -> Source {
    Box::pin(stream::once(future::ready(Ok(bytes.into()))))
}

/// What comes out of a reader, to its end. Programs write four kilobytes at once, and every piece wakes everybody on its
/// way: it goes on when it is full, or somebody would wait for it.
pub fn of_reader(reader: impl AsyncRead + Send + Unpin + 'static) -> Source {
    Box::pin(stream::try_unfold(Some(reader), |reader| async move {
        let Some(mut reader) = reader else { return Ok(None) };
        let (mut piece, mut latest) = (BytesMut::with_capacity(PIECE), None);
        while piece.len() < PIECE {
            let room = PIECE - piece.len();
            let mut free = (&mut piece).limit(room);
            let reading = reader.read_buf(&mut free);
            let read = match latest {
                None => reading.await?,
                Some(latest) => match timeout_at(latest, reading).await {
                    Ok(read) => read?,
                    Err(_) => break,
                },
            };
            if read == 0 {
                return Ok((!piece.is_empty()).then(|| (piece.freeze(), None)));
            }
            latest = latest.or_else(|| Some(Instant::now() + GATHERED));
        }
        Ok(Some((piece.freeze(), Some(reader))))
    }))
}

/// Where a thread writes what it makes.
pub struct Feed {
    buffer: BytesMut,
    pieces: mpsc::Sender<io::Result<Bytes>>,
}

impl Feed {
    fn hand_on(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let piece = self.buffer.split().freeze();
        self.pieces.blocking_send(Ok(piece)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for Feed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(PIECE);
        self.buffer.extend_from_slice(&bytes[..count]);
        if self.buffer.len() >= PIECE {
            self.hand_on()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()
    }
}

/// Bytes that `make` writes on a thread of its own, no faster than they are taken. They end only when it has ended
/// well; what it tells is told then.
pub fn made<T: Send + 'static>(
    make: impl FnOnce(&mut Feed) -> Result<T, TakeError> + Send + 'static,
) -> (Source, oneshot::Receiver<T>) {
    let (pieces, mut made) = mpsc::channel(WAITING);
    let (tell, told) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let mut feed = Feed { buffer: BytesMut::with_capacity(2 * PIECE), pieces };
        let ended = make(&mut feed).and_then(|told| feed.flush().map(|()| told).map_err(TakeError::ours));
        let last = match ended {
            Ok(told) => {
                // Who asked may have gone.
                let _ = tell.send(told);
                Ok(Bytes::new())
            }
            Err(error) => Err(io::Error::other(error)),
        };
        let _ = feed.pieces.blocking_send(last);
    });
    // A thread that broke says no last word: its bytes must not look whole.
    let mut is_over = false;
    let pieces = stream::poll_fn(move |context| {
        if is_over {
            return std::task::Poll::Ready(None);
        }
        made.poll_recv(context).map(|piece| match piece {
            Some(Ok(piece)) if piece.is_empty() => {
                is_over = true;
                None
            }
            Some(Ok(piece)) => Some(Ok(piece)),
            Some(Err(error)) => {
                is_over = true;
                Some(Err(error))
            }
            None => {
                is_over = true;
                Some(Err(io::Error::other("whoever made it came to an unexpected end")))
            }
        })
    });
    (Box::pin(pieces), told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(count: usize, end: Option<io::ErrorKind>) -> Source {
        let all = (0..count).map(|_| Ok(Bytes::from_static(&[7; 1000])));
        let all: Vec<io::Result<Bytes>> = all.chain(end.map(|kind| Err(kind.into()))).collect();
        Box::pin(stream::iter(all))
    }

    async fn drain(mut source: Source) -> Result<usize, String> {
        let mut bytes = 0;
        while let Some(piece) = source.next().await {
            bytes += piece.map_err(|error| error.to_string())?.len();
        }
        Ok(bytes)
    }

    fn count(tap: &mut Tap) -> Result<u64, TakeError> {
        io::copy(tap, &mut io::sink()).map_err(TakeError::ours)
    }

    #[tokio::test]
    async fn small_writes_go_on_together() {
        let (mut writer, reader) = tokio::io::duplex(5_000);
        let writing = tokio::spawn(async move {
            for _ in 0..100 {
                tokio::io::AsyncWriteExt::write_all(&mut writer, &[7; 4096]).await.unwrap();
            }
        });
        let pieces: Vec<usize> = of_reader(reader).map(|piece| piece.unwrap().len()).collect().await;
        writing.await.unwrap();
        assert_eq!(pieces, [PIECE, PIECE, PIECE, 4096 * 100 - 3 * PIECE]);
    }

    #[tokio::test]
    async fn nobody_waits_for_a_slow_program() {
        let (mut writer, reader) = tokio::io::duplex(100);
        tokio::io::AsyncWriteExt::write_all(&mut writer, b"one").await.unwrap();
        let mut source = of_reader(reader);
        assert_eq!(source.next().await.unwrap().unwrap(), "one");
        tokio::io::AsyncWriteExt::write_all(&mut writer, b"two").await.unwrap();
        drop(writer);
        assert_eq!(source.next().await.unwrap().unwrap(), "two");
        assert!(source.next().await.is_none());
    }

    #[tokio::test]
    async fn the_checker_sees_what_the_keeper_gets() {
        let (source, told) = tee(pieces(500, None), count);
        assert_eq!(drain(source).await, Ok(500_000));
        assert_eq!(told.await, Ok(500_000));
    }

    #[tokio::test]
    async fn a_complaint_is_the_end_whenever_it_comes() {
        let complain = || TakeError::ours("no good");
        let (source, told) = tee(pieces(500, None), move |_| Err::<(), _>(complain()));
        assert!(drain(source).await.unwrap_err().contains("no good"));
        assert!(told.await.is_err());
        let (source, _) = tee(pieces(500, None), move |tap| count(tap).and(Err::<(), _>(complain())));
        assert!(drain(source).await.unwrap_err().contains("no good"));
    }

    #[tokio::test]
    async fn who_sees_enough_early_holds_up_nobody() {
        let (source, told) = tee(pieces(500, None), |_| Ok(()));
        assert_eq!((drain(source).await, told.await), (Ok(500_000), Ok(())));
    }

    #[tokio::test]
    async fn half_of_it_is_never_found_whole() {
        let (source, told) = tee(pieces(9, Some(io::ErrorKind::ConnectionReset)), count);
        assert!(drain(source).await.is_err() && told.await.is_err());
        let (source, told) = tee(pieces(9, None), count);
        drop(source);
        assert!(told.await.is_err(), "nobody took it to its end");
    }

    #[tokio::test]
    async fn a_proof_comes_after_all_bytes() {
        assert_eq!(drain(proven(pieces(3, None), async { Ok(()) })).await, Ok(3000));
        let refused = proven(pieces(3, None), async { Err(TakeError::ours("keys are missing")) });
        assert!(drain(refused).await.unwrap_err().contains("keys are missing"));
    }

    #[tokio::test]
    async fn what_a_thread_makes_comes_whole_or_with_an_error() {
        let write = |feed: &mut Feed| feed.write_all(&vec![1; 1_000_000]).map_err(TakeError::ours);
        let (source, told) = made(move |feed| write(feed).map(|()| 5));
        assert_eq!((drain(source).await, told.await), (Ok(1_000_000), Ok(5)));
        let (source, _) = made(move |feed| write(feed).and(Err::<(), _>(TakeError::ours("the disk is gone"))));
        assert!(drain(source).await.unwrap_err().contains("the disk is gone"));
        let (source, _) = made(|_| -> Result<(), TakeError> { std::panic::resume_unwind(Box::new(())) });
        assert!(drain(source).await.is_err());
    }
}
