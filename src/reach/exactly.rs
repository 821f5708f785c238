//! A stream that must have a certain length: less is an error, and so is more where nothing may follow.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

pub(super) struct Exactly<R> {
    inner: R,
    left: u64,
    last: bool,
}

impl<R> Exactly<R> {
    /// The whole of a stream, which must have this size.
    pub(super) fn all_of(inner: R, size: u64) -> Exactly<R> {
        Exactly { inner, left: size, last: true }
    }

    /// So many bytes of a stream that goes on behind them.
    pub(super) fn first_of(inner: R, size: u64) -> Exactly<R> {
        Exactly { inner, left: size, last: false }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Exactly<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            if self.last {
                let mut one = [0];
                let mut more = ReadBuf::new(&mut one);
                ready!(Pin::new(&mut self.inner).poll_read(cx, &mut more))?;
                if !more.filled().is_empty() {
                    return Poll::Ready(Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "there is more of it than was said",
                    )));
                }
            }
            return Poll::Ready(Ok(()));
        }
        let room = into.remaining().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let mut part = ReadBuf::new(into.initialize_unfilled_to(room));
        ready!(Pin::new(&mut self.inner).poll_read(cx, &mut part))?;
        let count = part.filled().len();
        if count == 0 && room > 0 {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ended too early")));
        }
        into.advance(count);
        self.left -= count as u64;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn less_and_more_are_errors() {
        let mut read = Vec::new();
        assert!(Exactly::all_of(&b"abc"[..], 3).read_to_end(&mut read).await.is_ok());
        assert!(Exactly::all_of(&b"abc"[..], 4).read_to_end(&mut read).await.is_err());
        assert!(Exactly::all_of(&b"abc"[..], 2).read_to_end(&mut read).await.is_err());
        assert_eq!(Exactly::first_of(&b"abc"[..], 2).read_to_end(&mut Vec::new()).await.unwrap(), 2);
    }
}
