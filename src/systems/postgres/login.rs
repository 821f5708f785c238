//! Logging in: the address, the way there, who asks, and what they may see.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustls::ClientConfig;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::task::AbortOnDropHandle;

use super::questions::{CORE, RIGHTS};
use super::rights::Rights;
use super::session::Session;
use super::trouble::{self, Failure};
use crate::plan::types::Component;
use crate::systems::contact::{Contact, address};
use crate::systems::trouble::{ContactError, bad_address, failed};
use crate::systems::wire::{Allowance, Bounded, Line, Trust, client_config, tcp, unix};
use crate::text::Span;

/// What one answer may weigh: a thousand times what is usual.
const LARGEST_ANSWER: usize = 8_000_000;
/// How long a statement may take where the plan gives no deadline.
const PATIENCE: Span = Span::from_secs(4);

type Stream = Bounded<Line>;

/// Where a database answers, and as whom to ask there.
pub struct Address {
    config: Config,
    trust: Trust,
}

impl Address {
    /// Reads the component's address.
    pub fn of(component: &Component) -> Result<Address, ContactError> {
        // Here `require` means what libpq calls verify-full.
        let text = address(component)?.replace("sslmode=verify-full", "sslmode=require");
        let mut config: Config = text.parse().map_err(|error| bad_address(component, &error))?;
        let settings = component.postgres.as_ref();
        config.application_name("lifeboat");
        if let (None, Some(user)) = (config.get_user(), &component.user) {
            config.user(user);
        }
        if let (None, Some(database)) = (config.get_dbname(), settings.and_then(|it| it.database.as_ref())) {
            config.dbname(database);
        }
        let trust = match (settings.and_then(|settings| settings.ca.clone()), config.get_ssl_mode()) {
            (Some(file), _) => Trust::Authority(file),
            (None, SslMode::Require) => Trust::Machine,
            (None, _) => Trust::Anybody,
        };
        Ok(Address { config, trust })
    }

    /// The database that is asked for.
    pub fn database(&self) -> &str {
        self.config.get_dbname().or(self.config.get_user()).unwrap_or("postgres")
    }

    /// The variables by which the programs of `PostgreSQL` find the same database: at this server, where one is given.
    pub fn variables(&self, server: Option<&(String, u16)>) -> Vec<(&'static str, String)> {
        let mut variables = vec![("PGDATABASE", self.database().to_owned())];
        if let Some((host, port)) = server {
            variables.extend([("PGHOST", host.clone()), ("PGPORT", port.to_string())]);
        }
        variables.extend(self.config.get_user().map(|user| ("PGUSER", user.to_owned())));
        let mode = match (self.config.get_ssl_mode(), &self.trust) {
            (SslMode::Disable, _) => "disable",
            (SslMode::Require, Trust::Authority(_)) => "verify-full",
            (SslMode::Require, _) => "require",
            _ => "prefer",
        };
        variables.push(("PGSSLMODE", mode.to_owned()));
        if let Trust::Authority(file) = &self.trust {
            variables.push(("PGSSLROOTCERT", file.display().to_string()));
        }
        variables
    }

    /// Logs in, at the first of its hosts that lets us in.
    pub async fn open(&self, component: &Component, with: &Contact<'_>) -> Result<Session, Failure> {
        let mut config = self.config.clone();
        if let Some(password) = &component.password {
            config.password(with.secrets.resolve(password).await.map_err(ContactError::from)?.expose());
        }
        // A statement ends before we stop waiting for it.
        let patience = component.deadline.unwrap_or(PATIENCE).approx() * 3 / 4;
        let tls = client_config(&self.trust).await;
        let tls = tls.map_err(|error| ContactError::no_authority(component, "postgres.ca", &error))?;
        let hosts = self.hosts();
        let mut last = None;
        for (index, (host, name, port)) in hosts.iter().enumerate() {
            let attempt = self.open_at(&config, host, name, *port, &tls, patience, component).await;
            match attempt {
                Ok((_, standby)) if self.is_wrong_role(standby) && index + 1 < hosts.len() => {}
                Ok((session, _)) => return Ok(session),
                Err(failure) => last = Some(failure),
            }
        }
        Err(last.unwrap_or_else(|| bad_address(component, "it names no host").into()))
    }

