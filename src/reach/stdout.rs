//! The output of a running command as a stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::link::Reader;

/// Reads a command's output to its end. The end is also reached when the command is over and nothing has
/// come for a moment: something it left in the background may hold the pipe open for ever.
pub struct Stdout {
    first: io::Cursor<Vec<u8>>,
    inner: Reader,
    over: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    linger: Duration,
    quiet: Option<Pin<Box<Sleep>>>,
    ended: Option<oneshot::Sender<()>>,
}

impl Stdout {
    /// `first` was read before; `over` tells that the command is; the receiver learns when nobody reads on.
    pub(super) fn new(
        first: Vec<u8>,
        inner: Reader,
        over: &CancellationToken,
        linger: Duration,
    ) -> (Stdout, oneshot::Receiver<()>) {
        let (ended, receiver) = oneshot::channel();
        let over = Some(Box::pin(over.clone().cancelled_owned()));
        let first = io::Cursor::new(first);
        (Stdout { first, inner, over, linger, quiet: None, ended: Some(ended) }, receiver)
    }

    fn poll_quiet(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(over) = &mut self.over {
            ready!(over.as_mut().poll(cx));
            self.over = None;
        }
        let linger = self.linger;
        self.quiet.get_or_insert_with(|| Box::pin(tokio::time::sleep(linger))).as_mut().poll(cx)
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
        let read = match Pin::new(&mut self.inner).poll_read(cx, into) {
            Poll::Pending => {
                ready!(self.poll_quiet(cx));
                Ok(())
            }
            Poll::Ready(read) => read,
        };
        self.quiet = None;
        if into.filled().len() == before && into.remaining() > 0 {
            self.ended = None;
        }
        Poll::Ready(read)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_pipe_that_stays_open_does_not_hold_the_end_back() {
        let (mut writer, reader) = tokio::io::duplex(64);
        let over = CancellationToken::new();
        let (mut stdout, ended) = Stdout::new(b"ab".to_vec(), Box::new(reader), &over, Duration::from_millis(20));
        writer.write_all(b"cd").await.unwrap();
        over.cancel();
        let mut all = Vec::new();
        stdout.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, b"abcd");
        assert!(ended.await.is_err());
        drop(writer);
    }
}
