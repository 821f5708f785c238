//! What a server's refusal means: down, degraded, or nothing that can be told.

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use super::session::Session;
use crate::plan::facts::{Value, Verdict};
use crate::plan::types::Component;
use crate::systems::probe::Told;
use crate::systems::reading::{Facts, Reason};
use crate::systems::trouble::{ContactError, failed, refusal};
use crate::systems::wire::Allowance;
use crate::text::{Shape, causes, untrusted, with_causes};

/// With what a server begins: whether it speaks TLS, a greeting, an error.
const FIRST: &[u8] = b"SNRE";

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
            Failure::Told(told) => match told.reasons.first() {
                Some(reason) if reason.verdict == Verdict::Down => refusal(component, &reason.sentence),
                reason => ContactError::busy(component, reason.map_or("", |reason| &reason.sentence)),
            },
        }
    }
}

/// Somebody else's text inside a sentence of ours.
pub fn quoted(text: &str) -> String {
    untrusted(text, Shape::line(120))
}

/// Why a login failed.
pub fn login(component: &Component, database: &str, error: &Error, allowance: &Allowance) -> Failure {
    let first = allowance.first_words();
    match error.as_db_error() {
        Some(said) => refused(component, database, said),
        None if first.first().is_some_and(|byte| !FIRST.contains(byte)) => {
            ContactError::strange(component, format!("it says {}", untrusted(&first, Shape::line(60)))).into()
        }
        None => connection(component, error, allowance).into(),
    }
}

/// Why a question failed on a login that had worked.
pub fn asking(component: &Component, database: &str, error: &Error, session: &Session) -> Failure {
    match error.as_db_error() {
        Some(said) => refused(component, database, said),
        None => connection(component, error, &session.allowance).into(),
    }
}

/// The same where only an error is of use.
pub fn contact(component: &Component, error: &Error, session: &Session) -> ContactError {
    match error.as_db_error() {
        Some(said) => refusal(component, said.message()),
        None => connection(component, error, &session.allowance),
    }
}

/// Whether the connection is of no use any more, so that another one may fare better.
pub fn is_dead(error: &Error) -> bool {
    match error.as_db_error() {
        Some(said) => {
            let ended = [&SqlState::ADMIN_SHUTDOWN, &SqlState::CRASH_SHUTDOWN, &SqlState::IDLE_SESSION_TIMEOUT];
            ended.contains(&said.code()) || said.code().code().starts_with("08")
        }
        None => true,
    }
}

fn refused(component: &Component, database: &str, said: &DbError) -> Failure {
    let message = said.message();
    let busy = |why: String| Failure::Error(ContactError::busy(component, why));
    match said.code().code() {
        "53300" => too_many_clients(message),
        "57P03" => busy(not_yet(message)),
        "57P01" | "57P02" => busy(format!("it is being shut down: {message}")),
        "53200" | "57014" | "55P03" => busy(format!("it cannot answer now: {message}")),
        "42501" => ContactError::denied(component, message).into(),
        "3D000" => no_database(database),
        // So a pooler says everything.
        "08P01" if message.contains("no such database") => no_database(database),
        "08P01" if message.contains("no more connections allowed") => too_many_clients(message),
        "08P01" if message.contains("login has been failing") || message.contains("cannot connect") => {
            refusal(component, &format!("the pooler in between cannot reach it: {message}")).into()
        }
        "08P01" | "0A000" => ContactError::strange(component, message).into(),
        code if code.starts_with("28") => ContactError::denied(component, message).into(),
        code => match damage(code) {
            Some(damage) => Failure::Told(Box::new(damaged(damage, Verdict::Down, message))),
            None => refusal(component, message).into(),
        },
    }
}

fn too_many_clients(message: &str) -> Failure {
    let sentence = format!("it has too many clients: {}", quoted(message));
    told(Verdict::Degraded, ("connections", Value::Share(100.0)), sentence)
}

fn no_database(name: &str) -> Failure {
    let sentence = format!("there is no database {}", quoted(name));
    told(Verdict::Down, ("database", Value::word("missing")), sentence)
}

