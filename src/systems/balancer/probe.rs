//! The probe of a load balancer.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::hosts::{Expected, expected, tell};
use super::{haproxy, nginx};
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::systems::contact::{Contact, address, time_for};
use crate::systems::http::{Health, Page, Web};
use crate::systems::logs::LogWatch;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::tcp;
use crate::systems::trouble::ContactError;

/// How much of the statistics is read.
const MOST: usize = 8 * 1024 * 1024;
/// What is known only from the statistics.
const FROM_STATISTICS: [&str; 4] = ["hosts", "hosts_up", "hosts_down", "errors"];

/// Asks a load balancer.
pub struct BalancerProbe {
    component: Component,
    /// Its page of statistics, as a component of its own.
    statistics: Option<Component>,
    hosts: Vec<Expected>,
    health: Health,
    errors: Option<(Duration, u64)>,
    log: Option<LogWatch>,
}

impl BalancerProbe {
    /// The probe of a load balancer.
    pub fn new(subject: Subject<'_>) -> BalancerProbe {
        let component = subject.component;
        let statistics = component.balancer.as_ref().and_then(|balancer| balancer.statistics.clone());
        BalancerProbe {
            component: component.clone(),
            statistics: statistics.map(|address| Component { address: Some(address), ..component.clone() }),
            hosts: expected(component, subject.plan),
            health: Health::new(component),
            errors: None,
            log: LogWatch::of(subject),
        }
    }

    async fn vital(&mut self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let (begun, time) = (with.clock.since_boot(), time_for(&self.component));
        if let Some(log) = &mut self.log {
            log.start(with);
        }
        let mut told = Told::default();
        let component = &self.component;
        let (health, statistics) = (&mut self.health, &self.statistics);
        let own = async {
            if address(component)?.starts_with("http") {
                return health.ask(component, &mut told, with).await;
            }
            told.identity = tcp::contact(component).await?.identity;
            Ok(())
        };
        let statistics = async {
            match statistics {
                Some(statistics) => Some(page(statistics, with).await),
                None => None,
            }
        };
        let (own, statistics) = tokio::join!(own, statistics);
        own?;
        match statistics {
            Some(Ok(page)) => self.tell(&String::from_utf8_lossy(&page.body), &mut told, with),
            Some(Err(error)) => {
                hide(&mut told, &error.to_string());
                if !matches!(error, ContactError::Denied { .. }) {
                    let sentence = format!("its statistics cannot be read: {error}");
                    told.reasons.push(Reason::new(Verdict::Degraded, sentence));
                }
            }
            None => hide(&mut told, "the plan names no `balancer.statistics`"),
        }
        if let Some(log) = &mut self.log {
            let left = time.saturating_sub(with.clock.since_boot().saturating_sub(begun));
            log.tell(&mut told, true, left, with.clock.now()).await;
        }
        Ok(told)
    }

    fn tell(&mut self, text: &str, told: &mut Told, with: &Contact<'_>) {
        if let Some(statistics) = haproxy::read(text) {
            let now = with.clock.since_boot();
            if let Some((then, before)) = self.errors.replace((now, statistics.errors)) {
                let seconds = now.saturating_sub(then).as_secs_f64().max(0.001);
                let grown = statistics.errors.checked_sub(before).unwrap_or(statistics.errors);
                told.facts.set("errors", Value::PerSecond(grown as f64 / seconds));
            }
            return tell(&statistics, &self.hosts, told);
        }
        if let Some(active) = nginx::active(text) {
            told.facts.set("sessions", Value::Count(active));
            return hide(told, "nginx does not tell of the hosts behind it");
        }
        let nobodys = "its page of statistics is neither that of haproxy nor that of nginx";
        hide(told, nobodys);
        told.reasons.push(Reason::new(Verdict::Degraded, nobodys));
    }
}

impl Probe for BalancerProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            match depth {
                Depth::Vital => self.vital(with).await,
                Depth::Rare => Ok(Told::default()),
            }
        })
    }
}

/// The page, and where it is made for people the same as values.
async fn page(statistics: &Component, with: &Contact<'_>) -> Result<Page, ContactError> {
    let web = Web::open(statistics, with).await?;
    let mut ask = web.ask("")?;
    ask.most = MOST;
    let page = web.answer(&ask, time_for(statistics), with).await.map_err(|failure| failure.error)?;
    web.good(&page)?;
    let text = String::from_utf8_lossy(&page.body);
    let is_for_people = !haproxy::is_csv(&text) && text.contains("HAProxy") && !ask.url.path().ends_with(";csv");
    if !is_for_people {
        return Ok(page);
    }
    let path = format!("{};csv", ask.url.path());
    ask.url.set_path(&path);
    let page = web.answer(&ask, time_for(statistics), with).await.map_err(|failure| failure.error)?;
    web.good(&page)?;
    Ok(page)
}

fn hide(told: &mut Told, why: &str) {
    for name in FROM_STATISTICS {
        told.facts.hide(name, why);
    }
}
