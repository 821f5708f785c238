//! A web server that says what a test wants, well or badly.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What becomes of a request.
#[derive(Clone)]
pub enum Says {
    /// A whole answer: its status, headers besides, and its body.
    Page(u16, String, String),
    /// Bytes as they are, and then the end.
    Bytes(Vec<u8>),
    /// The beginning of an answer, and then a byte a while, for ever.
    Drip(Vec<u8>),
    /// An answer of so many bytes.
    Many(u64),
    /// Nothing at all.
    Nothing,
    /// The end.
    HangUp,
}

/// A page with nothing special about it.
pub fn page(status: u16, body: &str) -> Says {
    Says::Page(status, String::new(), body.to_owned())
}

type Handler = Arc<dyn Fn(&str) -> Says + Send + Sync>;

/// A server, and the requests it got.
pub struct Server {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    greeted: Arc<AtomicUsize>,
    tls: Tls,
}

/// How new connections are encrypted; those that are open stay as they are.
type Tls = Arc<Mutex<Option<Arc<ServerConfig>>>>;

impl Server {
    /// One that answers what `says` makes of the first line of a request.
    pub async fn start(says: impl Fn(&str) -> Says + Send + Sync + 'static) -> Server {
        Server::run(says, None).await
    }

    /// The same over TLS.
    pub async fn with_tls(config: Arc<ServerConfig>, says: impl Fn(&str) -> Says + Send + Sync + 'static) -> Server {
        Server::run(says, Some(config)).await
    }

    async fn run(says: impl Fn(&str) -> Says + Send + Sync + 'static, tls: Option<Arc<ServerConfig>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, says): (_, Handler) = (Arc::new(Mutex::new(Vec::new())), Arc::new(says));
        let (heard, greeted, tls) = (Arc::clone(&asked), Arc::default(), Arc::new(Mutex::new(tls)));
        let (count, encrypts) = (Arc::<AtomicUsize>::clone(&greeted), Tls::clone(&tls));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                let (says, heard, tls) = (Arc::clone(&says), Arc::clone(&heard), encrypts.lock().unwrap().clone());
                tokio::spawn(async move {
                    match tls {
                        Some(config) => talk(TlsAcceptor::from(config).accept(stream).await.ok()?, says, heard).await,
                        None => talk(stream, says, heard).await,
                    }
                });
            }
        });
        Server { address, asked, greeted, tls }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Encrypts new connections like this from now on.
    pub fn renew(&self, config: Arc<ServerConfig>) {
        *self.tls.lock().unwrap() = Some(config);
    }

    /// How many connections were opened.
    pub fn greeted(&self) -> usize {
        self.greeted.load(Ordering::Relaxed)
    }

    /// Every request: its head and its body.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn talk<S>(mut stream: S, says: Handler, heard: Arc<Mutex<Vec<String>>>) -> Option<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end + 4;
            }
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
            // The greeting of TLS: a web server says that this is no request.
            if bytes[0] == 22 {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
                return None;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let length: usize = length.unwrap_or(0);
        while bytes.len() < end + length {
            if stream.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
        }
        let body = String::from_utf8_lossy(&bytes[end..end + length]).into_owned();
        bytes.drain(..end + length);
        let first = head.lines().next()?.to_owned();
        heard.lock().unwrap().push(format!("{head}{body}"));
        match says(&first) {
            Says::Page(status, headers, body) => {
                let head = format!(
                    "HTTP/1.1 {status} Said\r\nServer: tiny\r\n{headers}Content-Length: {}\r\n\r\n",
                    body.len()
                );
                stream.write_all(format!("{head}{body}").as_bytes()).await.ok()?;
            }
            Says::Bytes(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                stream.shutdown().await.ok()?;
                return None;
            }
            Says::Drip(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                loop {
                    stream.write_all(b"x").await.ok()?;
                    stream.flush().await.ok()?;
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
            Says::Many(size) => {
                stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n").as_bytes()).await.ok()?;
                let piece = vec![b'x'; 64 * 1024];
                let mut left = size;
                while left > 0 {
                    let now = usize::try_from(left.min(piece.len() as u64)).unwrap();
                    stream.write_all(&piece[..now]).await.ok()?;
                    left -= now as u64;
                }
            }
            Says::Nothing => std::future::pending().await,
            Says::HangUp => return None,
        }
    }
}
