//! The endpoint on the wire.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::replicate::{self, User};
use super::service::Endpoint;
use super::store::Store;
use super::{Options, S3Error};
use crate::lab::password;
use crate::text::Clock;

/// How long requests under way may take when the endpoint is to end.
const GRACE: std::time::Duration = std::time::Duration::from_secs(2);

/// An endpoint that listens, and serves once it is run.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    service: S3Service,
    copies: tokio::task::JoinHandle<()>,
}

impl Server {
    /// Opens the folder and the address. Both are taken from here on.
    pub async fn bind(options: &Options, clock: Arc<dyn Clock>) -> Result<Server, S3Error> {
        let secret = password::read(&options.secret_file)?;
        let (queue, errands) = replicate::queue();
        let store = Arc::new(Store::open(options, clock, queue)?);
        let listen = |source| S3Error::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let mut builder = S3ServiceBuilder::new(Endpoint { store: Arc::clone(&store) });
        builder.set_auth(SimpleAuth::from_single(options.access_key.clone(), secret.as_str()));
        let user = User { access_key: options.access_key.clone(), secret };
        let copies = tokio::spawn(replicate::run(store, user, errands));
        Ok(Server { listener, address, service: builder.build(), copies })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` is there, then lets what is under way end.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let connections = GracefulShutdown::new();
        let mut tasks = JoinSet::new();
        loop {
            let stream = tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = &mut stop => break,
            };
            let _ = stream.set_nodelay(true);
            let mut server = http1::Builder::new();
            let connection =
                server.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), self.service.clone());
            let watched = connections.watch(connection);
            while tasks.try_join_next().is_some() {}
            tasks.spawn(async move {
                if let Err(error) = watched.await {
                    tracing::debug!(%error, "a connection ended badly");
                }
            });
        }
        let _ = tokio::time::timeout(GRACE, connections.shutdown()).await;
        // Nobody may use the folder any more when this returns.
        tasks.shutdown().await;
        self.copies.abort();
        let _ = self.copies.await;
    }
}

/// Serves one endpoint until `stop` is there.
pub async fn serve(options: &Options, clock: Arc<dyn Clock>, stop: impl Future<Output = ()>) -> Result<(), S3Error> {
    Server::bind(options, clock).await?.run(stop).await;
    Ok(())
}
