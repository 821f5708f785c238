//! Metrics for Prometheus, served while watching.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch::Receiver;

use crate::cli::Failure;
use crate::desk::Desk;
use crate::protect::standing;
use crate::text::{Clock, Explain, SystemClock};
use crate::watch::{self, metrics};

/// How long one who asks for metrics may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Listens for whoever asks.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    Ok(TcpListener::bind(address).await.map_err(|source| NoMetrics { address, source })?)
}

/// Answers every request with the metrics of now. Whoever dawdles is hung up on.
pub(super) async fn serve(listener: TcpListener, desk: Receiver<Arc<Desk>>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        };
        let desk = Arc::clone(&desk.borrow());
        tokio::spawn(async move { tokio::time::timeout(PATIENCE, answer(stream, &desk)).await });
    }
}

async fn answer(mut stream: TcpStream, desk: &Desk) -> std::io::Result<()> {
    const LONGEST: usize = 8 * 1024;
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < LONGEST {
        if stream.read_buf(&mut request).await? == 0 {
            break;
        }
    }
    let path = request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    let (status, body) = match path {
        b"/metrics" => ("200 OK", told(desk)),
        b"/" => ("200 OK", "The metrics are at /metrics.\n".to_owned()),
        _ => ("404 Not Found", "There is nothing here; the metrics are at /metrics.\n".to_owned()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}

/// The metrics of now, with those of the watcher itself.
fn told(desk: &Desk) -> String {
    let trouble = f64::from(u8::from(desk.record.trouble.is_some()));
    let help = "1 while the journal cannot be written or read: changes of verdict may go unrecorded.";
    let now = SystemClock.now();
    let data: Vec<_> = desk.shelf.protection.iter().collect();
    let late = desk
        .shelf
        .late()
        .map(|late| watch::metric("lifeboat_jobs_late", "How many jobs are later than usual.", late as f64));
    metrics(&desk.picture, now, |_| true)
        + &standing::metrics(&data, now)
        + &late.unwrap_or_default()
        + &watch::metric("lifeboat_journal_trouble", help, trouble)
}

/// The address for the metrics cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be served at {address}: {source}")]
struct NoMetrics {
    address: SocketAddr,
    source: std::io::Error,
}

impl Explain for NoMetrics {
    fn next_step(&self) -> String {
        "Name another address with --metrics, or leave it out.".to_owned()
    }
}