    fn is_wrong_role(&self, standby: bool) -> bool {
        match self.config.get_target_session_attrs() {
            TargetSessionAttrs::ReadWrite => standby,
            TargetSessionAttrs::ReadOnly => !standby,
            _ => false,
        }
    }

    /// Where to connect to, the name that the certificate must have, and the port.
    fn hosts(&self) -> Vec<(Host, String, u16)> {
        let (hosts, addresses, ports) = (self.config.get_hosts(), self.config.get_hostaddrs(), self.config.get_ports());
        (0..hosts.len().max(addresses.len()))
            .filter_map(|index| {
                let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
                let numeric = addresses.get(index).map(|address| Host::Tcp(address.to_string()));
                let host = numeric.or_else(|| hosts.get(index).cloned())?;
                let name = match hosts.get(index).unwrap_or(&host) {
                    Host::Tcp(name) => name.clone(),
                    Host::Unix(_) => String::new(),
                };
                Some((host, name, port))
            })
            .collect()
    }

    #[expect(clippy::too_many_arguments, reason = "one host of several, with all that holds for each of them")]
    async fn open_at(
        &self,
        config: &Config,
        host: &Host,
        name: &str,
        port: u16,
        tls: &Arc<ClientConfig>,
        patience: Duration,
        component: &Component,
    ) -> Result<(Session, bool), Failure> {
        let no_way = |error: io::Error| failed(component, &error);
        let line = match host {
            Host::Tcp(host) => tcp(host, port).await.map_err(no_way)?,
            Host::Unix(folder) => unix(&folder.join(format!(".s.PGSQL.{port}"))).await.map_err(no_way)?,
        };
        let ours = line.port();
        let allowance = Allowance::new(LARGEST_ANSWER);
        let encrypted = Arc::new(AtomicBool::new(false));
        let connector =
            MakeTlsConnect::<Stream>::make_tls_connect(&mut MakeRustlsConnect::new(ClientConfig::clone(tls)), name);
        let connector = connector.map_err(|error| failed(component, &error))?;
        let connector = Noted { connector, used: Arc::clone(&encrypted) };
        let stream = Bounded::new(line, allowance.clone());
        let opened = config.connect_raw(stream, connector).await;
        let (client, connection) =
            opened.map_err(|error| trouble::login(component, self.database(), &error, &allowance))?;
        // What goes wrong with the connection is told to whoever asks through it.
        let driver = AbortOnDropHandle::new(tokio::spawn(async move { drop(connection.await) }));
        let mut session = Session::new(client, driver, allowance, patience);
        let answers = session.ask(&format!("{CORE}; {RIGHTS}")).await;
        let answers = answers.map_err(|error| trouble::asking(component, self.database(), &error, &session))?;
        session.rights = answers.row(1).map(Rights::of).unwrap_or_default();
        session.backend = answers.first().and_then(|core| core.count("backend"));
        session.port = ours;
        let at = match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(folder) => folder.display().to_string(),
        };
        session.server = Some((at, port));
        if encrypted.load(Ordering::Relaxed) {
            session.encryption = if self.trust == Trust::Anybody { "unverified" } else { "verified" };
        }
        let standby = answers.first().and_then(|core| core.flag("standby")).unwrap_or_default();
        Ok((session, standby))
    }
}

/// Notes whether a connection was encrypted: the driver does not tell.
struct Noted<T> {
    connector: T,
    used: Arc<AtomicBool>,
}

impl<T> TlsConnect<Stream> for Noted<T>
where
    T: TlsConnect<Stream>,
    T::Future: Send + 'static,
{
    type Stream = T::Stream;
    type Error = T::Error;
    type Future = Pin<Box<dyn Future<Output = Result<T::Stream, T::Error>> + Send>>;

    fn connect(self, stream: Stream) -> Self::Future {
        self.used.store(true, Ordering::Relaxed);
        Box::pin(self.connector.connect(stream))
    }
}
