//! A dump in the custom format of `pg_dump`: restored into nothing. That it can be listed proves nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, DuplexStream, ReadBuf};
use tokio::sync::oneshot::Receiver;

use super::{Look, many};
use crate::reach::{Command, Ending, Reach, Stdout};
use crate::systems::postgres::rows::{RowCounter, compare};
use crate::text::with_causes;
use crate::vault::Account;

/// What `pg_restore` says of the machine it runs on, and not of the dump.
const OF_THIS_MACHINE: [&str; 5] = [
    "out of memory",
    "Cannot allocate memory",
    "No space left on device",
    "error while loading shared libraries",
    "could not write",
];

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

pub(super) async fn look_through(
    file: impl AsyncRead + Send + Unpin + 'static,
    expected: Option<&Account>,
    here: &Reach,
) -> Look {
    let command = Command::new("pg_restore").args(["-f", "-"]).env("LC_ALL", "C").stdin_stream(file);
    let mut running = match here.stream(command).await {
        Ok(running) => running,
        Err(error) => return Look::not_looked(format!("pg_restore cannot be asked: {error}")),
    };
    let Some(output) = running.take_stdout() else { return Look::not_looked("pg_restore says nothing") };
    let rows = count(output).await;
    let output = running.wait().await;
    let said = output.stderr.shown(&crate::text::Redactor::new(), 300);
    let said = said.lines().next().unwrap_or_default().trim_start_matches("pg_restore: ").trim_start_matches("error: ");
    match &output.ending {
        Ending::Exited(0) => told(rows, expected),
        Ending::Exited(127) => Look::not_looked("pg_restore is not here"),
        Ending::Exited(_) if said.contains("unsupported version") => {
            Look::not_looked(format!("pg_restore here is too old for it: {said}"))
        }
        Ending::Exited(_) if OF_THIS_MACHINE.iter().any(|words| said.contains(words)) => {
            Look::not_looked(format!("pg_restore could not go on here: {said}"))
        }
        Ending::InputFailed { why, .. } => Look::flawed(format!("it cannot be unpacked: {why}")),
        Ending::Exited(_) if !said.is_empty() => Look::flawed(format!("pg_restore says: {said}")),
        other => Look::not_looked(format!("pg_restore did not come to its end: {other:?}")),
    }
}

async fn count(mut output: Stdout) -> io::Result<RowCounter> {
    let (mut rows, mut piece) = (RowCounter::default(), vec![0; 128 * 1024]);
    loop {
        match output.read(&mut piece).await? {
            0 => return Ok(rows),
            count => rows.add(&piece[..count]),
        }
    }
}

/// Its rows, where they are those that were there when it was taken.
fn told(rows: io::Result<RowCounter>, expected: Option<&Account>) -> Look {
    let rows = match rows {
        Ok(rows) => rows.end(),
        Err(error) => return Look::not_looked(with_causes(&error)),
    };
    let rows = match rows {
        Ok(rows) => rows,
        Err(why) => return Look::flawed(why),
    };
    if let Some(Err(why)) = expected.map(|account| compare(&rows, &account.counts)) {
        return Look::flawed(why);
    }
    let all: u64 = rows.values().sum();
    Look::whole(format!("{} with {}", many(rows.len() as u64, "table"), many(all, "row")))
}
