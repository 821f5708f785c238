//! Why nothing was taken, or what was taken is not kept.

use std::io;

use crate::plan::types::{Component, Kind, Method};
use crate::reach::ReachError;
use crate::systems::deposit::Left;
use crate::systems::trouble::ContactError;
use crate::text::{Exit, Explain, Redactor, Shape, untrusted};
use crate::vault::KeepError;

/// Why nothing was taken, or what was taken is not kept.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The system did not answer, or not as it should.
    #[error(transparent)]
    Contact(#[from] ContactError),
    /// A command did not get there, or failed.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// Nothing of this kind can be taken so.
    #[error("{component}: of {kind} nothing can be taken by the method {method}")]
    NotOffered {
        /// The component.
        component: String,
        /// What it is.
        kind: Kind,
        /// How the plan wants it taken.
        method: String,
    },
    /// The plan does not say enough.
    #[error("{component}: {why}")]
    Plan {
        /// The component.
        component: String,
        /// What is missing.
        why: String,
        /// What to write.
        next: &'static str,
    },
    /// The system does not hand it over now.
    #[error("{component}: {why}")]
    Refused {
        /// The component.
        component: String,
        /// What it said.
        why: String,
        /// What to do about it.
        next: &'static str,
    },
    /// What came is not whole, or not what it should be.
    #[error("what {component} handed over cannot be restored from: {why}")]
    Flawed {
        /// The component.
        component: String,
        /// What is wrong with it.
        why: String,
    },
    /// It came, and was not kept.
    #[error("{component}: its {what} was not kept: {why}")]
    NotKept {
        /// The component.
        component: String,
        /// Which part.
        what: &'static str,
        /// What the stores say.
        why: String,
    },
    /// It is not kept, and what its system has of it may be there still.
    #[error("{error}; {left}")]
    Left {
        /// Why it is not kept.
        error: Box<TakeError>,
        /// What may be there.
        left: Left,
    },
    /// Somebody called it off.
    #[error("{component}: it was called off")]
    CalledOff {
        /// The component.
        component: String,
    },
    /// Something on this machine stands in the way.
    #[error("{0}")]
    Ours(String),
}

impl TakeError {
    /// The plan does not say enough.
    pub fn plan(component: &Component, why: impl Into<String>, next: &'static str) -> TakeError {
        TakeError::Plan { component: component.name.clone(), why: why.into(), next }
    }

    /// It does not hand it over; the words may be its own.
    pub fn refused(component: &Component, why: impl AsRef<[u8]>, next: &'static str) -> TakeError {
        TakeError::Refused { component: component.name.clone(), why: untrusted(why, Shape::line(400)), next }
    }

    /// What came is not whole.
    pub fn flawed(name: &str, why: impl std::fmt::Display) -> TakeError {
        TakeError::Flawed { component: name.to_owned(), why: untrusted(why.to_string(), Shape::line(400)) }
    }

    /// Nothing of this kind can be taken so.
    pub fn not_offered(component: &Component, method: Option<Method>) -> TakeError {
        let word = method.and_then(|method| serde_json::to_value(method).ok());
        let word = word.as_ref().and_then(serde_json::Value::as_str).unwrap_or("none").to_owned();
        TakeError::NotOffered { component: component.name.clone(), kind: component.kind, method: word }
    }

    /// Something here stands in the way.
    pub fn ours(why: impl std::fmt::Display) -> TakeError {
        TakeError::Ours(untrusted(why.to_string(), Shape::line(400)))
    }

    /// Why a part was not kept. What went wrong while it was made is told as it was found.
    pub fn not_kept(component: &Component, what: &'static str, error: KeepError) -> TakeError {
        let component = component.name.clone();
        let why = match error {
            KeepError::CalledOff => return TakeError::CalledOff { component },
            KeepError::Source(error) => match error.downcast::<TakeError>() {
                Ok(own) => return own,
                Err(error) => untrusted(error.to_string(), Shape::line(400)),
            },
            other @ KeepError::Nowhere(_) => untrusted(other.to_string(), Shape::line(400)),
        };
        TakeError::NotKept { component, what, why }
    }

    /// The same without any secret in what was said.
    #[must_use]
    pub fn redacted(self, redactor: &Redactor) -> TakeError {
        match self {
            TakeError::Contact(error) => TakeError::Contact(error.redacted(redactor)),
            TakeError::Refused { component, why, next } => {
                TakeError::Refused { component, why: redactor.redact(&why).into_owned(), next }
            }
            TakeError::Flawed { component, why } => {
                TakeError::Flawed { component, why: redactor.redact(&why).into_owned() }
            }
            TakeError::NotKept { component, what, why } => {
                TakeError::NotKept { component, what, why: redactor.redact(&why).into_owned() }
            }
            TakeError::Left { error, left } => {
                let why = redactor.redact(&left.why).into_owned();
                TakeError::Left { error: Box::new(error.redacted(redactor)), left: Left { why, ..left } }
            }
            other => other,
        }
    }
}

impl From<TakeError> for io::Error {
    fn from(error: TakeError) -> io::Error {
        io::Error::other(error)
    }
}

impl Explain for TakeError {
    fn next_step(&self) -> String {
        match self {
            TakeError::Contact(error) => error.next_step(),
            TakeError::Reach(error) => error.next_step(),
            TakeError::NotOffered { .. } => "name another method in the plan's job".to_owned(),
            TakeError::Plan { next, .. } | TakeError::Refused { next, .. } => (*next).to_owned(),
            TakeError::Flawed { .. } => {
                "take it again; if that fails too, look at its log, its disk and the network between".to_owned()
            }
            TakeError::NotKept { .. } => "look whether the stores answer and have room, then take it again".to_owned(),
            TakeError::Left { error, left } => format!("{}; {}", error.next_step(), left.next_step()),
            TakeError::CalledOff { .. } => "nothing was kept of it; take it again when you want it".to_owned(),
            TakeError::Ours(_) => "look at this machine's disk, memory and permissions, then take it again".to_owned(),
        }
    }

    fn exit(&self) -> Exit {
        match self {
            TakeError::NotOffered { .. } | TakeError::Plan { .. } => Exit::Usage,
            TakeError::CalledOff { .. } => Exit::Interrupted,
            TakeError::Reach(error) => error.exit(),
            TakeError::Left { error, .. } => error.exit(),
            _ => Exit::Failed,
        }
    }
}
