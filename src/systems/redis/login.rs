//! Getting in: the address, the way there, and who asks.

use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, ConnectionAddr, IntoConnectionInfo, RedisConnectionInfo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::task::AbortOnDropHandle;

use super::session::Session;
use super::shallow::Shallow;
use super::trouble::{self, Failure};
use crate::plan::types::Component;
use crate::systems::contact::{Contact, address};
use crate::systems::trouble::{ContactError, bad_address, failed, refusal};
use crate::systems::wire::{Allowance, Bounded, Line, Trust, client_config, tcp, unix};
use crate::text::{Span, with_causes};

/// What one answer may weigh: a hundred times what is usual.
const LARGEST_ANSWER: usize = 4_000_000;

/// How long an answer may take where the plan gives no deadline.
const PATIENCE: Span = Span::from_secs(4);

/// Where a server answers, and as whom to ask there.
pub struct Address {
    way: Way,
    login: RedisConnectionInfo,
}

enum Way {
    Plain(String, u16),
    Encrypted(String, u16, Trust),
    Socket(PathBuf),
}

impl Address {
    /// Reads the component's address.
    pub fn of(component: &Component) -> Result<Address, ContactError> {
        let info = address(component)?.into_connection_info().map_err(|error| bad_address(component, &error))?;
        let ca = component.redis.as_ref().and_then(|settings| settings.ca.clone());
        let way = match info.addr() {
            ConnectionAddr::Tcp(host, port) => Way::Plain(host.clone(), *port),
            ConnectionAddr::TcpTls { host, port, insecure, .. } => {
                let machine = if *insecure { Trust::Anybody } else { Trust::Machine };
                Way::Encrypted(host.clone(), *port, ca.map_or(machine, Trust::Authority))
            }
            ConnectionAddr::Unix(path) => Way::Socket(path.clone()),
            _ => return Err(bad_address(component, "this way there is not known")),
        };
        let mut login = info.redis_settings().clone().set_lib_name("lifeboat", env!("CARGO_PKG_VERSION"));
        if let Some(user) = &component.user {
            login = login.set_username(user);
        }
        Ok(Address { way, login })
    }

    /// Connects and logs in.
    pub async fn open(&self, component: &Component, with: &Contact<'_>) -> Result<Session, Failure> {
        let login = self.proof(component, with).await?;
        let (line, word) = self.dial(component).await?;
        let allowance = Allowance::new(LARGEST_ANSWER);
        greet(Bounded::new(line, allowance.clone()), &login, component, allowance, word).await
    }

    /// What proves who asks: the address with the plan's user and password.
    pub async fn proof(&self, component: &Component, with: &Contact<'_>) -> Result<RedisConnectionInfo, ContactError> {
        let Some(password) = &component.password else { return Ok(self.login.clone()) };
        let password = with.secrets.resolve(password).await?;
        let text = password.expose_str().ok_or_else(|| bad_address(component, "its password is not text"))?;
        Ok(self.login.clone().set_password(text))
    }

    /// Connects, over TLS where the address says so, and says how it is encrypted: `verified`, `unverified`, `none`.
    pub async fn dial(&self, component: &Component) -> Result<(Dialled, &'static str), ContactError> {
        let no_way = |error: io::Error| failed(component, &error);
        match &self.way {
            Way::Plain(host, port) => Ok((Box::new(tcp(host, *port).await.map_err(no_way)?), "none")),
            Way::Socket(path) => Ok((Box::new(unix(path).await.map_err(no_way)?), "none")),
            Way::Encrypted(host, port, trust) => {
                let settings = client_config(trust).await;
                let settings = settings.map_err(|error| ContactError::no_authority(component, "redis.ca", &error))?;
                let name = ServerName::try_from(host.clone()).map_err(|error| bad_address(component, &error))?;
                let line = tcp(host, *port).await.map_err(no_way)?;
                let handshake = TlsConnector::from(settings).connect(name, line);
                let line = shake_hands(handshake, host, *port, component).await?;
                let word = if *trust == Trust::Anybody { "unverified" } else { "verified" };
                Ok((Box::new(line), word))
            }
        }
    }
}

/// A connection, whatever carries it.
pub type Dialled = Box<dyn Duplex>;

/// What can be read and written.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A server that does not speak TLS waits for the end of a line that never comes: it is asked in plain text before we
/// wait any longer.
async fn shake_hands(
    handshake: impl Future<Output = io::Result<TlsStream<Line>>>,
    host: &str,
    port: u16,
    component: &Component,
) -> Result<TlsStream<Line>, ContactError> {
    let mut handshake = pin!(handshake);
    let patience = component.deadline.unwrap_or(PATIENCE).approx() / 2;
    let shaken = match tokio::time::timeout(patience, &mut handshake).await {
        Ok(shaken) => shaken,
        Err(_) if speaks_plainly(host, port, patience / 2).await => {
            return Err(ContactError::strange(component, "it does not speak TLS, and the address asks for it"));
        }
        Err(_) => handshake.await,
    };
    shaken.map_err(|error| no_tls(component, &error))
}

async fn speaks_plainly(host: &str, port: u16, patience: Duration) -> bool {
    let ask = async {
        let mut line = tcp(host, port).await?;
        line.write_all(b"PING\r\n").await?;
        line.read_u8().await
    };
    let answer = tokio::time::timeout(patience, ask).await;
    matches!(answer, Ok(Ok(b'+' | b'-')))
}

/// Who hangs up during the handshake is there, and speaks otherwise or has no certificate that is good enough.
fn no_tls(component: &Component, error: &io::Error) -> ContactError {
    match error.kind() {
        io::ErrorKind::InvalidData => {
            ContactError::strange(component, format!("its TLS is not as it should be: {}", with_causes(error)))
        }
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            refusal(component, "it hangs up instead of speaking TLS")
        }
        _ => failed(component, error),
    }
}

async fn greet<S>(
    line: S,
    login: &RedisConnectionInfo,
    component: &Component,
    allowance: Allowance,
    encryption: &'static str,
) -> Result<Session, Failure>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    // The plan says how long it may take, not the library.
    let patient = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
    let line = Shallow::new(line, allowance.clone());
    let opened = MultiplexedConnection::new_with_config(login, line, patient).await;
    let (connection, driver) = opened.map_err(|error| trouble::login(component, &error, &allowance))?;
    let driver = AbortOnDropHandle::new(tokio::spawn(driver));
    Ok(Session::new(connection, driver, allowance, encryption))
}
