//! Why there was no answer, and what that says about the system: that it is down, or that nothing can be told.

mod told;

use std::error::Error;

pub use self::told::{bad_address, failed, failed_at, no_tls, refusal, refusal_at, shown, wrong_at};
use self::told::{place, said};
use crate::plan::facts::Verdict;
use crate::plan::types::{Component, Kind};
use crate::reach::SecretError;
use crate::text::{Explain, Redactor, Span, with_causes};

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

#[cfg(test)]
mod tests;
