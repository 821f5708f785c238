//! The probe of a name: the server of its zone and the resolver that users ask, side by side.

use std::net::SocketAddr;

use futures_util::future::BoxFuture;
use hickory_resolver::proto::rr::Name;

use super::ask::NoReply;
use super::points::{self, Points};
use super::{absolute, name, resolver, server, unanswered};
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{Component, DnsSettings};
use crate::systems::contact::{Contact, time_for};
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::trouble::ContactError;

/// Asks for a name.
pub struct DnsProbe {
    component: Component,
    settings: DnsSettings,
}

/// What both said.
struct Said {
    server: Result<SocketAddr, String>,
    authority: Option<Result<Points, NoReply>>,
    resolver: SocketAddr,
    cache: Result<Points, NoReply>,
    serial: Option<u32>,
}

impl DnsProbe {
    /// The probe of a name.
    pub fn new(subject: Subject<'_>) -> DnsProbe {
        DnsProbe { component: subject.component.clone(), settings: subject.component.dns.clone().unwrap_or_default() }
    }
}

impl Probe for DnsProbe {
    fn ask<'a>(&'a mut self, depth: Depth, _: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            if depth == Depth::Rare {
                return Ok(Told::default());
            }
            let said = self.listen().await?;
            self.tell(&said)
        })
    }
}

impl DnsProbe {
    async fn listen(&self) -> Result<Said, ContactError> {
        let component = &self.component;
        let (name, resolver) = (name(component)?, resolver(component)?);
        let zone = self.settings.zone.as_deref().map(|zone| absolute(component, zone)).transpose()?;
        // What nobody answers is asked of several servers in turn.
        let time = time_for(component) / 2;
        let in_plan = server(component)?;
        let authority = async {
            let server = match in_plan {
                Some(server) => Ok(server),
                None => found(resolver, zone.as_ref(), time / 2).await,
            };
            let Ok(at) = server else { return (server, None, None) };
            let serial = async { points::serial(at, zone.as_ref()?, false, time).await };
            let (points, serial) = tokio::join!(Points::ask(at, &name, false, time), serial);
            (server, Some(points), serial)
        };
        let cache = Points::ask(resolver, &name, true, time);
        let ((server, authority, serial), cache) = tokio::join!(authority, cache);
        Ok(Said { server, authority, resolver, cache, serial })
    }

    fn tell(&self, said: &Said) -> Result<Told, ContactError> {
        let mut told = Told::default();
        match &said.authority {
            Some(Ok(points)) => self.authority(points, said, &mut told),
            Some(Err(error)) => {
                // Without either of them nothing can be told.
                let at = said.server.clone().unwrap_or(said.resolver);
                if said.cache.is_err() {
                    return Err(unanswered(&self.component, at, error));
                }
                told.facts.hide("addresses", format!("the zone's server {at}: {error}"));
                let sentence = format!("{at}, which answers for the zone: {error}; users live on what is still kept");
                told.reasons.push(Reason::new(Verdict::Degraded, sentence));
            }
            None => {
                let why = said.server.clone().err().unwrap_or_default();
                told.facts.hide("addresses", why);
            }
        }
        match &said.cache {
            Ok(points) => self.cache(points, said, &mut told),
            Err(error) if said.authority.as_ref().is_none_or(Result::is_err) => {
                return Err(unanswered(&self.component, said.resolver, error));
            }
            Err(error) => told.facts.hide("cached", format!("resolver {}: {error}", said.resolver)),
        }
        Ok(told)
    }

    fn authority(&self, points: &Points, said: &Said, told: &mut Told) {
        let facts = &mut told.facts;
        facts.set_text("addresses", points.shown());
        facts.set_some("ttl", points.ttl.map(Value::Span));
        facts.set_some("serial", said.serial.map(|serial| Value::Count(u64::from(serial))));
        let site = points.site(&self.settings.points_to);
        told.identity = format!("points to {}", points.shown());
        if let Some(site) = site {
            facts.set_text("site", site);
            told.identity = format!("{}, {site}", told.identity);
        }
        if points.addresses.is_empty() && points.aliases.is_empty() {
            let what = if points.exists { "has no address" } else { "does not exist" };
            let server = said.server.as_ref().map(ToString::to_string).unwrap_or_default();
            told.reasons.push(Reason::of_fact(
                Verdict::Down,
                "addresses",
                format!("by the word of {server} it {what}"),
            ));
        } else if site.is_none() && !self.settings.points_to.is_empty() {
            let sentence = format!("it points to {}, which is none of the plan's sites", points.shown());
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "addresses", sentence));
        }
        if !points.authoritative {
            let server = said.server.as_ref().map(ToString::to_string).unwrap_or_default();
            let sentence = format!("{server} does not answer for the zone of its own knowledge");
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "addresses", sentence));
        }
    }

    fn cache(&self, points: &Points, said: &Said, told: &mut Told) {
        told.facts.set_text("cached", points.shown());
        if let Some(site) = points.site(&self.settings.points_to) {
            told.facts.set_text("site_cached", site);
        }
        let resolver = said.resolver;
        let missing = points.addresses.is_empty() && points.aliases.is_empty();
        let Some(Ok(authority)) = &said.authority else {
            // The resolver's word is all there is.
            told.identity = format!("points to {}, by the word of {resolver}", points.shown());
            if let Some(site) = points.site(&self.settings.points_to) {
                told.facts.set_text("site", site);
            } else if missing {
                let sentence = format!("by the word of {resolver} it points to {}", points.shown());
                told.reasons.push(Reason::of_fact(Verdict::Down, "cached", sentence));
            }
            return;
        };
        let agree = authority.agrees(points);
        told.facts.set("agreement", Value::word(if agree { "yes" } else { "no" }));
        if !agree {
            let left = points.ttl.map_or_else(String::new, |ttl| format!(" for {} more", ttl.brief()));
            let sentence =
                format!("{resolver} tells users {}{left}, the zone says {}", points.shown(), authority.shown());
            told.reasons.push(Reason::of_fact(Verdict::Degraded, "agreement", sentence));
        }
    }
}

/// The server that a zone names as its own, where the plan names none.
async fn found(resolver: SocketAddr, zone: Option<&Name>, time: std::time::Duration) -> Result<SocketAddr, String> {
    let zone = zone.ok_or("the plan names neither its server nor its zone")?;
    let servers =
        points::servers(resolver, zone, time).await.map_err(|error| format!("the zone's servers: {error}"))?;
    let first = servers.first().ok_or("the zone names no server")?;
    let at = Points::ask(resolver, first, true, time).await.map_err(|error| format!("the zone's server: {error}"))?;
    let address = at.addresses.iter().find_map(|address| address.parse().ok());
    address.map(|address| SocketAddr::new(address, 53)).ok_or_else(|| "the zone's server has no address".to_owned())
}
