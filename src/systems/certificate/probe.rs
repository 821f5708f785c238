//! The probe of a certificate: the file with its key where they lie, and what is served in its name.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use rustls::pki_types::CertificateDer;

use super::standing::{Standing, left};
use super::{chain, key, wire};
use crate::plan::Place;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::{CertificateSettings, Component, Plan};
use crate::reach::Reach;
use crate::systems::contact::{Contact, address, time_for};
use crate::systems::files::{NoFile, fetch};
use crate::systems::one_look::OneLook;
use crate::systems::probe::{Depth, Probe, Subject, Told};
use crate::systems::reading::Reason;
use crate::systems::tls;
use crate::systems::trouble::{ContactError, bad_address, failed, refusal};
use crate::text::{Shape, instant, untrusted, with_causes};

/// No certificate, with all that signed it, and no key is larger.
const MOST: usize = 256 * 1024;

/// Looks at a certificate and its key.
pub struct CertificateProbe {
    component: Component,
    settings: CertificateSettings,
    looks: OneLook,
}

impl CertificateProbe {
    /// The probe of a certificate. An authority that the plan trusts where it is served is trusted here too.
    pub fn new(subject: Subject<'_>) -> CertificateProbe {
        let mut settings = subject.component.certificate.clone().unwrap_or_default();
        settings.ca = settings.ca.take().or_else(|| authority_where_served(&settings, subject.plan));
        CertificateProbe { component: subject.component.clone(), settings, looks: OneLook::new() }
    }
}

fn authority_where_served(settings: &CertificateSettings, plan: &Plan) -> Option<std::path::PathBuf> {
    let place = wire::host_and_port(settings.served_at.as_deref()?)?;
    let serves = |component: &&Component| component.address.as_deref().and_then(wire::host_and_port) == Some(place);
    plan.component.iter().filter(serves).find_map(|component| component.http.as_ref()?.ca.clone())
}

impl Probe for CertificateProbe {
    fn ask<'a>(&'a mut self, depth: Depth, with: &'a Contact<'a>) -> BoxFuture<'a, Result<Told, ContactError>> {
        Box::pin(async move {
            let mut told = Told::default();
            if depth == Depth::Vital {
                self.look(&mut told, with).await?;
            }
            Ok(told)
        })
    }
}

impl CertificateProbe {
    async fn look(&self, told: &mut Told, with: &Contact<'_>) -> Result<(), ContactError> {
        let component = &self.component;
        let path = Path::new(address(component)?);
        if !path.is_absolute() {
            return Err(bad_address(component, "it is no file; `certificate.served_at` tells where it is served"));
        }
        let judge = tls::judge(self.settings.ca.as_deref()).await;
        let judge = judge.map_err(|error| ContactError::no_authority(component, "certificate.ca", &error))?;
        let pem =
            fetch(path, &self.place(), MOST, &self.looks, with).await.map_err(|error| unread(component, &error))?;
        let certificates = chain::from_pem(&pem).map_err(|why| refusal(component, &why))?;
        let names: Vec<&str> = self.settings.names.iter().map(String::as_str).collect();
        let now = with.clock.now();
        let standing = Standing::of(&certificates, &names, &judge, now).map_err(|why| refusal(component, &why))?;
        tell(&standing, told, with.clock.now());
        let Some(own) = certificates.first() else { return Ok(()) };
        self.key(own, told, with).await?;
        self.served(own, told).await;
        Ok(())
    }

    /// Whether the key beside it is its own. Of a key elsewhere only its public half comes here.
    async fn key(
        &self,
        own: &CertificateDer<'static>,
        told: &mut Told,
        with: &Contact<'_>,
    ) -> Result<(), ContactError> {
        let Some(path) = &self.settings.key else { return Ok(()) };
        let place = self.place();
        let (word, why) = if place.is_here() {
            match fetch(path, &place, MOST, &self.looks, with).await {
                Ok(pem) => key::compare(own, &pem, &tls::provider()),
                Err(NoFile::Missing(_)) => ("missing", "it is not there".to_owned()),
                Err(error) => ("unreadable", error.to_string()),
            }
        } else {
            let reach = Reach::open(&place, with.reach).await.map_err(|error| failed(&self.component, &error))?;
            let output = reach.run(key::public_half(path).cancelled_by(with.stop.clone())).await;
            let output = output.map_err(|error| failed(&self.component, &error))?;
            key::compare_public(own, &output, &with.reach.redactor)
        };
        told.facts.set("key", Value::word(word));
        let verdict = match word {
            "matches" => return Ok(()),
            "different" | "missing" => Verdict::Down,
            _ => Verdict::Unknown,
        };
        let why = untrusted(why, Shape::line(120));
        told.reasons.push(Reason::of_fact(verdict, "key", format!("its private key {}: {why}", path.display())));
        Ok(())
    }

