//! What ends a connection that the library would keep for ever: it reads on a thread of its own, which goes on for as
//! long as the socket says nothing, whether anybody still waits or not. Between the two stands a task of ours, which
//! lets in only what the library can read.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use lapin::runtime::default_runtime;
use lapin::uri::AMQPUri;
use lapin::{AsyncTcpStream, Connection, ConnectionProperties};
use rustix::net::{Shutdown, shutdown};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;

use super::frames::pass;
use crate::systems::wire::first_of;

/// How long saying goodbye may take.
pub const GOODBYE: Duration = Duration::from_millis(500);

/// Cuts its connection when it is dropped.
#[derive(Default)]
pub struct Leash {
    cut: Cut,
    /// Whether there is somebody to say goodbye to.
    loose: bool,
}

#[derive(Clone, Default)]
struct Cut {
    given_up: CancellationToken,
    /// The socket, a second time.
    socket: Arc<Mutex<Option<OwnedFd>>>,
    /// What the broker sent that nobody can read.
    complaint: Arc<OnceLock<String>>,
}

impl Leash {
    /// Connects and logs in, over TLS where there are settings for it.
    pub async fn connect(
        &self,
        uri: AMQPUri,
        properties: ConnectionProperties,
        tls: Option<Arc<ClientConfig>>,
    ) -> Result<Connection, lapin::Error> {
        let cut = self.cut.clone();
        // Written in place: only there are the types of the library's runtime known.
        let connecting = Connection::connector(
            uri,
            default_runtime()?,
            async move |uri, runtime| {
                let tls = tls.clone();
                let open = async {
                    let connect = async |address: SocketAddr| AsyncTcpStream::connect(&runtime, address).await;
                    let mut stream = first_of(&uri.authority.host, uri.authority.port, connect).await?;
                    if let AsyncTcpStream::Plain(plain) = &mut stream {
                        cut.holds(plain.get_ref().as_fd().try_clone_to_owned()?);
                        let (near, far) = pair()?;
                        let socket = std::mem::replace(plain.get_mut(), far);
                        cut.relay(socket, near, &uri, tls).await?;
                    }
                    Ok(stream)
                };
                let given_up = || Err(io::Error::from(io::ErrorKind::TimedOut));
                let opened = cut.given_up.run_until_cancelled(open).await;
                opened.unwrap_or_else(given_up).map_err(lapin::Error::from)
            },
            properties,
        );
        // The library would connect anew to a broker that it could not read.
        let connected = self.cut.given_up.run_until_cancelled(connecting).await;
        let connected = connected.unwrap_or_else(|| Err(io::Error::from(io::ErrorKind::TimedOut).into()));
        connected.map_err(|error| self.complaint().map_or(error, lapin::Error::from))
    }

    /// Why the connection was cut, where that was for what the broker sent.
    pub fn complaint(&self) -> Option<io::Error> {
        let why = self.cut.complaint.get()?;
        Some(io::Error::new(io::ErrorKind::InvalidData, why.clone()))
    }

    /// From now on there is somebody to say goodbye to.
    pub fn loosen(&mut self) {
        self.loose = true;
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        let cut = self.cut.clone();
        match Handle::try_current() {
            // The library says goodbye when its connection is dropped, and would wait for an answer for ever.
            Ok(handle) if self.loose => {
                handle.spawn(async move {
                    tokio::time::sleep(GOODBYE).await;
                    cut.now();
                });
            }
            _ => cut.now(),
        }
    }
}

impl Cut {
    fn holds(&self, socket: OwnedFd) {
        *self.socket.lock().unwrap_or_else(PoisonError::into_inner) = Some(socket);
        // It may have been given up between the two.
        if self.given_up.is_cancelled() {
            self.now();
        }
    }

    /// Carries the bytes between the broker and the library from now on.
    async fn relay(
        &self,
        socket: TcpStream,
        library: TcpStream,
        uri: &AMQPUri,
        tls: Option<Arc<ClientConfig>>,
    ) -> io::Result<()> {
        match tls {
            None => {
                tokio::spawn(self.clone().carry(socket, library));
            }
            Some(tls) => {
                let name = ServerName::try_from(uri.authority.host.clone()).map_err(io::Error::other)?;
                let connector = TlsConnector::from(tls);
                tokio::spawn(self.clone().carry(connector.connect(name, socket).await?, library));
            }
        }
        Ok(())
    }

    async fn carry(self, broker: impl AsyncRead + AsyncWrite, library: TcpStream) {
        let (from_broker, mut to_broker) = tokio::io::split(broker);
        let (mut from_library, mut to_library) = library.into_split();
        let inward = async {
            let passed = pass(from_broker, &mut to_library).await;
            let refused = passed.err().filter(|error| error.kind() == io::ErrorKind::InvalidData);
            // Before the library hears of an end, and tells of that.
            let is_refused = refused.is_some_and(|error| self.complaint.set(error.to_string()).is_ok());
            let _ = to_library.shutdown().await;
            is_refused
        };
        let outward = async {
            // What is meant for a broker that is gone still has to be taken from the library.
            if tokio::io::copy(&mut from_library, &mut to_broker).await.is_err() {
                let _ = tokio::io::copy(&mut from_library, &mut tokio::io::sink()).await;
            }
            let _ = to_broker.shutdown().await;
        };
        tokio::pin!(inward, outward);
        tokio::select! {
            () = &mut outward => {}
            is_refused = &mut inward => if is_refused { self.now() } else { outward.await },
        }
    }

    /// The thread reads the end of the connection, and ends itself.
    fn now(&self) {
        self.given_up.cancel();
        if let Some(socket) = self.socket.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // One that is closed already is as good.
            let _ = shutdown(&socket, Shutdown::Both);
        }
    }
}

/// Two ends of a line within this process, as the library wants them.
fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let end = |socket: UnixStream| {
        socket.set_nonblocking(true)?;
        TcpStream::from_std(OwnedFd::from(socket).into())
    };
    let (near, far) = UnixStream::pair()?;
    Ok((end(near)?, end(far)?))
}
