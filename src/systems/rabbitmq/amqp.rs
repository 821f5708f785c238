//! The login over AMQP: a connection that is kept, and asked for a channel each time.

use std::sync::Arc;

use lapin::uri::{AMQPScheme, AMQPUri};
use lapin::{Connection, ConnectionProperties, ErrorKind};
use rustls::ClientConfig;

use super::frames::LARGEST;
use super::leash::{GOODBYE, Leash};
use crate::plan::types::Component;
use crate::systems::contact::{Contact, address};
use crate::systems::trouble::{ContactError, bad_address, failed, refusal};
use crate::systems::wire::{Trust, client_config};

/// How often both sides say that they are still there, in seconds, unless the address says otherwise.
const HEARTBEAT: u16 = 20;
/// What proves who asks.
#[derive(Clone)]
pub struct Login {
    uri: AMQPUri,
    trust: Trust,
}

/// The connection of one component.
#[derive(Default)]
pub struct Amqp {
    kept: Option<Open>,
}

/// A connection, cut with this once it had the time to say goodbye.
struct Open {
    connection: Connection,
    leash: Leash,
}

/// What the connection says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Who is logged in.
    pub user: String,
    /// Where.
    pub vhost: String,
    /// Whether the broker takes no messages now.
    pub blocked: bool,
}

impl Login {
    /// The address, with the plan's user and password.
    pub async fn of(component: &Component, with: &Contact<'_>) -> Result<Login, ContactError> {
        let mut uri: AMQPUri = address(component)?.parse().map_err(|error: String| bad_address(component, &error))?;
        if let Some(user) = &component.user {
            uri.authority.userinfo.username.clone_from(user);
        }
        if let Some(password) = &component.password {
            let password = with.secrets.resolve(password).await?;
            let text = password.expose_str().ok_or_else(|| bad_address(component, "its password is not text"))?;
            text.clone_into(&mut uri.authority.userinfo.password);
        }
        uri.query.heartbeat.get_or_insert(HEARTBEAT);
        // The library makes room for as many bytes as the two agree on.
        let most = uri.query.frame_max.filter(|most| (1..LARGEST).contains(most));
        uri.query.frame_max = Some(most.unwrap_or(LARGEST));
        let ca = component.rabbitmq.as_ref().and_then(|settings| settings.ca.clone());
        Ok(Login { uri, trust: ca.map_or(Trust::Machine, Trust::Authority) })
    }

    /// The settings of TLS, where the address asks for it.
    async fn tls(&self) -> std::io::Result<Option<Arc<ClientConfig>>> {
        match self.uri.scheme {
            AMQPScheme::AMQP => Ok(None),
            AMQPScheme::AMQPS => client_config(&self.trust).await.map(Some),
        }
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        &self.uri.authority.userinfo.username
    }

    /// The password. Named so that every place which sees it can be searched for.
    pub fn expose(&self) -> &str {
        &self.uri.authority.userinfo.password
    }
}

impl Amqp {
    /// Opens a channel over the connection that is kept, else over a new one. Dropped in the middle, the
    /// connection goes with it.
    pub async fn ask(&mut self, component: &Component, login: &Login) -> Result<Session, ContactError> {
        if let Some(kept) = self.kept.take().filter(|kept| kept.connection.status().connected()) {
            // One that broke since says nothing about now.
            if channel(&kept.connection).await.is_ok() {
                return Ok(self.keep(kept, login));
            }
        }
        let tls = login.tls().await;
        let tls = tls.map_err(|error| ContactError::no_authority(component, "rabbitmq.ca", &error))?;
        let open = open(component, login, tls).await.map_err(|error| meaning(component, &error))?;
        if let Err(error) = channel(&open.connection).await {
            let complaint = open.leash.complaint().map(lapin::Error::from);
            return Err(meaning(component, &complaint.unwrap_or(error)));
        }
        Ok(self.keep(open, login))
    }

    fn keep(&mut self, open: Open, login: &Login) -> Session {
        let status = open.connection.status();
        let session =
            Session { user: login.user().to_owned(), vhost: status.vhost().to_string(), blocked: status.blocked() };
        self.kept = Some(open);
        session
    }

    /// Says goodbye: the broker logs a warning about a client that just goes away.
    pub async fn close(mut self) {
        if let Some(open) = self.kept.take() {
            let _ = tokio::time::timeout(GOODBYE, open.connection.close(200, "done".into())).await;
        }
    }
}

async fn open(component: &Component, login: &Login, tls: Option<Arc<ClientConfig>>) -> Result<Open, lapin::Error> {
    let name = format!("lifeboat {}", component.name);
    let properties = ConnectionProperties::default().with_connection_name(name.into());
    let mut leash = Leash::default();
    let connection = leash.connect(login.uri.clone(), properties, tls).await?;
    leash.loosen();
    Ok(Open { connection, leash })
}

async fn channel(connection: &Connection) -> Result<(), lapin::Error> {
    let channel = connection.create_channel().await?;
    channel.close(200, "done".into()).await
}

/// What the broker's refusal says about it.
fn meaning(component: &Component, error: &lapin::Error) -> ContactError {
    match error.kind() {
        ErrorKind::ProtocolError(said) => {
            let message = said.get_message().to_string();
            match said.get_id() {
                // The same number stands for a virtual host that is not there and for one that is full.
                530 if message.contains("limit") => ContactError::busy(component, message),
                403 | 530 => ContactError::denied(component, message),
                _ => refusal(component, &message),
            }
        }
        ErrorKind::InvalidProtocolVersion(version) => {
            ContactError::strange(component, format!("it speaks AMQP {version}, and not 0-9-1"))
        }
        // In its own words the library tells of its states, and not of the broker.
        ErrorKind::ParsingError(_) | ErrorKind::SerialisationError(_) => {
            ContactError::strange(component, "it says what nobody can read")
        }
        ErrorKind::InvalidChannelState(..) | ErrorKind::InvalidConnectionState(_) | ErrorKind::InvalidChannel(_) => {
            ContactError::strange(component, "it breaks off the conversation")
        }
        ErrorKind::MissingHeartbeatError => ContactError::busy(component, "it missed its heartbeats"),
        ErrorKind::IOError(cause) => failed(component, &**cause),
        _ => failed(component, error),
    }
}