/// Why it does not take connections yet, or any more.
fn not_yet(message: &str) -> String {
    let known = [
        ("starting up", "it is starting up"),
        ("shutting down", "it is shutting down"),
        ("in recovery mode", "it recovers from a crash"),
        ("not yet accepting", "it replays its log and does not take connections yet"),
        ("not accepting", "it does not take connections"),
    ];
    let sentence = known.iter().find(|(words, _)| message.contains(words)).map(|(_, sentence)| *sentence);
    sentence.map_or_else(|| format!("it does not take connections now: {message}"), str::to_owned)
}

fn told(verdict: Verdict, (fact, value): (&'static str, Value), sentence: String) -> Failure {
    let mut facts = Facts::default();
    facts.set(fact, value);
    let reasons = vec![Reason::of_fact(verdict, fact, sentence)];
    Failure::Told(Box::new(Told { facts, reasons, ..Told::default() }))
}

/// What an error says about what lies on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It cannot read or write its files.
    Storage,
    /// A page of a table is not what it should be.
    Page,
    /// An index is not what it should be.
    Index,
}

/// The damage that an SQLSTATE tells of.
pub fn damage(code: &str) -> Option<Damage> {
    match code {
        "58030" | "53100" | "58P01" => Some(Damage::Storage),
        "XX001" => Some(Damage::Page),
        "XX002" => Some(Damage::Index),
        _ => None,
    }
}

/// What is told when the server reports damage.
pub fn damaged(damage: Damage, verdict: Verdict, message: &str) -> Told {
    let mut told = Told::default();
    told.facts.set("storage", Value::word("failed"));
    let sentence = match damage {
        Damage::Storage => format!("its storage fails: {}", quoted(message)),
        Damage::Page | Damage::Index => {
            told.facts.set("integrity", Value::word("failed"));
            format!("its files are damaged: {}", quoted(message))
        }
    };
    told.reasons.push(Reason::of_fact(verdict, "storage", sentence));
    told
}

/// What a connection that failed says.
fn connection(component: &Component, error: &Error, allowance: &Allowance) -> ContactError {
    let text = with_causes(error);
    let strange = |why: &str| ContactError::strange(component, why);
    if allowance.is_spent() {
        return strange(&allowance.complaint());
    }
    if text.contains("password missing") {
        return ContactError::denied(component, "it asks for a password, and the plan gives none");
    }
    if text.contains("server does not support TLS") {
        return strange("it does not speak TLS, and the address asks for it");
    }
    if text.starts_with("authentication error") {
        return ContactError::denied(component, text);
    }
    let garbled = ["unexpected message", "error parsing", "error performing TLS"];
    let io = causes(error).find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind);
    let is_garbled = garbled.iter().any(|start| text.starts_with(start));
    let is_garbage = matches!(io, Some(std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput));
    // A server that ends says why; only what is no such server talks and hangs up in the middle of a word. A single
    // byte is its word on TLS.
    let hung_up = error.is_closed() || io == Some(std::io::ErrorKind::UnexpectedEof);
    if (is_garbled && io != Some(std::io::ErrorKind::ConnectionReset)) || is_garbage {
        return strange(&text);
    }
    if text.contains("bytes remaining on stream") || (hung_up && allowance.taken() > 1) {
        return strange("it hangs up in the middle of an answer");
    }
    failed(component, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_not_ready_says_why() {
        assert_eq!(not_yet("the database system is starting up"), "it is starting up");
        assert_eq!(not_yet("the database system is shutting down"), "it is shutting down");
        assert_eq!(not_yet("the database system is in recovery mode"), "it recovers from a crash");
        assert_eq!(
            not_yet("das Datenbanksystem startet"),
            "it does not take connections now: das Datenbanksystem startet"
        );
    }

    #[test]
    fn damage_is_told_from_trouble() {
        assert_eq!(damage("58030"), Some(Damage::Storage));
        assert_eq!(damage("XX002"), Some(Damage::Index));
        assert_eq!(damage("42P01"), None);
        let told = damaged(Damage::Page, Verdict::Degraded, "invalid page in block 0\x1b[2J");
        assert_eq!(told.facts.get("integrity"), Some(&Value::word("failed")));
        assert_eq!(told.reasons[0].sentence, r"its files are damaged: invalid page in block 0\x1b[2J");
    }
}
