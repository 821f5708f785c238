//! The output of a running command as a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::link::Reader;

/// More than lies in all buffers between a command and us. What comes behind that was said after its end.
const MOST_BEHIND: usize = 64 * 1024 * 1024;

/// Reads a command's output to its end. The end is also reached when the command is over and nothing has
/// come for a moment: something it left in the background may hold the pipe open for ever. If that keeps
/// writing, the output is cut off with an error.
pub struct Stdout {
    first: io::Cursor<Vec<u8>>,
    inner: Reader,
    is_over: CancellationToken,
    over: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    closed: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    linger: Linger,
    patience: Option<Pin<Box<Sleep>>>,
    /// Since when there has been nothing to read, and how long that was before.
    waiting: Option<Instant>,
    waited: Duration,
    behind: usize,
    ended: Option<oneshot::Sender<()>>,
}

/// What tells an output that nothing more is to be expected.
#[derive(Clone, Default)]
pub(super) struct Over {
    /// The command has ended. What it said may still be on its way.
    pub(super) command: CancellationToken,
    /// The way to it is closed: what it said is here.
    pub(super) way: CancellationToken,
}

/// How long an output is waited for after its command is over. Time in which nobody reads does not count.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linger {
    /// While the way is open.
    pub(super) open: Patience,
    /// When it is closed.
    pub(super) closed: Patience,
    /// When it is closed, at the longest.
    pub(super) until: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// When nothing comes.
    pub(super) silent: Duration,
    /// When something comes again and again.
    pub(super) in_all: Duration,
}

impl Stdout {
    /// `first` was read before; the receiver learns when nobody reads on.
    pub(super) fn new(first: Vec<u8>, inner: Reader, over: &Over, linger: Linger) -> (Stdout, oneshot::Receiver<()>) {
        let (ended, receiver) = oneshot::channel();
        let stdout = Stdout {
            first: io::Cursor::new(first),
            inner,
            is_over: over.command.clone(),
            over: Some(Box::pin(over.command.clone().cancelled_owned())),
            closed: Some(Box::pin(over.way.clone().cancelled_owned())),
            linger,
            patience: None,
            waiting: None,
            waited: Duration::ZERO,
            behind: 0,
            ended: Some(ended),
        };
        (stdout, receiver)
    }

    /// Waits while there is nothing to read; an error if it never fell silent.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(over) = &mut self.over {
            ready!(over.as_mut().poll(cx));
            self.over = None;
        }
        if let Some(closed) = &mut self.closed
            && closed.as_mut().poll(cx).is_ready()
        {
            (self.closed, self.patience) = (None, None);
        }
        let (patience, until) = match self.closed {
            Some(_) => (self.linger.open, None),
            None => (self.linger.closed, self.linger.until),
        };
        let since = *self.waiting.get_or_insert_with(Instant::now);
        let silent = since + patience.silent;
        let last = since + patience.in_all.saturating_sub(self.waited);
        let last = until.map_or(last, |until| last.min(until));
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep_until(silent.min(last))));
        ready!(patience.as_mut().poll(cx));
        Poll::Ready(if last < silent { Err(cut_off()) } else { Ok(()) })
    }
}

