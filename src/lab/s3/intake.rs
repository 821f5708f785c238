//! Bytes on their way in: written to a file that nothing refers to, until they are found to be what was
//! announced. What is refused, or breaks off, leaves nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use s3s::{S3Result, StdError};
use tokio::io::AsyncWriteExt as _;

use super::announce::{Announced, Digest};
use super::bucket::Bucket;
use super::record::Piece;
use super::store::Store;
use super::{answer, disk};

const BUFFER: usize = 1 << 20;

/// Bytes that have come in and are safe on disk. Dropped without [`Taken::keep`], they are gone.
pub(super) struct Taken {
    pub(super) digest: Digest,
    file: Unfinished,
}

/// A file of bytes that nothing refers to yet, and the room it takes.
struct Unfinished {
    store: Arc<Store>,
    name: String,
    path: PathBuf,
    size: u64,
    kept: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            self.store.release(self.size);
            if let Err(error) = disk::remove(&self.path) {
                tracing::warn!(%error, "a refused upload stays until the next start");
            }
        }
    }
}

impl Taken {
    /// The piece for a record that is about to be published. Call [`Taken::keep`] once it is.
    pub(super) fn piece(&self) -> Piece {
        Piece { file: self.file.name.clone(), size: self.digest.size }
    }

    /// Something refers to the bytes from now on.
    pub(super) fn keep(mut self) {
        self.file.kept = true;
    }
}

/// Takes a body in. It is read to its end also when it is refused, so that the client hears the answer.
pub(super) async fn take<S>(store: &Arc<Store>, bucket: &Bucket, mut body: S, announced: &Announced) -> S3Result<Taken>
where
    S: Stream<Item = Result<Bytes, StdError>> + Send + Unpin,
{
    let taken = write(store, bucket, &mut body, announced).await;
    if taken.is_err() {
        while let Some(Ok(_)) = body.next().await {}
    }
    taken
}

async fn write<S>(store: &Arc<Store>, bucket: &Bucket, body: &mut S, announced: &Announced) -> S3Result<Taken>
where
    S: Stream<Item = Result<Bytes, StdError>> + Send + Unpin,
{
    let quota = store.settings().quota.map(|quota| quota.0);
    if announced.length().is_some_and(|length| !store.has_room(length, quota)) {
        return Err(answer::full());
    }
    let name = new_name(store);
    let path = bucket.data().join(&name);
    let created = tokio::fs::OpenOptions::new().write(true).create_new(true).open(&path).await;
    let mut out = tokio::io::BufWriter::with_capacity(BUFFER, created.map_err(answer::disk)?);
    let mut file = Unfinished { store: Arc::clone(store), name, path, size: 0, kept: false };
    let mut digester = announced.digester();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| answer::body(error.as_ref()))?;
        store.reserve(chunk.len() as u64, quota)?;
        file.size += chunk.len() as u64;
        digester.update(&chunk);
        out.write_all(&chunk).await.map_err(answer::disk)?;
    }
    let digest = announced.check(digester)?;
    out.flush().await.map_err(answer::disk)?;
    out.get_ref().sync_all().await.map_err(answer::disk)?;
    let data = bucket.data();
    run(move || disk::sync_folder(&data).map_err(answer::ours)).await?;
    Ok(Taken { digest, file })
}

fn new_name(store: &Store) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let nanos = store.now().timestamp_nanos_opt().unwrap_or_default();
    format!("{nanos:016x}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Runs what waits for the disk where waiting holds up nobody else.
pub(super) async fn run<T: Send + 'static>(work: impl FnOnce() -> S3Result<T> + Send + 'static) -> S3Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| answer::disk(std::io::Error::other(error)))?
}
