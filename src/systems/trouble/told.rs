//! From what went wrong to what is told of it.

use std::error::Error;
use std::io;

use super::ContactError;
use crate::plan::types::{Component, Kind};
use crate::reach::{ReachError, SshTrouble};
use crate::systems::fault::{Fault, fault, speaks_no_http};
use crate::systems::tls::flaw_words;
use crate::text::{Explain, Shape, Span, causes, untrusted, with_causes};

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
pub(super) fn said(why: impl AsRef<[u8]>) -> String {
    let mut said = untrusted(why, Shape::line(300));
    if said.ends_with('.') && !said.ends_with("...") {
        said.pop();
    }
    said
}

pub(super) fn place(component: &Component) -> &str {
    component.address.as_deref().unwrap_or(&component.name)
}

/// An address without a password that should not be in it.
pub fn shown(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let shown = if scheme.is_empty() { host.to_owned() } else { format!("{scheme}://{host}") };
    untrusted(shown, Shape::line(120))
}
