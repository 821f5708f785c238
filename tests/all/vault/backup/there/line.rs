//! What lies between two ends: it counts what goes through, and can be cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// A line to a server of this machine.
pub struct Line {
    pub address: SocketAddr,
    there: Arc<AtomicU64>,
    back: Arc<AtomicU64>,
    cut: CancellationToken,
    hang: CancellationToken,
}

impl Line {
    pub async fn to(port: u16) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Line {
            address: listener.local_addr().unwrap(),
            there: Arc::default(),
            back: Arc::default(),
            cut: CancellationToken::new(),
            hang: CancellationToken::new(),
        };
        let (there, back) = (Arc::clone(&line.there), Arc::clone(&line.back));
        let ends = (line.cut.clone(), line.hang.clone());
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(carry(near_in, far_out, Arc::clone(&there), ends.clone()));
                tokio::spawn(carry(far_in, near_out, Arc::clone(&back), ends.clone()));
            }
        });
        line
    }

    /// How many bytes went there, and how many came back, since this was asked last.
    pub fn carried(&self) -> (u64, u64) {
        (self.there.swap(0, Ordering::Relaxed), self.back.swap(0, Ordering::Relaxed))
    }

    /// Lets nothing through any more, without a word to either end.
    pub fn hang(&self) {
        self.hang.cancel();
    }

    /// Cuts every connection at once.
    pub fn cut(&self) {
        self.cut.cancel();
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    count: Arc<AtomicU64>,
    (cut, hang): (CancellationToken, CancellationToken),
) {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut piece) => read,
            () = cut.cancelled() => return,
            // Neither end learns of it.
            () = hang.cancelled() => std::future::pending().await,
        };
        let Ok(size @ 1..) = read else { return };
        count.fetch_add(size as u64, Ordering::Relaxed);
        if to.write_all(&piece[..size]).await.is_err() {
            return;
        }
    }
}
