//! The probe of a service over HTTP, and what load balancers share with it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;

use super::page::{Page, bare};
use super::web::{Failure, Web};
use super::{Flows, expects, health};
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::systems::certificate::Standing;
use crate::systems::contact::{Contact, time_for};
use crate::systems::logs::LogWatch;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::trouble::ContactError;
use crate::text::{Shape, Span, untrusted};

/// How often those that signed the certificate are looked at too; with another certificate at once.
const LOOK_AGAIN: Duration = Duration::from_mins(5);

/// Asks a service for its health, runs its golden flows and reads its log.
pub struct HttpProbe {
    component: Component,
    health: Health,
    log: Option<LogWatch>,
}

impl HttpProbe {
    /// The probe of a service.
    pub fn new(subject: Subject<'_>) -> HttpProbe {
        HttpProbe {
            component: subject.component.clone(),
            health: Health::new(subject.component),
            log: LogWatch::of(subject),
        }
    }
}

impl Probe for HttpProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            let mut told = Told::default();
            if depth == Depth::Rare {
                return Ok(told);
            }
            let begun = with.clock.since_boot();
            if let Some(log) = &mut self.log {
                log.start(with);
            }
            let asked = self.health.ask(&self.component, &mut told, with).await;
            if let Some(log) = &mut self.log {
                let left = time_for(&self.component).saturating_sub(with.clock.since_boot().saturating_sub(begun));
                log.tell(&mut told, true, left, with.clock.now()).await;
            }
            asked.map(|()| told)
        })
    }
}

/// What is asked of everything that serves pages to users: its health, its certificate, its golden flows.
pub struct Health {
    flows: Flows,
    /// The certificate that was served, and when it was looked at.
    served: Option<Served>,
}

struct Served {
    looked: Duration,
    standing: Standing,
    certificate: Option<Vec<u8>>,
}

impl Health {
    /// Nothing is known yet.
    pub fn new(component: &Component) -> Health {
        Health { flows: Flows::of(component), served: None }
    }

    /// Asks, and tells. What a certificate is to blame for is told, not returned as an error.
    pub async fn ask(
        &mut self,
        component: &Component,
        told: &mut Told,
        with: &Contact<'_>,
    ) -> Result<(), ContactError> {
        let web = Web::open(component, with).await?;
        let (begun, time) = (with.clock.since_boot(), time_for(component));
        let mut ask = web.ask(health(component))?;
        ask.follow = component.http.as_ref().and_then(|http| http.status).is_none_or(|status| status / 100 != 3);
        let now = with.clock.now();
        let is_due = web.base().scheme() == "https" && self.is_due(begun, now);
        let look = async { if is_due { Some(web.standing(with).await) } else { None } };
        let (answer, looked) = tokio::join!(web.answer(&ask, time, with), look);
        if let Some(Ok(standing)) = looked {
            let certificate = answer.as_ref().ok().and_then(|page| page.certificate.clone());
            self.served = Some(Served { looked: begun, standing, certificate });
        }
        let page = match answer {
            Ok(page) => page,
            Err(Failure { error, standing: None }) => return Err(error),
            Err(Failure { error, standing: Some(standing) }) => {
                told.facts.set("connection", Value::word(error.connection()));
                tell_certificate(&standing, told, now);
                self.served = None;
                return Ok(());
            }
        };
        tell_page(component, &page, told);
        if self.served.as_ref().is_some_and(|served| served.certificate != page.certificate) {
            let standing = web.standing(with).await.ok();
            let certificate = page.certificate.clone();
            self.served = standing.map(|standing| Served { looked: begun, standing, certificate });
        }
        if let Some(served) = self.served.as_ref().filter(|_| web.base().scheme() == "https") {
            tell_certificate(&served.standing, told, now);
        }
        self.flows.start(&web, with)?;
        if self.flows.any_held_back(with) {
            told.facts.hide("flow", "it would change something, and here is only looked");
        }
        self.flows.tell(told, time.saturating_sub(with.clock.since_boot().saturating_sub(begun))).await;
        Ok(())
    }

    /// A certificate that has run out since is looked at again at once.
    fn is_due(&self, since_boot: Duration, now: DateTime<Utc>) -> bool {
        self.served.as_ref().is_none_or(|Served { looked, standing, .. }| {
            let ended = standing.own().is_some_and(|own| own.ends < now);
            since_boot.saturating_sub(*looked) >= LOOK_AGAIN || ended || !standing.flaws.is_empty()
        })
    }
}

/// What was served, with what is wrong with it.
fn tell_certificate(standing: &Standing, told: &mut Told, now: DateTime<Utc>) {
    standing.tell(&mut told.facts, now);
    told.reasons.extend(standing.reasons("http.ca"));
}

fn tell_page(component: &Component, page: &Page, told: &mut Told) {
    let status = page.status.as_u16();
    told.clock = page.clock;
    told.identity = format!("{}, status {status}", page.server.as_deref().unwrap_or("HTTP"));
    told.facts.set("latency", Value::Span(Span::from(page.took)));
    told.facts.set("status", Value::Count(u64::from(status)));
    if let Some(server) = &page.server {
        told.facts.set_text("server", server);
    }
    if let Some(url) = &page.moved_to {
        told.facts.set_text("moved_to", bare(url));
    }
    if !expects(component, status) {
        if matches!(status, 401 | 403) {
            told.facts.set("connection", Value::word("denied"));
        }
        told.reasons.push(unexpected(component, page));
        return;
    }
    let Some(wanted) = component.http.as_ref().and_then(|http| http.contains.as_deref()) else { return };
    let is_there = page.contains(wanted);
    told.facts.set("body", Value::word(if is_there { "as-expected" } else { "different" }));
    if !is_there {
        let wanted = untrusted(wanted, Shape::line(60));
        let (verdict, part) = if page.cut {
            (Verdict::Unknown, format!("the first {} KiB of its answer", page.body.len() / 1024))
        } else {
            (Verdict::Down, "its answer".to_owned())
        };
        let sentence = format!("{part} {} not contain {wanted:?}", if page.cut { "do" } else { "does" });
        told.reasons.push(Reason::of_fact(verdict, "body", sentence));
    }
}

/// What a status says that nobody expected.
fn unexpected(component: &Component, page: &Page) -> Reason {
    let status = page.status.as_u16();
    let wanted = component.http.as_ref().and_then(|http| http.status);
    let instead = wanted.map_or_else(String::new, |wanted| format!(" instead of {wanted}"));
    let says = page.says();
    let says = if says.is_empty() { String::new() } else { format!(": {says}") };
    let path = untrusted(health(component), Shape::line(60));
    let (verdict, sentence) = match status {
        401 | 403 => (Verdict::Unknown, format!("it does not let us in: status {status}{instead}")),
        404 | 410 if !path.is_empty() => (Verdict::Down, format!("it does not know {path}: status {status}{instead}")),
        429 => (Verdict::Degraded, format!("it is asked too often: status {status}{instead}")),
        500.. => (Verdict::Down, format!("it answers with status {status}{instead}{says}")),
        _ => (Verdict::Degraded, format!("it answers with status {status}{instead}")),
    };
    Reason::of_fact(verdict, "status", sentence)
}
