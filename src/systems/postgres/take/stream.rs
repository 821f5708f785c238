//! What a program writes, as bytes on their way.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::reach::{Command, Reach};
use crate::systems::take::TakeError;
use crate::systems::tee::{of_reader, proven};
use crate::vault::Source;

/// So many pieces wait for a second reader.
const WAITING: usize = 8;

/// What a command writes; it ends well only if the command does.
pub async fn output_of(command: Command, at: &Reach) -> Result<Source, TakeError> {
    let mut running = at.stream(command.in_bulk()).await?;
    let output = running.take_stdout().ok_or_else(|| TakeError::ours("a program without an output"))?;
    let ended = async move {
        running.wait().await.ok()?;
        Ok(())
    };
    Ok(proven(of_reader(output), ended))
}

/// The same bytes, and once more for a second reader; who may stop whenever it has enough.
pub fn twice(source: Source) -> (Source, Receiver<Bytes>) {
    let (second, pieces) = channel(WAITING);
    let passed =
        stream::unfold((source, Some(second)), |(mut source, mut second): (Source, Option<Sender<Bytes>>)| async {
            let piece = source.next().await?;
            if let (Ok(bytes), Some(open)) = (&piece, &second)
                && open.send(bytes.clone()).await.is_err()
            {
                second = None;
            }
            Some((piece, (source, second)))
        });
    (Box::pin(passed), pieces)
}