    /// Whether it is what is served in its name.
    async fn served(&self, own: &CertificateDer<'static>, told: &mut Told) {
        let Some(at) = &self.settings.served_at else { return };
        let reason = |sentence: String| Reason::of_fact(Verdict::Degraded, "served", sentence);
        let shown = untrusted(at, Shape::line(80));
        let Some((host, port)) = wire::host_and_port(at) else {
            let sentence = format!("{shown} is no place where a certificate could be served; correct the plan");
            told.facts.hide("served", &sentence);
            return told.reasons.push(Reason::of_fact(Verdict::Unknown, "served", sentence));
        };
        let half: Duration = time_for(&self.component) / 2;
        let served = tokio::time::timeout(half, wire::served(host, port)).await;
        let (word, why) = match served {
            Ok(Ok(chain)) if chain.first().is_some_and(|served| served == own) => ("the-same", None),
            Ok(Ok(chain)) => ("another", Some(another(&chain, &shown))),
            Ok(Err(error)) => ("silent", Some(format!("{shown} serves no certificate: {}", with_causes(&error)))),
            Err(_) => ("silent", Some(format!("{shown} does not answer"))),
        };
        told.facts.set("served", Value::word(word));
        told.reasons.extend(why.map(|why| reason(untrusted(why, Shape::line(240)))));
    }

    fn place(&self) -> Place {
        self.component.reach.clone().unwrap_or_default()
    }
}

/// What stands in a certificate, and what is wrong with it.
fn tell(standing: &Standing, told: &mut Told, now: DateTime<Utc>) {
    let Some(own) = standing.own() else { return };
    let facts = &mut told.facts;
    told.identity = format!("certificate for {}, until {}", own.names.join(", "), instant::stamp(own.ends));
    facts.set_text("subject", &own.subject);
    facts.set_text("names", own.names.join(", "));
    facts.set_text("issuer", &own.issuer);
    facts.set_text("serial", &own.serial);
    facts.set("begins", Value::Moment(own.begins));
    facts.set("ends", Value::Moment(own.ends));
    if own.ends > now {
        facts.set("left", Value::Span(left(own, now)));
    }
    facts.set("chain", Value::Count(standing.chain.len() as u64));
    facts.set("chain_state", Value::word(standing.chain_word()));
    facts.set("certificate", Value::word(standing.word()));
    let row = |seen: &chain::Seen| vec![seen.subject.clone(), seen.issuer.clone(), instant::stamp(seen.ends)];
    facts.list("Chain", &["For", "Signed by", "Valid until"], standing.chain.iter().map(row).collect());
    told.reasons.extend(standing.reasons("certificate.ca"));
}

/// What it says about a certificate that its file cannot be read.
fn unread(component: &Component, error: &NoFile) -> ContactError {
    match error {
        NoFile::Missing(_) => refusal(component, "it is not there"),
        NoFile::TooLarge { most, .. } => refusal(component, &format!("it is larger than {} KiB", most / 1024)),
        NoFile::Denied(_) => ContactError::denied(component, "it may not be read by us"),
        NoFile::Reach(error) => failed(component, error),
        NoFile::Other { .. } => ContactError::ours(component, error, "look whether it is a file, and its disk well"),
    }
}

fn another(chain: &[CertificateDer<'static>], at: &str) -> String {
    let seen = chain.first().map(chain::read);
    match seen {
        Some(Ok(seen)) => format!("{at} serves another certificate, good until {}", instant::stamp(seen.ends)),
        _ => format!("{at} serves another certificate"),
    }
}
