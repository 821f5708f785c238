//! Asking a component how it is: one interface for every system.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{BoxFuture, join_all};

use super::balancer::BalancerProbe;
use super::certificate::CertificateProbe;
use super::contact::Contact;
use super::dns::DnsProbe;
use super::files::FilesProbe;
use super::http::HttpProbe;
use super::machine::{ContainerProbe, HostProbe};
use super::monitoring::MonitoringProbe;
use super::rabbitmq::RabbitmqProbe;
use super::reading::{Facts, Reading, Reason};
use super::s3::BucketProbe;
use super::tcp::TcpProbe;
use super::trouble::ContactError;
use super::{judge, postgres, redis};
use crate::plan::facts::{CLOCKS_AGREE_SECS, Value};
use crate::plan::types::{Component, Kind, Plan};
use crate::text::instant::ClockOffset;
use crate::text::{Shape, Span, untrusted};

/// How much is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// What tells within a moment whether it works; every interval.
    Vital,
    /// What costs the system something: sizes, tables, all queues; rarely.
    Rare,
}

/// What a system told of itself.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What it is, in one line: program, version, role.
    pub identity: String,
    /// What was learnt.
    pub facts: Facts,
    /// What is wrong in itself, whatever the limits.
    pub reasons: Vec<Reason>,
    /// How far its clock is from ours, where it tells the time.
    pub clock: Option<ClockOffset>,
}

/// Asks one component, and keeps what it needs for the next time: a connection, counters to compare with.
///
/// A question may be dropped at any moment; the next one must then begin afresh.
pub trait Probe: Send {
    /// Asks once.
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>>;
}

/// A probe's component, and its place in the plan.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// What is asked.
    pub component: &'a Component,
    /// What it belongs to: the names of its standbys, the hosts behind it, the stores.
    pub plan: &'a Plan,
}

/// The probe of a component.
pub fn probe(subject: Subject<'_>) -> Box<dyn Probe> {
    match subject.component.kind {
        Kind::Postgres => postgres::probe(subject),
        Kind::Redis => redis::probe(subject),
        Kind::Rabbitmq => Box::new(RabbitmqProbe::new(subject)),
        Kind::Http => Box::new(HttpProbe::new(subject)),
        Kind::LoadBalancer => Box::new(BalancerProbe::new(subject)),
        Kind::Files => Box::new(FilesProbe::new(subject)),
        Kind::Certificate => Box::new(CertificateProbe::new(subject)),
        Kind::S3Bucket => Box::new(BucketProbe::new(subject)),
        Kind::DnsName => Box::new(DnsProbe::new(subject)),
        Kind::Elasticsearch | Kind::Prometheus | Kind::Alertmanager | Kind::Grafana => {
            Box::new(MonitoringProbe::new(subject))
        }
        Kind::Container => Box::new(ContainerProbe::new(subject)),
        Kind::Host => Box::new(HostProbe::new(subject)),
        Kind::TcpPort => Box::new(TcpProbe::new(subject)),
    }
}

/// Asks once and judges what was told. Waits no longer than the deadline of its component, or for what is asked
/// rarely no longer than `patience`.
pub async fn take(
    probe: &mut dyn Probe,
    component: &Component,
    depth: Depth,
    patience: Span,
    with: &Contact<'_>,
) -> Reading {
    // A secret that takes its time does not make its component a silent one.
    let fetched = join_all(component.asked_with().map(|used| with.secrets.resolve_used(used))).await;
    let secret = fetched.into_iter().try_for_each(|secret| secret.map(drop));
    let (asked, begun) = (with.clock.now(), with.clock.since_boot());
    let told = match secret {
        Ok(()) => tokio::time::timeout(patience.approx(), probe.ask(depth, with))
            .await
            .unwrap_or_else(|_| Err(ContactError::silent(component, patience))),
        Err(error) => Err(error.into()),
    };
    let took = Span::from(with.clock.since_boot().saturating_sub(begun));
    let reading = judged(component, told, depth, asked, with.clock.now(), took).redacted(with.secrets.redactor());
    // A password may have been changed since it was fetched: the next question begins with that of then.
    if reading.fact("connection") == Some(&Value::word("denied")) {
        component.asked_with().for_each(|used| with.secrets.forget(used.secret));
    }
    reading
}

/// The reading that an answer, or the lack of one, comes to.
pub fn judged(
    component: &Component,
    told: Result<Told, ContactError>,
    depth: Depth,
    asked: DateTime<Utc>,
    answered: DateTime<Utc>,
    took: Span,
) -> Reading {
    let (mut facts, mut reasons, identity) = match told {
        Ok(mut told) => {
            if depth == Depth::Vital {
                told.facts.set_default("latency", Value::Span(took));
                told.facts.set_default("connection", Value::word("open"));
            }
            if let Some(clock) = told.clock {
                if clock.exceeds(Span::from_secs(CLOCKS_AGREE_SECS)) {
                    let side = if clock.ahead > TimeDelta::zero() { "ahead" } else { "behind" };
                    told.facts.set("clock_is", Value::word(side));
                }
                told.facts.set("clock", Value::Span(Span::from(clock.ahead.abs().to_std().unwrap_or_default())));
            }
            (told.facts, told.reasons, untrusted(told.identity, Shape::line(120)))
        }
        Err(error) => {
            let mut facts = Facts::default();
            facts.set("connection", Value::word(error.connection()));
            (facts, vec![Reason::new(error.verdict(), error.to_string())], String::new())
        }
    };
    if let Some(manager) = component.managed_by.as_deref().filter(|_| facts.get("managed_by").is_none()) {
        facts.set_text("managed_by", manager);
    }
    reasons.extend(judge::beyond_limits(component, &facts, answered));
    let (verdict, reasons) = judge::verdict(reasons);
    Reading { verdict, reasons, identity, facts, asked, answered, took }
}
