//! The first thing every system offers: whether it answers, what it says it is, and what its clock shows.

use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::trouble::ContactError;
use super::{dns, files, http, machine, postgres, rabbitmq, redis, s3, tcp};
use crate::plan::types::{Component, Kind};
use crate::reach::{self, Secrets};
use crate::text::instant::ClockOffset;
use crate::text::{Clock, Shape, Span, untrusted};

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
    /// Whether nothing may be asked that changes anything: no golden flow that writes.
    pub only_looks: bool,
}

/// What a system said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it is: program, version, role.
    pub identity: String,
    /// How far its clock is from ours, where it tells the time.
    pub clock: Option<ClockOffset>,
}

/// How long an answer may take to be of use: a little less than the component is given, so that what came of it
/// can still be told.
pub fn time_for(component: &Component) -> Duration {
    component.deadline.unwrap_or(PATIENCE).approx() * 9 / 10
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
        let silent = || ContactError::silent_at(address, within);
        let answer = tokio::time::timeout(within.approx(), answer).await.map_err(|_| silent())??;
        Ok(Answer { identity: untrusted(&answer.identity, Shape::line(120)), ..answer })
    }
}

/// Asks a component whether it is there and who it is. What it was asked with is not in what it says.
pub async fn contact(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
    let redactor = with.secrets.redactor();
    match asked(component, with).await {
        Ok(answer) => Ok(Answer { identity: redactor.redact(&answer.identity).into_owned(), ..answer }),
        Err(error) => Err(error.redacted(redactor)),
    }
}

async fn asked(component: &Component, with: &Contact<'_>) -> Result<Answer, ContactError> {
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
        Kind::Host => with.in_time(component, machine::contact(component, with)).await,
        Kind::Container => with.in_time(component, files::answers(component, with)).await,
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

/// How far the other clock is, from an instant it gave between two of ours.
pub fn clock_offset(asked: DateTime<Utc>, theirs: DateTime<Utc>, with: &Contact<'_>, grain: Duration) -> ClockOffset {
    ClockOffset::measure(asked, theirs, with.clock.now(), grain.into())
}
