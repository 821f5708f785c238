//! Why there was no answer, and what that says about the system: that it is down, or that nothing can be told.

use std::error::Error;
use std::io;

use super::fault::{Fault, fault, speaks_no_http};
use crate::plan::facts::Verdict;
use crate::plan::types::{Component, Kind};
use crate::reach::{ReachError, SecretError, SshTrouble};
use crate::systems::tls::flaw_words;
use crate::text::{Explain, Redactor, Shape, Span, causes, untrusted, with_causes};

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
    /// It was not asked: something on this machine stands in the way.
    #[error("{address} could not be asked: {why}")]
    Ours {
        /// Where.
        address: String,
        /// What is wrong here.
        why: String,
        /// What to do about it.
        way_out: String,
    },
    /// It did not answer in time.
    #[error("{address} did not answer within {within}")]
    Silent {
        /// Where.
        address: String,
        /// How long was waited.
        within: Span,
    },
    /// There is no way there: no route, no such host, a name server that does not answer.
    #[error("{address} cannot be reached: {why}")]
    Unreachable {
        /// Where.
        address: String,
        /// What the network said.
        why: String,
    },
    /// It refused, hung up, or said itself that it does not work.
    #[error("{address}: {why}")]
    Refused {
        /// Where.
        address: String,
        /// What it said.
        why: String,
    },
    /// It is there, and cannot serve us now: it is starting, or has too many clients.
    #[error("{address}: {why}")]
    Busy {
        /// Where.
        address: String,
        /// What it said.
        why: String,
    },
    /// It is there, and does not let us in.
    #[error("{address} answers, and does not let us in: {why}")]
    Denied {
        /// Where.
        address: String,
        /// What it said.
        why: String,
    },
    /// What answers there speaks otherwise.
    #[error("{address} answers, and not as {kind} should: {why}")]
    Strange {
        /// Where.
        address: String,
        /// What it should be.
        kind: Kind,
        /// What it said.
        why: String,
    },
}

impl ContactError {
    /// It did not answer in time.
    pub fn silent(component: &Component, within: Span) -> ContactError {
        ContactError::silent_at(place(component), within)
    }

    /// The same of somewhere that is no component.
    pub fn silent_at(address: &str, within: Span) -> ContactError {
        ContactError::Silent { address: shown(address), within }
    }

    /// It is there, and cannot serve us now.
    pub fn busy(component: &Component, why: impl AsRef<[u8]>) -> ContactError {
        ContactError::Busy { address: shown(place(component)), why: said(why) }
    }

    /// It is there, and does not let us in.
    pub fn denied(component: &Component, why: impl AsRef<[u8]>) -> ContactError {
        ContactError::Denied { address: shown(place(component)), why: said(why) }
    }

    /// There is no way there.
    pub fn unreachable(component: &Component, why: impl AsRef<[u8]>) -> ContactError {
        ContactError::Unreachable { address: shown(place(component)), why: said(why) }
    }

