//! The input of a running command, to be written while it runs.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::AsyncWrite;
use tokio::sync::oneshot;

use super::link::Writer;

/// Writes to a command. Shut it down to end the input; if it is dropped before that, the command is ended,
/// because half an input must never look like a whole one.
pub struct Input {
    inner: Option<Writer>,
    broken: Option<oneshot::Sender<BrokenInput>>,
}

/// Why an input failed, and the input itself, still open: its end would look like the end of the data.
pub(super) struct BrokenInput {
    pub(super) why: String,
    pub(super) _stdin: Writer,
}

impl Input {
    pub(super) fn new(inner: Writer, broken: oneshot::Sender<BrokenInput>) -> Input {
        Input { inner: Some(inner), broken: Some(broken) }
    }

    /// Tells why there will be no more, without ending the input.
    pub(super) fn fail(mut self, why: String) {
        if let (Some(broken), Some(stdin)) = (self.broken.take(), self.inner.take()) {
            let _ = broken.send(BrokenInput { why, _stdin: stdin });
        }
    }

    fn poll(&mut self, act: impl FnOnce(Pin<&mut Writer>) -> Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())) };
        let done = ready!(act(Pin::new(inner)));
        if done.is_err() {
            // A command that stops reading says why by its own end.
            self.broken = None;
        }
        Poll::Ready(done)
    }
}

impl AsyncWrite for Input {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(|inner| inner.poll_write(cx, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|inner| inner.poll_flush(cx).map_ok(|()| 0)).map_ok(drop)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = ready!(self.poll(|inner| inner.poll_shutdown(cx).map_ok(|()| 0)));
        self.broken = None;
        // A pipe ends when it is closed.
        self.inner = None;
        Poll::Ready(done.map(drop))
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        if let (Some(broken), Some(stdin)) = (self.broken.take(), self.inner.take()) {
            let _ = broken.send(BrokenInput { why: "nobody wrote it to its end".to_owned(), _stdin: stdin });
        }
    }
}
