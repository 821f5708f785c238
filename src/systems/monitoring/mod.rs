//! What watches the platform, and what keeps its logs: each asked over HTTP for its own health and for what it
//! knows of others.

mod alertmanager;
mod alerts;
mod elasticsearch;
mod grafana;
mod prometheus;
mod snapshots;
pub mod take;

pub use snapshots::Snapshots;

use futures_util::future::BoxFuture;

use super::contact::{Contact, time_for};
use super::http::Web;
use super::logs::LogWatch;
use super::probe::{Depth, Probe, Subject, Told};
use super::trouble::ContactError;
use crate::plan::types::{Component, Kind};

/// How much is read of an answer that lists things.
const MOST: usize = 8 * 1024 * 1024;
/// How many entries of a list are told.
const LISTED: usize = 50;

/// Asks a server of these kinds.
pub struct MonitoringProbe {
    component: Component,
    log: Option<LogWatch>,
}

impl MonitoringProbe {
    /// The probe of such a server.
    pub fn new(subject: Subject<'_>) -> MonitoringProbe {
        MonitoringProbe { component: subject.component.clone(), log: LogWatch::of(subject) }
    }

    async fn vital(&mut self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let (begun, time) = (with.clock.since_boot(), time_for(&self.component));
        if let Some(log) = &mut self.log {
            log.start(with);
        }
        let mut told = Told::default();
        let web = Web::open(&self.component, with).await?;
        match self.component.kind {
            Kind::Prometheus => prometheus::ask(&web, &mut told, with).await?,
            Kind::Alertmanager => alertmanager::ask(&web, &mut told, with).await?,
            Kind::Grafana => grafana::ask(&web, &mut told, with).await?,
            _ => elasticsearch::ask(&web, &mut told, with).await?,
        }
        if let Some(log) = &mut self.log {
            let left = time.saturating_sub(with.clock.since_boot().saturating_sub(begun));
            log.tell(&mut told, false, left, with.clock.now()).await;
        }
        Ok(told)
    }

    async fn rare(&self, with: &Contact<'_>) -> Result<Told, ContactError> {
        let mut told = Told::default();
        if self.component.kind == Kind::Elasticsearch {
            elasticsearch::ask_rarely(&Web::open(&self.component, with).await?, &mut told, with).await;
        }
        Ok(told)
    }
}

impl Probe for MonitoringProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            match depth {
                Depth::Vital => self.vital(with).await,
                Depth::Rare => self.rare(with).await,
            }
        })
    }
}

/// What lies at a path, or why it cannot be seen.
async fn part<T: serde::de::DeserializeOwned>(web: &Web<'_>, path: &str, with: &Contact<'_>) -> Result<T, String> {
    let asked = async {
        let mut ask = web.ask(path)?;
        ask.most = MOST;
        let page = web.answer(&ask, time_for(web.component()), with).await.map_err(|failure| failure.error)?;
        web.read(&page)
    };
    asked.await.map_err(|error| match error {
        // Where and of what kind it is stands in the sentence that this becomes a part of.
        ContactError::Strange { why, .. } => why,
        error => error.to_string(),
    })
}

/// Tells what came of a part, or hides what would have.
fn tell<T>(part: Result<T, String>, names: &[&'static str], told: &mut Told, how: impl FnOnce(T, &mut Told)) {
    match part {
        Ok(part) => how(part, told),
        Err(why) => names.iter().for_each(|name| told.facts.hide(name, why.clone())),
    }
}
