//! A connection that takes in no more than an answer may weigh. The drivers keep a message until it is whole, however
//! long it says it is.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::text::Size;

/// How much is remembered of what came first.
const FIRST: usize = 200;

/// How much may still come in, shared by a connection and whoever asks through it.
#[derive(Clone, Debug)]
pub struct Allowance {
    whole: usize,
    taken: Arc<AtomicUsize>,
    first: Arc<Mutex<Vec<u8>>>,
}

impl Allowance {
    /// So many bytes for each question.
    pub fn new(whole: usize) -> Allowance {
        Allowance { whole, taken: Arc::default(), first: Arc::default() }
    }

    /// Begins a new question.
    pub fn refill(&self) {
        self.taken.store(0, Ordering::Relaxed);
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// What came first since the question began: who hangs up in the middle of it may have said why.
    pub fn first_words(&self) -> Vec<u8> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take(&self, bytes: &[u8]) {
        let before = self.taken.fetch_add(bytes.len(), Ordering::Relaxed);
        if before < FIRST {
            let mut first = self.first.lock().unwrap_or_else(PoisonError::into_inner);
            let room = FIRST.saturating_sub(first.len());
            first.extend(bytes.iter().take(room));
        }
    }

    /// How much has come in since the question began.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    /// Whether more came than an answer may weigh.
    pub fn is_spent(&self) -> bool {
        self.taken() >= self.whole
    }

    /// Whether an answer may weigh as much.
    pub fn allows(&self, size: usize) -> bool {
        size <= self.whole
    }

    /// What to say of a server that sent too much.
    pub fn complaint(&self) -> String {
        format!("it sends more than {} for one answer", Size(self.whole as u64).approx())
    }
}

/// A connection with an allowance.
pub struct Bounded<S> {
    inner: S,
    allowance: Allowance,
}

impl<S> Bounded<S> {
    /// Lets in through `inner` what `allowance` allows.
    pub fn new(inner: S, allowance: Allowance) -> Bounded<S> {
        Bounded { inner, allowance }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.allowance.is_spent() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, self.allowance.complaint())));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        // What comes at once may exceed the allowance by as much as the driver makes room for: at most twice of it.
        self.allowance.take(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn what_is_too_much_ends_the_connection_and_a_new_question_has_its_own_share() {
        let allowance = Allowance::new(10);
        let mut stream = Bounded::new(&b"0123456789abcdefghij"[..], allowance.clone());
        let mut eight = [0; 8];
        stream.read_exact(&mut eight).await.unwrap();
        assert_eq!((allowance.taken(), allowance.is_spent()), (8, false));
        assert_eq!(allowance.first_words(), b"01234567");
        allowance.refill();
        stream.read_exact(&mut eight).await.unwrap();
        let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(error.to_string(), "it sends more than 10B for one answer");
        assert!(allowance.is_spent());
    }
}
