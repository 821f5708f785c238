//! A dump in the custom format of `pg_dump`: restored into nothing. That it can be listed proves nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, DuplexStream, ReadBuf};
use tokio::sync::oneshot::Receiver;

use super::Look;
use crate::reach::{Command, Ending, Reach};

/// A file that was read on a thread of its own: when that failed, this fails too, instead of just ending.
pub(super) struct Whole {
    bytes: DuplexStream,
    told: Option<Receiver<Option<io::Error>>>,
}

impl Whole {
    pub(super) fn new(bytes: DuplexStream, told: Receiver<Option<io::Error>>) -> Whole {
        Whole { bytes, told: Some(told) }
    }
}

impl AsyncRead for Whole {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        match Pin::new(&mut this.bytes).poll_read(context, buffer) {
            Poll::Ready(Ok(())) if buffer.filled().len() == before => {}
            other => return other,
        }
        let Some(told) = &mut this.told else { return Poll::Ready(Ok(())) };
        match Pin::new(told).poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(told) => {
                this.told = None;
                let broke = || Some(io::Error::other("whoever read it came to an unexpected end"));
                Poll::Ready(told.unwrap_or_else(|_| broke()).map_or(Ok(()), Err))
            }
        }
    }
}

pub(super) async fn look_through(file: impl AsyncRead + Send + Unpin + 'static, here: &Reach) -> Look {
    let command = Command::new("pg_restore").args(["-f", "/dev/null"]).env("LC_ALL", "C").stdin_stream(file);
    let output = match here.run(command).await {
        Ok(output) => output,
        Err(error) => return Look::not_looked(format!("pg_restore cannot be asked: {error}")),
    };
    let said = output.stderr.shown(&crate::text::Redactor::new(), 300);
    let said = said.lines().next().unwrap_or_default().trim_start_matches("pg_restore: ").trim_start_matches("error: ");
    match &output.ending {
        Ending::Exited(0) => Look::whole("a dump that restores"),
        Ending::Exited(127) => Look::not_looked("pg_restore is not here"),
        Ending::Exited(_) if said.contains("unsupported version") => {
            Look::not_looked(format!("pg_restore here is too old for it: {said}"))
        }
        Ending::InputFailed { why, .. } => Look::flawed(format!("it cannot be unpacked: {why}")),
        Ending::Exited(_) if !said.is_empty() => Look::flawed(format!("pg_restore says: {said}")),
        other => Look::not_looked(format!("pg_restore did not come to its end: {other:?}")),
    }
}
