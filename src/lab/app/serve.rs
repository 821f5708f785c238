//! The application on the wire.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::certificate::Certificate;
use super::log::Log;
use super::routes::App;
use super::{AppError, Options};
use crate::lab::world::Links;
use crate::text::Clock;

/// How long a client may take to finish its greeting.
const GREETING: Duration = Duration::from_secs(10);
/// How long requests under way may take when the application is to end.
const GRACE: Duration = Duration::from_secs(2);

/// An application that listens, and serves once it is run.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    certificate: Option<Arc<Certificate>>,
}

impl Server {
    /// Opens the log and the address. No server needs to be there yet.
    pub async fn bind(options: &Options, clock: Arc<dyn Clock>) -> Result<Server, AppError> {
        let log = Arc::new(Log::open(options, clock)?);
        let certificate = options.tls.clone().map(Certificate::open).transpose()?.map(Arc::new);
        let listen = |source| AppError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let links = Links::new(options.servers.clone(), format!("agent-{} {}", options.name, options.site));
        let app = Arc::new(App::new(options, links, log));
        Ok(Server { listener, address, app, certificate })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is there, then lets what is under way end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut clients = JoinSet::new();
        let (ending, ended) = tokio::sync::watch::channel(false);
        self.app.log.info("the application is there", json!({ "address": self.address.to_string() }));
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        self.app.log.error("a client could not be let in", json!({ "reason": error.to_string() }));
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = &mut stop => break,
            };
            while clients.try_join_next().is_some() {}
            clients.spawn(client(stream, Arc::clone(&self.app), self.certificate.clone(), ended.clone()));
        }
        let _ = ending.send(true);
        let _ = tokio::time::timeout(GRACE, async { while clients.join_next().await.is_some() {} }).await;
        clients.shutdown().await;
        self.app.log.info("the application ends", json!({}));
    }
}

async fn client(
    stream: TcpStream,
    app: Arc<App>,
    certificate: Option<Arc<Certificate>>,
    ended: tokio::sync::watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let Some(certificate) = certificate else {
        return talk(stream, app, ended).await;
    };
    let (config, trouble) = certificate.current();
    if let Some(error) = trouble {
        app.log.error("the new certificate is of no use", json!({ "reason": error.to_string() }));
    }
    let greeted = tokio::time::timeout(GREETING, TlsAcceptor::from(config).accept(stream)).await;
    if let Ok(Ok(stream)) = greeted {
        talk(stream, app, ended).await;
    }
}

async fn talk<S>(stream: S, app: Arc<App>, mut ended: tokio::sync::watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, Infallible>(app.answer(request).await) }
    });
    let mut server = http1::Builder::new();
    let connection = server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // What a client does wrong on its connection is its own matter.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = async { drop(ended.wait_for(|ended| *ended).await) } => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Serves the application of one site until `stop` is there.
pub async fn serve(options: &Options, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) -> Result<(), AppError> {
    Server::bind(options, clock).await?.run(stop).await;
    Ok(())
}
