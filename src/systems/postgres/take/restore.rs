//! A dump restored into nothing, to know that all of it can be read and which rows are in it.

use std::collections::BTreeMap;
use std::io;

use bytes::Bytes;
use futures_util::stream;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc::Receiver;
use tokio_util::io::StreamReader;

use crate::reach::{Command, Reach};
use crate::systems::postgres::rows::RowCounter;
use crate::systems::take::TakeError;

/// How much is read at once.
const PIECE: usize = 128 * 1024;

/// Reads a dump to its end, and tells how many rows of each table are in it.
pub async fn read_dump(
    pieces: Receiver<Bytes>,
    program: String,
    place: Reach,
    name: String,
) -> Result<BTreeMap<String, u64>, TakeError> {
    let pieces = stream::unfold(pieces, async |mut pieces| Some((Ok::<_, io::Error>(pieces.recv().await?), pieces)));
    let input = StreamReader::new(Box::pin(pieces));
    let command = Command::new(program).args(["-f", "-"]).env("LC_ALL", "C").stdin_stream(input);
    let mut running = place.stream(command).await?;
    let mut output = running.take_stdout().ok_or_else(|| TakeError::ours("a program without an output"))?;
    let (mut counter, mut piece) = (RowCounter::default(), vec![0; PIECE]);
    let read = loop {
        match output.read(&mut piece).await {
            Ok(0) => break Ok(()),
            Ok(count) => counter.add(&piece[..count]),
            Err(error) => break Err(error),
        }
    };
    drop(output);
    running.wait().await.ok()?;
    read.map_err(TakeError::ours)?;
    counter.end().map_err(|why| TakeError::flawed(&name, why))
}
