//! What a server's refusal means: down, degraded, or nothing that can be told.

use std::io;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use super::session::Session;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::systems::probe::Told;
use crate::systems::reading::{Facts, Reason};
use crate::systems::trouble::{ContactError, failed, refusal};
use crate::systems::wire::Allowance;
use crate::text::{Shape, causes, untrusted, with_causes};

/// With what an answer of Redis begins.
const BEGINNINGS: &[u8] = b"+-:$*_,#!=(%~>|";
/// With what TLS begins: an alert, a handshake.
const TLS: [[u8; 2]; 2] = [[0x15, 0x03], [0x16, 0x03]];

/// Why nothing more was learnt: there was no answer, or one that says all there is to say.
pub enum Failure {
    /// There was no answer.
    Error(ContactError),
    /// The refusal itself tells facts.
    Told(Box<Told>),
}

impl From<ContactError> for Failure {
    fn from(error: ContactError) -> Failure {
        Failure::Error(error)
    }
}

impl Failure {
    /// As an error, where only that is of use.
    pub fn into_error(self, component: &Component) -> ContactError {
        match self {
            Failure::Error(error) => error,
            Failure::Told(told) => {
                ContactError::busy(component, told.reasons.first().map_or("", |reason| &reason.sentence))
            }
        }
    }
}

/// Somebody else's text inside a sentence of ours.
pub fn quoted(text: &str) -> String {
    untrusted(text, Shape::line(120))
}

/// Whether the connection is of no use any more, so that another one may fare better.
pub fn is_dead(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped()
}

/// Why a question failed.
pub fn asking(component: &Component, error: &RedisError, session: &Session) -> Failure {
    login(component, error, &session.allowance)
}

/// Why getting in failed.
pub fn login(component: &Component, error: &RedisError, allowance: &Allowance) -> Failure {
    let strange = |why: String| Failure::from(ContactError::strange(component, why));
    if allowance.is_spent() {
        return strange(allowance.complaint());
    }
    let mut of_reading = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    if let Some(refused) = of_reading.find(|cause| cause.kind() == io::ErrorKind::InvalidData) {
        return strange(refused.to_string());
    }
    // Who refuses a connection says so and hangs up; the library then tells of the hanging up.
    let first = allowance.first_words();
    if error.is_io_error() || error.kind() == ErrorKind::Parse {
        if TLS.iter().any(|beginning| first.starts_with(beginning)) {
            return strange("it speaks TLS, and the address does not say so (rediss://)".to_owned());
        }
        if let Some(line) = first.strip_prefix(b"-").and_then(|rest| rest.split(|byte| *byte == b'\r').next()) {
            return refused(component, &String::from_utf8_lossy(line));
        }
        if first.first().is_some_and(|byte| !BEGINNINGS.contains(byte)) {
            return strange(format!("it says {}", untrusted(&first, Shape::line(60))));
        }
    }
    match error.kind() {
        ErrorKind::AuthenticationFailed => ContactError::denied(component, words(error)).into(),
        ErrorKind::Server(_) | ErrorKind::Extension => refused(component, &words(error)),
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType | ErrorKind::RESP3NotSupported => {
            strange(with_causes(error))
        }
        _ if error.is_io_error() && !first.is_empty() => strange("it hangs up in the middle of an answer".to_owned()),
        _ => failed(component, error).into(),
    }
}

/// What the server said, with its code.
fn words(error: &RedisError) -> String {
    match (error.code(), error.detail()) {
        (Some(code), Some(detail)) => format!("{code} {detail}"),
        (Some(code), None) => code.to_owned(),
        (None, Some(detail)) => detail.to_owned(),
        (None, None) => error.to_string(),
    }
}

/// What a line that begins with the code of an error says.
fn refused(component: &Component, line: &str) -> Failure {
    let (code, detail) = line.split_once(' ').unwrap_or((line, ""));
    match code {
        "NOAUTH" => ContactError::denied(component, "it asks for a password").into(),
        "WRONGPASS" | "NOPERM" => ContactError::denied(component, detail).into(),
        "DENIED" => {
            ContactError::denied(component, "it is in protected mode: no password, and only local clients").into()
        }
        "LOADING" => ContactError::busy(component, "it loads its data").into(),
        "BUSY" => ContactError::busy(component, "it is busy with a script").into(),
        "ERR" if detail.starts_with("max number of clients") => too_many_clients(),
        "ERR" if detail.contains("AUTH") => ContactError::denied(component, detail).into(),
        "ERR" if detail.starts_with("Protocol error") => ContactError::strange(component, detail).into(),
        _ => refusal(component, line).into(),
    }
}

fn too_many_clients() -> Failure {
    let mut facts = Facts::default();
    facts.set("clients", Value::Share(100.0));
    let reason = Reason::of_fact(Verdict::Degraded, "clients", "it has too many clients, and takes no other");
    Failure::Told(Box::new(Told { facts, reasons: vec![reason], ..Told::default() }))
}

/// Whether a question was refused because this login may not ask it, or nobody may.
pub fn is_forbidden(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm)
        || error.detail().is_some_and(|detail| detail.starts_with("unknown command"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(line: &str) -> (Verdict, String) {
        let component = toml::from_str("name='r'\nkind='redis'\naddress='redis://10.0.0.1:6379'").unwrap();
        match refused(&component, line) {
            Failure::Error(error) => (error.verdict(), error.to_string()),
            Failure::Told(told) => (told.reasons[0].verdict, told.reasons[0].sentence.clone()),
        }
    }

    #[test]
    fn a_refusal_says_what_it_means() {
        assert_eq!(verdict("NOAUTH Authentication required.").0, Verdict::Unknown);
        assert_eq!(verdict("LOADING Redis is loading the dataset in memory").0, Verdict::Degraded);
        assert_eq!(verdict("BUSY Redis is busy running a script.").0, Verdict::Degraded);
        let full = "it has too many clients, and takes no other".to_owned();
        assert_eq!(verdict("ERR max number of clients reached"), (Verdict::Degraded, full));
        let (down, said) = verdict("ERR \x1b[2J");
        assert_eq!((down, said.as_str()), (Verdict::Down, r"redis://10.0.0.1:6379: ERR \x1b[2J"));
    }
}