    /// It was not asked, for a reason that lies here.
    pub fn ours(component: &Component, error: &(dyn Error + 'static), way_out: impl Into<String>) -> ContactError {
        let (address, why) = (shown(place(component)), said(with_causes(error)));
        ContactError::Ours { address, why, way_out: way_out.into() }
    }

    /// The file of authorities that the plan trusts, by its key there, is of no use.
    pub fn no_authority(component: &Component, key: &str, error: &(dyn Error + 'static)) -> ContactError {
        let way_out = format!("look whether the file that `{key}` names is there, may be read by us and is whole");
        ContactError::ours(component, error, way_out)
    }

    /// What answers there speaks otherwise.
    pub fn strange(component: &Component, why: impl AsRef<[u8]>) -> ContactError {
        ContactError::Strange { address: shown(place(component)), kind: component.kind, why: said(why) }
    }

    /// The same without any secret in what was said.
    #[must_use]
    pub fn redacted(mut self, redactor: &Redactor) -> ContactError {
        match &mut self {
            ContactError::BadAddress { why, .. }
            | ContactError::Ours { why, .. }
            | ContactError::Unreachable { why, .. }
            | ContactError::Refused { why, .. }
            | ContactError::Busy { why, .. }
            | ContactError::Denied { why, .. }
            | ContactError::Strange { why, .. } => *why = redactor.redact(why).into_owned(),
            ContactError::Secret(_) | ContactError::NoAddress(_) | ContactError::Silent { .. } => {}
        }
        self
    }

    /// What it says about the system.
    pub fn verdict(&self) -> Verdict {
        match self {
            ContactError::Refused { .. } => Verdict::Down,
            ContactError::Busy { .. } => Verdict::Degraded,
            _ => Verdict::Unknown,
        }
    }

    /// How far the question got: the word of the fact `connection`.
    pub fn connection(&self) -> &'static str {
        match self {
            ContactError::Silent { .. } => "timeout",
            ContactError::Refused { .. } => "refused",
            ContactError::Denied { .. } => "denied",
            ContactError::Busy { .. } => "open",
            ContactError::Unreachable { .. } => "unreachable",
            ContactError::Strange { .. } => "strange",
            ContactError::Secret(_)
            | ContactError::NoAddress(_)
            | ContactError::BadAddress { .. }
            | ContactError::Ours { .. } => "unasked",
        }
    }

    /// Whether it was not even asked, so that this says nothing about it, nor about the network.
    pub fn is_ours(&self) -> bool {
        self.connection() == "unasked"
    }
}

impl Explain for ContactError {
    fn next_step(&self) -> String {
        match self {
            ContactError::Secret(error) => error.next_step(),
            ContactError::NoAddress(name) => format!("give component {name} an address"),
            ContactError::BadAddress { .. } => "correct the address in the plan".to_owned(),
            ContactError::Ours { way_out, .. } => way_out.clone(),
            ContactError::Silent { .. } => {
                "look whether it runs, and whether a firewall lies between; `deadline` gives it longer".to_owned()
            }
            ContactError::Unreachable { .. } => {
                "look whether the address is right, and whether this machine's network and names work".to_owned()
            }
            ContactError::Refused { .. } => "look whether it runs, and whether address and login are right".to_owned(),
            ContactError::Busy { .. } => "wait, or look what keeps it busy".to_owned(),
            ContactError::Denied { .. } => "look whether user, password and grants are right".to_owned(),
            ContactError::Strange { .. } => {
                "look whether the address is right, and whether it speaks TLS or not as the address says".to_owned()
            }
        }
    }
}

/// An address that cannot be understood.
pub fn bad_address(component: &Component, why: &(impl std::fmt::Display + ?Sized)) -> ContactError {
    wrong_at(component.address.as_deref().unwrap_or_default(), component.kind, &why.to_string())
}

/// The same of somewhere that is no component.
pub fn wrong_at(address: &str, kind: Kind, why: &str) -> ContactError {
    ContactError::BadAddress { address: shown(address), kind, why: untrusted(why, Shape::line(200)) }
}

/// What went wrong on the way, with every cause.
pub fn failed(component: &Component, error: &(dyn Error + 'static)) -> ContactError {
    if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return no_tls(component, tls);
    }
    if speaks_no_http(error) {
        return ContactError::strange(component, with_causes(error));
    }
    let is_garbage = |cause: &io::Error| cause.kind() == io::ErrorKind::InvalidData;
    if causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(is_garbage) {
        return ContactError::strange(component, with_causes(error));
    }
    match error.downcast_ref::<ReachError>() {
        Some(way) => no_way(component, way),
        None => failed_at(place(component), error),
    }
}

/// Why there is no way to where it lives. That says nothing about the component itself.
fn no_way(component: &Component, error: &ReachError) -> ContactError {
    let why = error.to_string();
    match error {
        ReachError::Ssh {
            trouble: SshTrouble::Denied | SshTrouble::UnknownHostKey | SshTrouble::ChangedHostKey,
            ..
        } => ContactError::denied(component, why),
        ReachError::NoAnswer { after, .. } => ContactError::silent(component, Span::from(*after)),
        ReachError::Failed(_) => ContactError::strange(component, why),
        ReachError::BadCommand { .. }
        | ReachError::BadPlace { .. }
        | ReachError::NoProgram { .. }
        | ReachError::Spawn { .. }
        | ReachError::Cancelled { .. }
        | ReachError::NoSockets { .. } => ContactError::ours(component, error, error.next_step()),
        _ => ContactError::unreachable(component, why),
    }
}

/// Why no TLS comes about. A certificate that every client refuses makes its system down; one that nobody here
/// trusts says nothing about it.
pub fn no_tls(component: &Component, error: &rustls::Error) -> ContactError {
    use rustls::CertificateError::{
        Expired, ExpiredContext, NotValidForName, NotValidForNameContext, NotValidYet, NotValidYetContext,
        UnknownIssuer,
    };
    match error {
        rustls::Error::InvalidMessage(_) => ContactError::strange(component, "it does not speak TLS there"),
        rustls::Error::InvalidCertificate(flaw) => match flaw {
            Expired | ExpiredContext { .. } | NotValidYet | NotValidYetContext { .. } => {
                refusal(component, &format!("its certificate is not good now, and clients refuse it ({flaw})"))
            }
            NotValidForName | NotValidForNameContext { .. } => {
                refusal(component, &format!("its certificate is for others, and clients refuse it ({flaw})"))
            }
            UnknownIssuer => ContactError::strange(component, "this machine does not trust who signed its certificate"),
            flaw => ContactError::strange(component, format!("its certificate is of no use: {}", flaw_words(flaw))),
        },
        error => ContactError::strange(component, format!("no TLS comes about: {error}")),
    }
}

/// The same of somewhere that is no component.
pub fn failed_at(address: &str, error: &(dyn Error + 'static)) -> ContactError {
    let (address, why) = (shown(address), said(with_causes(error)));
    match fault(error) {
        Fault::Theirs => ContactError::Refused { address, why },
        Fault::Network => ContactError::Unreachable { address, why },
        Fault::Ours(way_out) => ContactError::Ours { address, why, way_out: way_out.to_owned() },
    }
}

/// What it said instead of an answer.
pub fn refusal(component: &Component, why: &str) -> ContactError {
    refusal_at(place(component), why)
}

/// The same from somewhere that is no component.
pub fn refusal_at(address: &str, why: &str) -> ContactError {
    ContactError::Refused { address: shown(address), why: said(why) }
}

/// A sentence of somebody else's, without its full stop.
fn said(why: impl AsRef<[u8]>) -> String {
    let mut said = untrusted(why, Shape::line(300));
    if said.ends_with('.') && !said.ends_with("...") {
        said.pop();
    }
    said
}

fn place(component: &Component) -> &str {
    component.address.as_deref().unwrap_or(&component.name)
}

/// An address without a password that should not be in it.
pub fn shown(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let shown = if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") };
    untrusted(shown, Shape::line(120))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict_of(error: &io::Error) -> Verdict {
        failed_at("10.0.0.1:5432", error).verdict()
    }

    #[test]
    fn who_refuses_is_down_and_who_cannot_be_reached_is_unknown() {
        assert_eq!(verdict_of(&io::ErrorKind::ConnectionRefused.into()), Verdict::Down);
        assert_eq!(verdict_of(&io::ErrorKind::ConnectionReset.into()), Verdict::Down);
        assert_eq!(verdict_of(&io::ErrorKind::UnexpectedEof.into()), Verdict::Down);
        assert_eq!(verdict_of(&io::ErrorKind::HostUnreachable.into()), Verdict::Unknown);
        assert_eq!(verdict_of(&io::ErrorKind::TimedOut.into()), Verdict::Unknown);
        assert_eq!(verdict_of(&io::Error::other("failed to lookup address information: x")), Verdict::Unknown);
        let wrapped = io::Error::other(io::Error::from(io::ErrorKind::NetworkUnreachable));
        assert_eq!(verdict_of(&wrapped), Verdict::Unknown);
    }

    #[test]
    fn what_is_wrong_here_says_nothing_about_others() {
        let too_many_files = io::Error::from_raw_os_error(24);
        for (error, way_out) in [
            (too_many_files, "files"),
            (io::ErrorKind::NotFound.into(), "this machine"),
            (io::ErrorKind::PermissionDenied.into(), "this user"),
            (io::ErrorKind::AddrNotAvailable.into(), "address"),
            (io::Error::other("authority /etc/ca.pem: there is no certificate in it"), "this machine"),
        ] {
            let wrapped = failed_at("10.0.0.1:5432", &io::Error::other(error));
            assert_eq!((wrapped.verdict(), wrapped.connection()), (Verdict::Unknown, "unasked"), "{wrapped:?}");
            assert!(wrapped.next_step().contains(way_out), "{}", wrapped.next_step());
        }
    }

    #[test]
    fn a_certificate_that_all_refuse_is_down_and_one_that_we_do_not_trust_is_unknown() {
        let component: Component = toml::from_str("name='db'\nkind='postgres'\naddress='db'").unwrap();
        let verdict = |flaw: rustls::CertificateError| {
            let wrapped = io::Error::other(rustls::Error::InvalidCertificate(flaw));
            failed(&component, &wrapped).verdict()
        };
        assert_eq!(verdict(rustls::CertificateError::Expired), Verdict::Down);
        assert_eq!(verdict(rustls::CertificateError::NotValidForName), Verdict::Down);
        assert_eq!(verdict(rustls::CertificateError::UnknownIssuer), Verdict::Unknown);
    }

    #[test]
    fn an_address_is_told_without_its_password() {
        assert_eq!(shown("postgresql://me:secret@db:5432/x"), "postgresql://db:5432/x");
        assert_eq!(shown("me:secret@db"), "db");
    }
}
