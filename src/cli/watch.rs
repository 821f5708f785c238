//! `lifeboat watch`: watches without a screen, as a service, so that somebody watches when nobody looks.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::os::linux::net::SocketAddrExt;
use std::os::unix;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch::Receiver;

use super::status::line;
use super::status::news::News;
use super::{Changes, Context, Failure, Group, Info};
use crate::desk::{Desk, Sources, keep};
use crate::protect::standing;
use crate::text::{Clock, Exit, Explain, SystemClock};
use crate::watch::{self, Means, Recording, metrics};

/// The registry's entry.
pub const VERBS: &[Info] = &[Info {
    path: "watch",
    group: Group::Platform,
    changes: Changes::Always,
    examples: &[
        ("lifeboat watch", "Watch until interrupted; a line for each change, recorded in the journal"),
        ("lifeboat watch --metrics 127.0.0.1:9469", "The same, and serve metrics to Prometheus"),
    ],
}];

/// How long one who asks for metrics may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a supervisor is told that all goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// `lifeboat watch`
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Serve metrics for Prometheus at this address
    #[arg(long, value_name = "HOST:PORT")]
    metrics: Option<SocketAddr>,
}

impl Args {
    /// Watches until interrupted.
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let plan = Arc::new(context.readable()?.clone());
        let state = context.state()?.path;
        let opened = crate::journal::State::open(&state, plan.platform.group.as_deref())?;
        if let Some(holder) = watch::holder(&opened)? {
            return Err(Watched { holder }.into());
        }
        let recording = Recording {
            state: state.clone(),
            group: plan.platform.group.clone(),
            plan: context.plan_digest(),
            redactor: context.redactor().clone(),
        };
        context.block_on(async |stop| {
            let listener = match self.metrics {
                Some(address) => Some(listen(address).await?),
                None => None,
            };
            let means =
                Arc::new(Means::new(context.redactor(), stop.clone()).only_looking(context.globals().read_only));
            let sources =
                Sources { plan, means, state: Some(state), recording: Some(recording), doctor_looks_at: None };
            let (desk, mut changes) = keep(sources);
            if let Some(listener) = listener {
                tokio::spawn(serve(listener, desk.clone()));
            }
            tokio::spawn(sign_of_life(desk.clone()));
            let mut news = News::default();
            let mut beat = tokio::time::interval(Duration::from_secs(1));
            loop {
                tokio::select! {
                    () = stop.cancelled() => return Ok(Exit::Interrupted),
                    change = changes.recv() => match change {
                        Some(change) if context.out().is_json() => context.out().line(json!(change).to_string())?,
                        Some(change) => context.out().line(line::change(&change, SystemClock.now()))?,
                        None => return Ok(Exit::Done),
                    },
                    _ = beat.tick() => {
                        let desk = Arc::clone(&desk.borrow());
                        news.tell(context, &desk.picture)?;
                        news.data(context, &desk.shelf)?;
                        news.record(context, desk.record.trouble.as_deref())?;
                    }
                }
            }
        })
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    Ok(TcpListener::bind(address).await.map_err(|source| NoMetrics { address, source })?)
}

/// Answers every request with the metrics of now. Whoever dawdles is hung up on.
async fn serve(listener: TcpListener, desk: Receiver<Arc<Desk>>) {
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

/// Where the supervisor listens: at a path, or at a name without a file, which begins with @.
fn supervisor(place: &OsStr) -> Option<unix::net::SocketAddr> {
    match place.as_encoded_bytes() {
        [b'/', ..] => unix::net::SocketAddr::from_pathname(place).ok(),
        [b'@', name @ ..] => unix::net::SocketAddr::from_abstract_name(name).ok(),
        _ => None,
    }
}

/// Tells systemd that we are ready, and then that all goes on, as long as pictures are published.
async fn sign_of_life(mut desk: Receiver<Arc<Desk>>) {
    let place = std::env::var_os("NOTIFY_SOCKET").and_then(|place| supervisor(&place));
    let (Some(place), Ok(socket)) = (place, unix::net::UnixDatagram::unbound()) else { return };
    // A supervisor that hears nothing for a while is no reason to stand still.
    let _ = socket.set_nonblocking(true);
    let _ = socket.send_to_addr(b"READY=1\nSTATUS=watching", &place);
    while desk.changed().await.is_ok() {
        let _ = socket.send_to_addr(b"WATCHDOG=1", &place);
        tokio::time::sleep(SIGN_OF_LIFE).await;
    }
}

/// Another process of this host watches and records already.
#[derive(Debug, thiserror::Error)]
#[error("this host is watched already, by {holder}")]
struct Watched {
    holder: String,
}

impl Explain for Watched {
    fn next_step(&self) -> String {
        "`lifeboat status --watch` shows changes without recording them; to watch here, end the other one first."
            .to_owned()
    }

    fn exit(&self) -> Exit {
        Exit::Refused
    }
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
