//! Replication to a bucket of another region: in the background, over the protocol itself, and only
//! called done when the other side has said so.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::TryStreamExt as _;
use http_body_util::StreamBody;
use hyper::body::Frame;
use hyper::{Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::bucket::Bucket;
use super::listing::url_encoded;
use super::options::Peer;
use super::record::{Content, Record, Replication};
use super::store::Store;
use super::{commit, outflow, rules, sign};

/// Headers that tell a peer which version the copy is of.
pub(super) const VERSION: &str = "x-lifeboat-replica-version";
pub(super) const MODIFIED: &str = "x-lifeboat-replica-modified";
pub(super) const ETAG: &str = "x-lifeboat-replica-etag";
pub(super) const ORDER: &str = "x-lifeboat-replica-order";

const CONNECT: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_secs(1);
/// Beyond a minute for the answer, a peer has to take a megabyte a second.
const SLOWEST: u64 = 1 << 20;

/// One version that has to be copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Errand {
    bucket: String,
    key: String,
    version: String,
}

/// Where writes leave what has to be copied.
#[derive(Clone)]
pub(super) struct Queue(mpsc::UnboundedSender<Errand>);

/// Why a copy did not get there.
enum Trouble {
    /// It may work later.
    Later(String),
    /// The other side does not want it.
    Refused(StatusCode),
}

/// A queue and its other end.
pub(super) fn queue() -> (Queue, mpsc::UnboundedReceiver<Errand>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Queue(sender), receiver)
}

impl Queue {
    /// Queues a version, if it is to be copied.
    pub(super) fn push(&self, bucket: &Bucket, record: &Record) {
        if let Some(errand) = Errand::of(bucket, record) {
            // The other end is gone only when the endpoint is being ended; the next start finds it pending.
            let _ = self.0.send(errand);
        }
    }
}

impl Errand {
    /// The errand that a version makes, if it is to be copied.
    fn of(bucket: &Bucket, record: &Record) -> Option<Errand> {
        let is_pending = record.content.as_ref()?.replication == Some(Replication::Pending);
        let (bucket, key, version) = (bucket.name.clone(), record.key.clone(), record.version.clone());
        is_pending.then_some(Errand { bucket, key, version })
    }

    fn is_of_key(&self, other: &Errand) -> bool {
        self.bucket == other.bucket && self.key == other.key
    }
}

/// The user that all endpoints know.
pub(super) struct User {
    pub(super) access_key: String,
    pub(super) secret: zeroize::Zeroizing<String>,
}

/// Copies what is queued and what was pending when the endpoint started, until the queue is closed.
pub(super) async fn run(store: Arc<Store>, user: User, mut errands: mpsc::UnboundedReceiver<Errand>) {
    let mut later = Waiting(pending(&store));
    // As long as they get through, those that wait need not wait for their turn.
    let mut is_open = true;
    loop {
        let first = if is_open { later.first() } else { None };
        let errand = if let Some(errand) = first {
            errand
        } else {
            tokio::select! {
                errand = errands.recv() => match errand {
                    Some(errand) if later.concerns(&errand) => {
                        later.0.push(errand);
                        continue;
                    }
                    Some(errand) => errand,
                    None => return,
                },
                Some(errand) = later.after(PAUSE) => errand,
            }
        };
        let copied = copy(&store, &user, &errand).await;
        is_open = copied.is_ok();
        if let Err(why) = copied {
            tracing::debug!(bucket = errand.bucket, key = errand.key, why, "a copy has to wait");
            later.postpone(errand);
        }
    }
}

/// What was not copied before the endpoint was started, the versions of a key from the oldest to the newest.
fn pending(store: &Store) -> Vec<Errand> {
    let of = |bucket: &Arc<Bucket>| {
        let index = bucket.index();
        let versions = index.values().flat_map(|versions| versions.iter().rev());
        versions.filter_map(|record| Errand::of(bucket, record)).collect::<Vec<_>>()
    };
    store.all().iter().flat_map(of).collect()
}

/// What has to wait, in an order that keeps the versions of a key in theirs.
struct Waiting(Vec<Errand>);

impl Waiting {
    fn first(&mut self) -> Option<Errand> {
        if self.0.is_empty() { None } else { Some(self.0.remove(0)) }
    }

    /// The first one, after a while. Nothing is taken out if nobody waits so long.
    async fn after(&mut self, pause: Duration) -> Option<Errand> {
        if !self.0.is_empty() {
            tokio::time::sleep(pause).await;
        }
        self.first()
    }

    /// Whether an older version of the same key waits.
    fn concerns(&self, errand: &Errand) -> bool {
        self.0.iter().any(|one| one.is_of_key(errand))
    }

    /// Puts one behind all others, and newer versions of its key behind it.
    fn postpone(&mut self, errand: Errand) {
        let (newer, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.0).into_iter().partition(|one| one.is_of_key(&errand));
        self.0 = others;
        self.0.push(errand);
        self.0.extend(newer);
    }
}

