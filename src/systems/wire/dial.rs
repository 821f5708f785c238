//! Opening a connection: over TCP with its small settings right, or to a socket in the file system.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream, UnixStream};

use super::lookup::addresses;

/// How long one of several addresses of a name may take before the next one is tried.
const NEXT_AFTER: Duration = Duration::from_secs(1);

/// A connection to a server.
pub enum Line {
    /// Over TCP.
    Tcp(TcpStream),
    /// To a socket in the file system.
    Unix(UnixStream),
}

/// Connects to a host.
pub async fn tcp(host: &str, port: u16) -> io::Result<Line> {
    stream(host, port).await.map(Line::Tcp)
}

/// The same, for whoever needs to know that it is TCP.
pub async fn stream(host: &str, port: u16) -> io::Result<TcpStream> {
    first_of(host, port, connect).await
}

/// Tries the addresses of a host one after the other.
pub async fn first_of<T>(host: &str, port: u16, connect: impl AsyncFn(SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let addresses = addresses(host).await?;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "failed to lookup address: the name has none");
    let count = addresses.len();
    for (index, mut address) in addresses.into_iter().enumerate() {
        address.set_port(port);
        let attempt = connect(address);
        let outcome = if index + 1 < count {
            let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut));
            tokio::time::timeout(NEXT_AFTER, attempt).await.unwrap_or_else(late)
        } else {
            attempt.await
        };
        match outcome {
            Ok(open) => return Ok(open),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A connection that is kept must notice that its other end is gone.
    socket.set_keepalive(true)?;
    socket.set_nodelay(true)?;
    socket.connect(address).await
}

/// Connects to a socket in the file system.
pub async fn unix(path: &Path) -> io::Result<Line> {
    match UnixStream::connect(path).await {
        Ok(stream) => Ok(Line::Unix(stream)),
        // Nobody made one: there is no way to whoever should have.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(io::Error::new(io::ErrorKind::HostUnreachable, format!("there is no socket {}", path.display())))
        }
        Err(error) => Err(error),
    }
}

impl Line {
    /// From which of our ports; none to a socket in the file system.
    pub fn port(&self) -> Option<u16> {
        match self {
            Line::Tcp(stream) => stream.local_addr().ok().map(|address| address.port()),
            Line::Unix(_) => None,
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Line::Tcp(stream) => Pin::new(stream).poll_read(cx, buffer),
            Line::Unix(stream) => Pin::new(stream).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Line::Tcp(stream) => Pin::new(stream).poll_write(cx, bytes),
            Line::Unix(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Line::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Line::Unix(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Line::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Line::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}
