//! The first thing every system offers: whether it answers, what it says it is, and what its clock shows.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::DATE;
use tokio_util::sync::CancellationToken;

use super::{dns, files, http, postgres, rabbitmq, redis, s3, tcp};
use crate::plan::types::{Component, Kind};
use crate::reach::{self, SecretError, Secrets};
use crate::text::instant::ClockOffset;
use crate::text::{Clock, Explain, Shape, Span, untrusted};

/// Long enough for a slow network, short enough to wait for.
const PATIENCE: Span = Span::from_secs(5);

/// What a contact needs.
pub struct Contact<'a> {
    /// Resolves passwords.
    pub secrets: &'a Secrets,
    /// How commands get to where a component lives.
    pub reach: &'a reach::Settings,
    /// Tells when it was asked and answered.
    pub clock: &'a dyn Clock,
    /// Ends the commands that are under way.
    pub stop: CancellationToken,
}

/// What a system said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it is: program, version, role.
    pub identity: String,
    /// How far its clock is from ours, where it tells the time.
    pub clock: Option<ClockOffset>,
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// Its secret cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The plan does not say where it is.
    #[error("the plan gives no address for {0}")]
    NoAddress(String),
    /// The address cannot be understood.
    #[error("{address} is no address of a {kind}: {why}")]
    BadAddress {
        /// As the plan gives it.
        address: String,
        /// Of what it should be one.
        kind: Kind,
        /// What is wrong.
        why: String,
    },
    /// It did not answer in time.
    #[error("{address} did not answer within {within}")]
    Silent {
        /// Where.
        address: String,
        /// How long was waited.
        within: Span,
    },
    /// It refused, or could not be reached.
    #[error("{address}: {why}")]
    Refused {
        /// Where.
        address: String,
        /// What it or the network said.
        why: String,
    },
}

impl Explain for ContactError {
    fn next_step(&self) -> String {
        match self {
            ContactError::Secret(error) => error.next_step(),
            ContactError::NoAddress(name) => format!("give component {name} an address"),
            ContactError::BadAddress { .. } => "correct the address in the plan".to_owned(),
            ContactError::Silent { .. } => {
                "look whether it runs, and whether a firewall lies between; `deadline` gives it longer".to_owned()
            }
            ContactError::Refused { .. } => "look whether it runs, and whether address and login are right".to_owned(),
        }
    }
}

impl Contact<'_> {
    /// Waits for `answer`, no longer than the component may take.
    async fn in_time(
        &self,
        component: &Component,
        answer: impl Future<Output = Result<Answer, ContactError>>,
    ) -> Result<Answer, ContactError> {
        let address = component.address.as_deref().unwrap_or(&component.name);
        self.within(component.deadline, address, answer).await
    }

    /// Waits for `answer`, no longer than the plan allows.
    pub async fn within(
        &self,
        deadline: Option<Span>,
        address: &str,
        answer: impl Future<Output = Result<Answer, ContactError>>,
    ) -> Result<Answer, ContactError> {
        let within = deadline.unwrap_or(PATIENCE);
        let silent = || ContactError::Silent { address: shown(address), within };
        let answer = tokio::time::timeout(within.approx(), answer).await.map_err(|_| silent())??;
        Ok(Answer { identity: untrusted(&answer.identity, Shape::line(120)), ..answer })
    }
}

/// Asks a component whether it is there and who it is.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    // A secret that takes its time does not make its component a silent one.
    if let Some(password) = &component.password {
        with.secrets.resolve(password).await?;
    }
    match component.kind {
        Kind::Postgres => with.in_time(component, postgres::contact(component, with)).await,
        Kind::Redis => with.in_time(component, redis::contact(component, with)).await,
        Kind::Rabbitmq => with.in_time(component, rabbitmq::contact(component, with)).await,
        Kind::DnsName => with.in_time(component, dns::contact(component)).await,
        Kind::Files | Kind::Certificate => with.in_time(component, files::contact(component, with)).await,
        Kind::Host | Kind::Container => with.in_time(component, files::answers(component, with)).await,
        Kind::S3Bucket => s3::contact(&s3::Bucket::of_component(component)?, component.deadline, with).await,
        Kind::TcpPort => with.in_time(component, tcp::contact(component)).await,
        Kind::LoadBalancer if !address(component)?.starts_with("http") => {
            with.in_time(component, tcp::contact(component)).await
        }
        Kind::Http
        | Kind::LoadBalancer
        | Kind::Elasticsearch
        | Kind::Prometheus
        | Kind::Alertmanager
        | Kind::Grafana => with.in_time(component, http::contact(component, with)).await,
    }
}

/// The component's address.
pub fn address(component: &Component) -> Result<&str, ContactError> {
    component.address.as_deref().ok_or_else(|| ContactError::NoAddress(component.name.clone()))
}

/// An address that cannot be understood.
pub fn bad_address(component: &Component, why: &(impl std::fmt::Display + ?Sized)) -> ContactError {
    ContactError::BadAddress {
        address: shown(component.address.as_deref().unwrap_or_default()),
        kind: component.kind,
        why: untrusted(why.to_string(), Shape::line(200)),
    }
}

/// What went wrong on the way, with every cause.
pub fn refused(component: &Component, error: &(dyn std::error::Error + 'static)) -> ContactError {
    refusal(component, &with_causes(error))
}

/// An error with what lies behind it, each said once.
pub fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    let mut said: Vec<&str> = Vec::new();
    for cause in &causes {
        if !said.last().is_some_and(|last| last.contains(cause.as_str())) {
            said.push(cause);
        }
    }
    said.join(": ")
}

/// What it said instead of an answer.
pub fn refusal(component: &Component, why: &str) -> ContactError {
    refusal_at(component.address.as_deref().unwrap_or(&component.name), why)
}

/// The same from somewhere that is no component.
pub fn refusal_at(address: &str, why: &str) -> ContactError {
    ContactError::Refused { address: shown(address), why: untrusted(why, Shape::line(300)) }
}

/// An address without a password that should not be in it.
fn shown(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let shown = if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") };
    untrusted(shown, Shape::line(120))
}

/// How far the other clock is, from an instant it gave between two of ours.
pub fn clock_offset(asked: DateTime<Utc>, theirs: DateTime<Utc>, with: &Contact<'_>, grain: Duration) -> ClockOffset {
    ClockOffset::measure(asked, theirs, with.clock.now(), grain.into())
}

/// The same from the `Date` of an HTTP answer, which counts whole seconds.
pub fn http_clock(asked: DateTime<Utc>, answer: &reqwest::Response, with: &Contact<'_>) -> Option<ClockOffset> {
    ClockOffset::from_http_date(asked, answer.headers().get(DATE)?.to_str().ok()?, with.clock.now())
}
