//! Sending and reading while something moves: a large body may take hours, a connection that stands still may not.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::CONTENT_LENGTH;
use reqwest::{Body, Client, Method, Request, Response};

use super::error::Trouble;
use super::payload::Payload;
use crate::text::{Shape, untrusted, with_causes};

/// So much is handed to a connection at once.
const PIECE: usize = 64 * 1024;

/// Why there is no whole answer, and whether the request may have been done all the same.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) trouble: Trouble,
    pub(super) may_be_done: bool,
}

/// What has moved of one request, and of all that go the same way.
struct Moved {
    here: AtomicU64,
    all: Arc<AtomicU64>,
}

impl Moved {
    fn add(&self, bytes: usize) {
        self.here.fetch_add(bytes as u64, Ordering::Relaxed);
        self.all.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

/// Sends a request with its body, and waits for the head of the answer as long as something moves; `all` counts what
/// does.
pub(super) async fn send(
    (client, all): (&Client, &Arc<AtomicU64>),
    mut request: Request,
    body: &Payload,
    idle: Duration,
) -> Result<Response, Broken> {
    let moved = Arc::new(Moved { here: AtomicU64::new(0), all: Arc::clone(all) });
    if matches!(*request.method(), Method::PUT | Method::POST) {
        request.headers_mut().insert(CONTENT_LENGTH, body.size().into());
    }
    if !body.is_empty() {
        *request.body_mut() = Some(pieces(body, Arc::clone(&moved)));
    }
    let mut sending = pin!(client.execute(request));
    let mut before = u64::MAX;
    loop {
        if let Ok(answer) = tokio::time::timeout(idle, &mut sending).await {
            return answer.map_err(broken);
        }
        let now = moved.here.load(Ordering::Relaxed);
        if now == before || body.is_empty() {
            return Err(Broken { trouble: Trouble::Silent(idle), may_be_done: true });
        }
        before = now;
    }
}

fn pieces(body: &Payload, moved: Arc<Moved>) -> Body {
    Body::wrap_stream(stream::try_unfold((body.reading(), moved), |(mut reading, moved)| async move {
        let piece = reading.next(PIECE).await?;
        moved.add(piece.as_ref().map_or(0, Bytes::len));
        Ok::<_, io::Error>(piece.map(|piece| (piece, (reading, moved))))
    }))
}

/// The next piece of an answer.
pub(super) async fn next(answer: &mut Response, idle: Duration) -> Result<Option<Bytes>, Broken> {
    match tokio::time::timeout(idle, answer.chunk()).await {
        Ok(piece) => piece.map_err(broken),
        Err(_) => Err(Broken { trouble: Trouble::Silent(idle), may_be_done: true }),
    }
}

/// All of an answer; `None` if it has more bytes than that.
pub(super) async fn whole(answer: &mut Response, most: usize, idle: Duration) -> Result<Option<Bytes>, Broken> {
    let mut body = Vec::new();
    while let Some(piece) = next(answer, idle).await? {
        if body.len() + piece.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&piece);
    }
    Ok(Some(body.into()))
}

fn broken(error: reqwest::Error) -> Broken {
    let may_be_done = !error.is_connect() && !error.is_builder();
    let why = untrusted(with_causes(&error.without_url()), Shape::line(200));
    Broken { trouble: Trouble::Unreachable(why), may_be_done }
}