/// Copies one version and remembers how that ended. An error means that it is to be tried again.
async fn copy(store: &Arc<Store>, user: &User, errand: &Errand) -> Result<(), String> {
    let Some(bucket) = store.known(&errand.bucket) else { return Ok(()) };
    let Some(record) = bucket.find(&errand.key, Some(&errand.version)) else { return Ok(()) };
    let pending = record.content.as_ref().filter(|content| content.replication == Some(Replication::Pending));
    let rules = bucket.rules();
    let target = rules::destination(&rules, &errand.key);
    let (Some(content), Some(target)) = (pending, target) else { return Ok(()) };
    let Some(peer) = store.peers.iter().find(|peer| peer.bucket == target) else {
        return Err(format!("no peer holds the bucket {target}"));
    };
    let patience = Duration::from_secs(60 + content.size / SLOWEST);
    let sent = timeout(patience, send(store, user, &bucket, &record, content, peer)).await;
    let status = match sent.unwrap_or_else(|_| Err(Trouble::Later("the peer is too slow".to_owned()))) {
        Ok(()) => Replication::Completed,
        Err(Trouble::Refused(status)) => {
            tracing::warn!(key = errand.key, %status, "the peer refused a copy");
            Replication::Failed
        }
        Err(Trouble::Later(why)) => return Err(why),
    };
    let errand = errand.clone();
    let amended = super::intake::run(move || {
        commit::amend(&bucket, &errand.key, &errand.version, |content| {
            content.replication = Some(status);
            Ok(())
        })
    });
    match amended.await {
        Err(error) if *error.code() != s3s::S3ErrorCode::NoSuchKey => Err(error.to_string()),
        _ => Ok(()),
    }
}

async fn send(
    store: &Arc<Store>,
    user: &User,
    bucket: &Bucket,
    record: &Arc<Record>,
    content: &Content,
    peer: &Peer,
) -> Result<(), Trouble> {
    let later = |error: &dyn std::fmt::Display| Trouble::Later(error.to_string());
    let endpoint: Uri = peer.endpoint.parse().map_err(|error| later(&error))?;
    let authority = endpoint.authority().ok_or_else(|| later(&"the endpoint of the peer names no host"))?;
    let (host, port) = (authority.host(), authority.port_u16().unwrap_or(80));
    let connected = timeout(CONNECT, TcpStream::connect((host, port))).await;
    let stream = connected.map_err(|error| later(&error))?.map_err(|error| later(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| later(&error))?;
    let connection = tokio::spawn(connection);
    let path = format!("/{}/{}", peer.bucket, url_encoded(&record.key));
    let mut request = Request::builder().method(Method::PUT).uri(&path);
    for (name, value) in headers(store, user, peer, authority.as_str(), &path) {
        request = request.header(name, value);
    }
    for (name, value) in traits(record, content) {
        request = request.header(name, value);
    }
    let bytes = outflow::bytes(bucket.data(), Arc::clone(record), 0..content.size).map_err(|error| later(&error))?;
    let body = StreamBody::new(bytes.map_ok(Frame::data));
    let request = request.body(body).map_err(|error| later(&error))?;
    let response = sender.send_request(request).await.map_err(|error| later(&error));
    connection.abort();
    match response?.status() {
        status if status.is_success() => Ok(()),
        status if status.is_client_error() => Err(Trouble::Refused(status)),
        status => Err(later(&status)),
    }
}

/// The headers that prove who asks.
fn headers(store: &Store, user: &User, peer: &Peer, host: &str, path: &str) -> [(&'static str, String); 4] {
    const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
    let at = store.now();
    let date = sign::date(at);
    let signed = [("host", host), ("x-amz-content-sha256", UNSIGNED), ("x-amz-date", date.as_str())];
    let request =
        sign::Request { method: "PUT", path, query: "", headers: &signed, payload: UNSIGNED, region: &peer.region, at };
    let authorization = sign::authorization(&request, &user.access_key, &user.secret);
    [
        ("host", host.to_owned()),
        ("x-amz-content-sha256", UNSIGNED.to_owned()),
        ("x-amz-date", date),
        ("authorization", authorization),
    ]
}

/// The headers that make the copy like the original.
fn traits(record: &Record, content: &Content) -> Vec<(String, String)> {
    let of = &content.traits;
    let mut headers = vec![
        ("content-length".to_owned(), content.size.to_string()),
        (VERSION.to_owned(), record.version.clone()),
        (MODIFIED.to_owned(), record.modified.to_rfc3339()),
        (ETAG.to_owned(), content.etag.clone()),
        (ORDER.to_owned(), record.order.to_string()),
    ];
    let mut put = |name: &str, value: Option<&str>| {
        headers.extend(value.map(|value| (name.to_owned(), value.to_owned())));
    };
    put("x-amz-storage-class", of.class.as_deref());
    put("content-type", of.content_type.as_deref());
    put("cache-control", of.cache_control.as_deref());
    put("content-disposition", of.content_disposition.as_deref());
    put("content-encoding", of.content_encoding.as_deref());
    put("content-language", of.content_language.as_deref());
    put("x-amz-server-side-encryption", of.encryption.as_ref().map(|(name, _)| name.as_str()));
    if let Some(sum) = content.sum.as_ref().filter(|sum| sum.kind() == "FULL_OBJECT") {
        put(sum.algorithm.header(), Some(&sum.value));
    }
    for (name, value) in &of.metadata {
        let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        let value = if plain { value.clone() } else { format!("=?UTF-8?B?{}?=", BASE64.encode(value)) };
        put(&format!("x-amz-meta-{name}"), Some(&value));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_a_key_wait_in_their_order() {
        let errand = |key: &str, version: &str| Errand {
            bucket: "prod".to_owned(),
            key: key.to_owned(),
            version: version.to_owned(),
        };
        let mut waiting = Waiting(vec![errand("a", "1"), errand("b", "1"), errand("a", "2")]);
        let first = waiting.first().unwrap();
        assert!(waiting.concerns(&errand("a", "3")) && !waiting.concerns(&errand("c", "1")));
        waiting.postpone(first);
        assert_eq!(waiting.0, [errand("b", "1"), errand("a", "1"), errand("a", "2")]);
    }
}
