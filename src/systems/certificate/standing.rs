//! What a client makes of a certificate: whether it would let itself be served with it, and if not, why.

use chrono::{DateTime, Utc};
use rustls::client::verify_server_name;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};

use super::chain::{self, Seen};
use crate::plan::facts::{Value, Verdict};
use crate::systems::reading::{Facts, Reason};
use crate::systems::tls::{Judge, flaw_words};
use crate::text::{Shape, Span, instant, untrusted};

/// A chain of certificates and what a client makes of it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The chain, the server's own first.
    pub chain: Vec<Seen>,
    /// What is wrong with it, the worst first.
    pub flaws: Vec<Flaw>,
}

/// What makes a client refuse a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It ran out.
    Expired(DateTime<Utc>),
    /// It is not good yet.
    NotYet(DateTime<Utc>),
    /// It is for others than these.
    WrongName(Vec<String>),
    /// A certificate between it and the root is not there.
    Broken,
    /// Nobody here trusts who signed it.
    Untrusted(String),
}

impl Standing {
    /// Holds a chain against the names it must be good for, and against whom the judge trusts.
    pub fn of(
        certificates: &[CertificateDer<'_>],
        names: &[&str],
        judge: &Judge,
        now: DateTime<Utc>,
    ) -> Result<Standing, String> {
        let own = certificates.first().ok_or("there is no certificate")?;
        let chain: Vec<Seen> = certificates.iter().map(chain::read).collect::<Result<_, _>>()?;
        let seen = chain.first().ok_or("there is no certificate")?;
        let mut flaws = Vec::new();
        if now > seen.ends {
            flaws.push(Flaw::Expired(seen.ends));
        }
        if now < seen.begins {
            flaws.push(Flaw::NotYet(seen.begins));
        }
        let others = others(own, names)?;
        if !others.is_empty() {
            flaws.push(Flaw::WrongName(others));
        }
        let trusted = trusted(certificates, names, seen, judge, now);
        flaws.extend(trusted.err().and_then(|error| distrust(&chain, &error)));
        Ok(Standing { chain, flaws })
    }

    /// The server's own certificate.
    pub fn own(&self) -> Option<&Seen> {
        self.chain.first()
    }

    /// The word of the fact `certificate`.
    pub fn word(&self) -> &'static str {
        match self.flaws.first() {
            None => "valid",
            Some(Flaw::Expired(_)) => "expired",
            Some(Flaw::NotYet(_)) => "not-yet",
            Some(Flaw::WrongName(_)) => "wrong-name",
            Some(Flaw::Broken | Flaw::Untrusted(_)) => "untrusted",
        }
    }

    /// The word of the fact `chain_state`.
    pub fn chain_word(&self) -> &'static str {
        let of = |flaw: &Flaw| match flaw {
            Flaw::Broken => Some("broken"),
            Flaw::Untrusted(_) => Some("untrusted"),
            _ => None,
        };
        self.flaws.iter().find_map(of).unwrap_or("whole")
    }

    /// What was served, as facts of the service.
    pub fn tell(&self, facts: &mut Facts, now: DateTime<Utc>) {
        let Some(own) = self.own() else { return };
        facts.set("certificate_ends", Value::Moment(own.ends));
        if own.ends > now {
            facts.set("certificate_left", Value::Span(left(own, now)));
        }
        facts.set_text("certificate_names", own.names.join(", "));
        facts.set("certificate", Value::word(self.word()));
    }

    /// What is wrong, as reasons. `ca` is the key of the plan that names an authority to trust.
    pub fn reasons(&self, ca: &str) -> Vec<Reason> {
        let Some(own) = self.own() else { return Vec::new() };
        self.flaws.iter().map(|flaw| reason(flaw, own, ca)).collect()
    }
}

/// How long it is still good.
pub fn left(own: &Seen, now: DateTime<Utc>) -> Span {
    Span::from((own.ends - now).to_std().unwrap_or_default())
}

fn reason(flaw: &Flaw, own: &Seen, ca: &str) -> Reason {
    let down = |fact, sentence| Reason::of_fact(Verdict::Down, fact, sentence);
    let shown = |text: &str| untrusted(text, Shape::line(100));
    match flaw {
        Flaw::Expired(ends) => {
            down("certificate", format!("its certificate ended on {}, and clients refuse it", instant::stamp(*ends)))
        }
        Flaw::NotYet(begins) => {
            let from = instant::stamp(*begins);
            down("certificate", format!("its certificate is good from {from} on only, and clients refuse it"))
        }
        Flaw::WrongName(others) => {
            let names = if own.names.is_empty() { "no name".to_owned() } else { own.names.join(", ") };
            let sentence = format!("its certificate is for {}, not for {}", shown(&names), shown(&others.join(", ")));
            down("certificate", format!("{sentence}, and clients refuse it"))
        }
        Flaw::Broken => {
            let issuer = shown(&own.issuer);
            let sentence = format!("its chain lacks the certificate of {issuer}, without which most clients refuse it");
            Reason::of_fact(Verdict::Unknown, "certificate", sentence)
        }
        Flaw::Untrusted(why) => {
            let issuer = if own.own_issuer { "itself".to_owned() } else { shown(&own.issuer) };
            let why = if why.is_empty() { String::new() } else { format!(" ({})", shown(why)) };
            let sentence = format!("its certificate is signed by {issuer}, whom this machine does not trust{why}");
            let hint = format!("{sentence}; name the authority as `{ca}`");
            Reason::of_fact(Verdict::Unknown, "certificate", hint)
        }
    }
}

/// Which of the names it is not good for.
fn others(own: &CertificateDer<'_>, names: &[&str]) -> Result<Vec<String>, String> {
    let parsed = ParsedCertificate::try_from(own).map_err(|error| format!("it cannot be read: {error}"))?;
    let is_for = |name: &str| ServerName::try_from(name).is_ok_and(|name| verify_server_name(&parsed, &name).is_ok());
    Ok(names.iter().filter(|name| !is_for(name)).map(|name| (*name).to_owned()).collect())
}

/// Whether somebody here trusts who signed it, whatever its names and dates.
fn trusted(
    certificates: &[CertificateDer<'_>],
    names: &[&str],
    seen: &Seen,
    judge: &Judge,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some((own, between)) = certificates.split_first() else { return Ok(()) };
    let own_name = seen.names.first().map_or("nameless.invalid", String::as_str);
    let name = names.first().copied().unwrap_or(own_name);
    let name = ServerName::try_from(name).or_else(|_| ServerName::try_from("nameless.invalid"));
    let name = name.map_err(|error| Error::General(error.to_string()))?;
    // Whether it ran out is told already; whether its chain holds is asked of a moment at which it was good.
    let moment = now.clamp(seen.begins, seen.ends).timestamp();
    let moment = UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(moment).unwrap_or(0)));
    judge.verify_server_cert(own, between, &name, &[], moment).map(drop)
}

fn distrust(chain: &[Seen], error: &Error) -> Option<Flaw> {
    match error {
        // Told already.
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => None,
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            let alone = chain.len() == 1 && chain.iter().any(|own| own.names_an_issuer && !own.own_issuer);
            let broken = alone || !chain::hangs_together(chain);
            Some(if broken { Flaw::Broken } else { Flaw::Untrusted(String::new()) })
        }
        Error::InvalidCertificate(flaw) => Some(Flaw::Untrusted(flaw_words(flaw).to_owned())),
        error => Some(Flaw::Untrusted(error.to_string())),
    }
}
