//! Bytes on their way out: a few files one after the other, a buffer at a time.

use std::io::SeekFrom;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use s3s::S3Result;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::mpsc;

use super::answer;
use super::record::{Piece, Record};

const BUFFER: usize = 256 << 10;

/// The bytes `range` of a version. The record is held until the last byte is out, and its files with it.
pub(super) fn bytes(
    data: PathBuf,
    record: Arc<Record>,
    range: Range<u64>,
) -> S3Result<impl Stream<Item = std::io::Result<Bytes>> + Send + Sync + use<>> {
    let cuts = cuts(record.pieces(), range);
    for (piece, _) in &cuts {
        std::fs::metadata(data.join(&piece.file)).map_err(answer::disk)?;
    }
    let (to_client, mut from_disk) = mpsc::channel(2);
    tokio::spawn(async move {
        for (piece, range) in cuts {
            if let Err(error) = send(data.join(&piece.file), range, &to_client).await {
                let _ = to_client.send(Err(error)).await;
                return;
            }
        }
        drop(record);
    });
    Ok(futures_util::stream::poll_fn(move |context| from_disk.poll_recv(context)))
}

/// Sends a stretch of one file. A client that has gone ends it without an error.
async fn send(
    path: PathBuf,
    range: Range<u64>,
    to_client: &mpsc::Sender<std::io::Result<Bytes>>,
) -> std::io::Result<()> {
    let mut file = tokio::fs::File::open(path).await?;
    file.seek(SeekFrom::Start(range.start)).await?;
    let mut left = range.end - range.start;
    while left > 0 {
        let room = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
        let mut buffer = bytes::BytesMut::with_capacity(room);
        let mut stretch = (&mut file).take(left);
        if stretch.read_buf(&mut buffer).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        left -= buffer.len() as u64;
        if to_client.send(Ok(buffer.freeze())).await.is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Which stretch of which piece makes up `range` of the whole.
fn cuts(pieces: &[Piece], range: Range<u64>) -> Vec<(Piece, Range<u64>)> {
    let mut begin = 0;
    let mut cuts = Vec::new();
    for piece in pieces {
        let end = begin + piece.size;
        let (from, to) = (range.start.max(begin), range.end.min(end));
        if from < to {
            cuts.push((piece.clone(), from - begin..to - begin));
        }
        begin = end;
    }
    cuts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_range_is_cut_out_of_the_pieces(sizes in prop::collection::vec(0_u64..5, 0..6), a in 0_u64..30, b in 0_u64..30) {
            let whole: u64 = sizes.iter().sum();
            let range = a.min(b).min(whole)..a.max(b).min(whole);
            let pieces: Vec<Piece> =
                sizes.iter().enumerate().map(|(at, size)| Piece { file: at.to_string(), size: *size }).collect();
            let bytes = |piece: &Piece, cut: Range<u64>| {
                let before: u64 = pieces.iter().take_while(|one| one.file != piece.file).map(|one| one.size).sum();
                before + cut.start..before + cut.end
            };
            let got: Vec<u64> = cuts(&pieces, range.clone()).into_iter().flat_map(|(piece, cut)| bytes(&piece, cut)).collect();
            prop_assert_eq!(got, range.collect::<Vec<_>>());
        }
    }
}