impl AsyncRead for Stdout {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        if self.ended.is_none() {
            return Poll::Ready(Ok(()));
        }
        let _ = Pin::new(&mut self.first).poll_read(cx, into);
        if into.filled().len() > before {
            return Poll::Ready(Ok(()));
        }
        if self.behind > MOST_BEHIND {
            self.ended = None;
            return Poll::Ready(Err(cut_off()));
        }
        let Poll::Ready(read) = Pin::new(&mut self.inner).poll_read(cx, into) else {
            let end = ready!(self.poll_patience(cx));
            self.ended = None;
            return Poll::Ready(end);
        };
        self.patience = None;
        if let Some(since) = self.waiting.take() {
            self.waited += since.elapsed();
        }
        let count = into.filled().len() - before;
        if count == 0 && into.remaining() > 0 {
            self.ended = None;
        }
        if self.is_over.is_cancelled() {
            self.behind += count;
        }
        Poll::Ready(read)
    }
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the command is over, but what it left in the background keeps writing")
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_mins(1);

    /// The output of a command that is over, whose way is still open.
    fn stdout(inner: Reader, silent: Duration, in_all: Duration, until: Option<Instant>) -> (Over, Stdout) {
        let over = Over::default();
        over.command.cancel();
        let linger =
            Linger { open: Patience { silent: LONG, in_all: LONG }, closed: Patience { silent, in_all }, until };
        let (stdout, _ended) = Stdout::new(b"ab".to_vec(), inner, &over, linger);
        (over, stdout)
    }

    #[tokio::test]
    async fn a_pipe_that_stays_open_does_not_hold_the_end_back() {
        let (mut writer, reader) = tokio::io::duplex(64);
        let over = Over::default();
        let patience = Patience { silent: MOMENT, in_all: LONG };
        let linger = Linger { open: patience, closed: patience, until: None };
        let (mut stdout, ended) = Stdout::new(b"ab".to_vec(), Box::new(reader), &over, linger);
        writer.write_all(b"cd").await.unwrap();
        over.command.cancel();
        let mut all = Vec::new();
        stdout.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"abcd");
        assert!(ended.await.is_err());
        drop(writer);
    }

    #[tokio::test]
    async fn it_is_less_patient_when_the_way_is_closed() {
        let (writer, reader) = tokio::io::duplex(64);
        let (over, mut stdout) = stdout(Box::new(reader), MOMENT, LONG, None);
        let start = Instant::now();
        let close = async {
            tokio::time::sleep(MOMENT * 5).await;
            over.way.cancel();
        };
        let mut all = Vec::new();
        let (read, ()) = tokio::join!(stdout.read_to_end(&mut all), close);
        assert_eq!(read.unwrap(), 2);
        assert!(start.elapsed() >= MOMENT * 5 && start.elapsed() < LONG / 2);
        drop(writer);
    }

    /// Writes a byte now and then, so that the output is never silent for long.
    async fn chatter(mut writer: DuplexStream) {
        while writer.write_all(b".").await.is_ok() {
            tokio::time::sleep(MOMENT).await;
        }
    }

    #[tokio::test]
    async fn one_that_is_never_silent_is_cut_off() {
        for (in_all, until) in [(MOMENT * 10, LONG), (LONG, MOMENT * 10)] {
            let (writer, reader) = tokio::io::duplex(64);
            let (over, mut stdout) = stdout(Box::new(reader), LONG, in_all, Some(Instant::now() + until));
            over.way.cancel();
            tokio::spawn(chatter(writer));
            let mut all = Vec::new();
            let read = tokio::time::timeout(LONG / 2, stdout.read_to_end(&mut all)).await;
            assert_eq!(read.expect("it went on for ever").unwrap_err().kind(), io::ErrorKind::TimedOut);
            assert!(all.starts_with(b"ab."));
            assert_eq!(stdout.read(&mut [0; 9]).await.unwrap(), 0);
        }
    }

    #[tokio::test]
    async fn one_that_floods_is_cut_off() {
        let (_over, mut stdout) = stdout(Box::new(tokio::io::repeat(b'x')), LONG, LONG, None);
        let error = tokio::io::copy(&mut stdout, &mut tokio::io::sink()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    /// The one who reads may be slow: what the command itself has said is there however late it is fetched.
    #[tokio::test]
    async fn a_slow_reader_gets_everything() {
        let (mut writer, reader) = tokio::io::duplex(1024);
        let (over, mut stdout) = stdout(Box::new(reader), MOMENT, MOMENT * 2, Some(Instant::now()));
        over.way.cancel();
        writer.write_all(&[7; 1000]).await.unwrap();
        drop(writer);
        let mut all = Vec::new();
        let mut piece = [0; 200];
        while let count @ 1.. = stdout.read(&mut piece).await.unwrap() {
            all.extend_from_slice(&piece[..count]);
            tokio::time::sleep(MOMENT * 3).await;
        }
        assert_eq!(all[2..], [7; 1000]);
    }
}
